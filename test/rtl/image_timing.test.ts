import { describe, expect, it } from 'vitest';
import { Register } from '../../gen/schedule/cycles/clock.ts';
import { ImageUnit } from '../../gen/schedule/cycles/image-unit.ts';
import { runBench } from './harness/bench.ts';
import { below, type Job, job, NO_PADS, random, readyAhead, streams, vectorsOf } from './image-jobs.ts';

const ROWS = 9;
const POS_BITS = 9; // the counts wrap round

interface Lanes {
  readonly PixLanes: number;
  readonly PackLanes: 1 | 2;
}

interface Rates {
  /** Cycles without a word or configuration on offer, of those in which none waits. */
  readonly gapPercent: number;
  readonly stallPercent: number;
  readonly freePercent: number;
}

/** By cycle; every input of the unit that its timing depends on. */
interface Inputs {
  readonly wordValid: boolean[];
  readonly configValid: boolean[];
  readonly writeBusy: boolean[];
  readonly freed: number[];
}

/** By cycle. */
interface Trace {
  readonly wordTaken: boolean[];
  readonly configReady: boolean[];
  readonly written: number[];
  readonly packed: number[];
}

/** Packs the same image several times in the RTL, and records what goes in and what comes out. */
async function runRtl({ PixLanes, PackLanes }: Lanes, jobs: readonly Job[], rates: Rates) {
  const [{ outWidth, outHeight }] = jobs;
  const total = jobs.length * Math.ceil((outWidth * outHeight) / PixLanes);
  const inputs: Inputs = { wordValid: [], configValid: [], writeBusy: [], freed: [] };
  const trace: Trace = { wordTaken: [], configReady: [], written: [], packed: [] };
  const chance = (percent: number) => random.uniform() * 100 < percent;
  let freed = 0;
  let packed = 0;
  let quiet = 0;
  const writeReady = readyAhead();
  await runBench({
    module: 'image_unit',
    parameters: { PixLanes, PackLanes, PosBits: POS_BITS, MapAddrBits: 9, MaxSide: 256, Rows: ROWS },
    sources: streams(jobs, rates.gapPercent),
    react: {
      observe: [
        ...['cfg_valid_i', 'cfg_ready_o', 'word_valid_i', 'word_ready_o'],
        ...['write_valid_o', 'write_ready_i', 'packed_o'],
      ],
      drive: ['freed_i', 'write_ready_i', 'ready_next_i'],
      step: (seen) => {
        inputs.wordValid.push(seen.word_valid_i === 1n);
        inputs.configValid.push(seen.cfg_valid_i === 1n);
        inputs.writeBusy.push(seen.write_ready_i === 0n);
        inputs.freed.push(freed);
        trace.wordTaken.push(seen.word_valid_i === 1n && seen.word_ready_o === 1n);
        trace.configReady.push(seen.cfg_ready_o === 1n);
        const lanes = seen.write_ready_i === 1n ? Number(seen.write_valid_o) : 0;
        trace.written.push((lanes & 1) + (lanes >> 1));
        packed += (Number(seen.packed_o) - packed) & (2 ** POS_BITS - 1);
        trace.packed.push(packed);
        if (chance(rates.freePercent) && freed < packed) freed += 1 + below(packed - freed);
        quiet = freed === total ? quiet + 1 : 0;
        if (quiet > 40) return null;
        return { freed_i: freed % 2 ** POS_BITS, ...writeReady(!chance(rates.stallPercent)) };
      },
    },
    cycles: 200_000,
  });
  expect(packed).toBe(total);
  return { inputs, trace };
}

/** The same of the model, which is woken only when an input changes. */
function runModel({ PixLanes, PackLanes }: Lanes, { kernel, groups, ...image }: Job, inputs: Inputs) {
  const cycles = inputs.freed.length;
  const trace: Trace = { wordTaken: [], configReady: [], written: [], packed: [] };
  const freed = new Register();
  const packed = new Register();
  let taken = -1;
  let acted = 0;
  const shape = { ...image, kernel, vectors: vectorsOf(kernel), bufferBase: 0, bufferGroups: groups };
  const unit = new ImageUnit({
    geometry: { pixelLanes: PixLanes, packLanes: PackLanes, imageRows: ROWS },
    words: {
      available: (cycle) => inputs.wordValid[cycle] ?? false,
      take: (cycle) => {
        taken = cycle;
      },
    },
    writeBusy: (cycle) => inputs.writeBusy[cycle],
    freed,
    packed,
  });
  for (let cycle = 0; cycle < cycles; cycle++) {
    const ready = unit.configReady(cycle);
    trace.configReady.push(ready);
    if (ready && inputs.configValid[cycle]) unit.start(cycle, shape);
    if (inputs.wordValid[cycle] && !inputs.wordValid[cycle - 1]) unit.wake(cycle);
    if (cycle > 0 && inputs.freed[cycle] !== inputs.freed[cycle - 1]) {
      freed.set(inputs.freed[cycle], cycle);
      unit.wake(cycle);
    }
    // The map reader knows of it in the next cycle.
    trace.packed.push(packed.at(cycle + 1));
    const { written } = unit;
    if (unit.due === cycle) {
      unit.turn();
      acted++;
    }
    trace.written.push(unit.written - written);
    trace.wordTaken.push(taken === cycle);
  }
  return { trace, acted, unit };
}

/** Where two traces differ first. */
function firstDifference(a: Trace, b: Trace): string {
  for (let cycle = 0; cycle < a.packed.length; cycle++) {
    for (const name of ['wordTaken', 'configReady', 'written', 'packed'] as const) {
      if (a[name][cycle] !== b[name][cycle]) {
        return `${name} in cycle ${cycle}: RTL ${a[name][cycle]}, model ${b[name][cycle]}`;
      }
    }
  }
  return 'none';
}

const repeat = (count: number, one: () => Job) => Array.from({ length: count }, one);
const IMAGES: Record<string, () => Job> = {
  '3x3/2': () => job([64, 33], [3, 2], NO_PADS, [0, 40]),
  '3x3/2 padded': () => job([57, 30], [3, 2], [1, 1, 1, 1], [0, 12]),
  '3x3/1': () => job([35, 18], [3, 1], [1, 0, 1, 2], [0, 30]),
  '7x7/2': () => job([51, 31], [7, 2], NO_PADS, [0, 12]),
  '7x7/2 padded': () => job([50, 33], [7, 2], [3, 2, 3, 3], [0, 20]),
  '5x5/1 narrow': () => job([9, 12], [5, 1], [4, 4, 0, 0], [0, 9]),
  '5x5/2 of narrow rows': () => job([8, 19], [5, 2], [2, 0, 2, 0], [0, 9]),
  '3x3/2 of the fewest columns': () => job([5, 20], [3, 2], NO_PADS, [0, 9]),
  '1x1/2 of the fewest columns': () => job([5, 20], [1, 2], NO_PADS, [0, 9]),
  '1x1/2': () => job([43, 17], [1, 2], NO_PADS, [0, 40]),
  '1x1/2 with rows left over': () => job([22, 18], [1, 2], NO_PADS, [0, 9]),
};
const ALL_RATES: readonly Rates[] = [
  { gapPercent: 0, stallPercent: 0, freePercent: 100 },
  { gapPercent: 20, stallPercent: 20, freePercent: 30 },
  { gapPercent: 70, stallPercent: 50, freePercent: 2 },
];

describe.each<Lanes>([
  { PixLanes: 1, PackLanes: 1 },
  { PixLanes: 3, PackLanes: 1 },
  { PixLanes: 4, PackLanes: 2 },
  { PixLanes: 5, PackLanes: 2 },
  { PixLanes: 8, PackLanes: 2 },
])('image_unit with $PixLanes pixel lanes, $PackLanes packing', (lanes) => {
  it.each(Object.keys(IMAGES))('takes the cycles of its model: %s', async (name) => {
    for (const rates of ALL_RATES) {
      const jobs = repeat(3, IMAGES[name]);
      const rtl = await runRtl(lanes, jobs, rates);
      const model = runModel(lanes, jobs[0], rtl.inputs);
      expect({ rates, differs: firstDifference(rtl.trace, model.trace) }).toEqual({ rates, differs: 'none' });
    }
  });
});

it('sleeps while its model has nothing to do', () => {
  const lanes: Lanes = { PixLanes: 4, PackLanes: 2 };
  const cycles = 4000;
  const every = <T>(value: (cycle: number) => T) =>
    Array.from({ length: cycles }, (_, cycle) => value(cycle));
  const { acted, unit } = runModel(lanes, IMAGES['3x3/2'](), {
    wordValid: every((cycle) => cycle % 50 === 0),
    configValid: every((cycle) => cycle === 0),
    writeBusy: every(() => false),
    freed: every(() => 0),
  });
  expect(acted).toBeLessThan(cycles / 4);
  expect(unit.lacksRows.cycles(cycles - 1, cycles)).toBe(1);
});
