import { describe, expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import {
  type ArrayGeometry,
  type ArraySchedule,
  below,
  biasedSum,
  drawRun,
  type Flavour,
  type Run,
  requantized,
  scheduleRuns,
} from './array-runs.ts';
import { runBench } from './harness/bench.ts';
import { fromBytes, toBytes, type Values } from './harness/ports.ts';

const noise = (random: Prng, bytes: number) =>
  fromBytes(Uint8Array.from({ length: bytes }, () => below(random, 256)));

/** The array's inputs, cycle by cycle; noise wherever nothing valid enters. */
function stimulus(
  random: Prng,
  geometry: ArrayGeometry,
  runs: readonly Run[],
  schedule: ArraySchedule,
): Values[] {
  const { OutLanes, PixLanes } = geometry;
  return Array.from({ length: schedule.cycles }, (_, cycle): Values => {
    const entry = schedule.entries.get(cycle);
    const beat = schedule.beats.get(cycle);
    const token = schedule.tokens.get(cycle);
    const run = entry && runs[entry.run];
    return {
      x_valid_i: entry ? 1 : 0,
      x_data_i: entry
        ? fromBytes(Uint8Array.from(run!.pixels[entry.tile][entry.group].flat()))
        : noise(random, 16 * PixLanes),
      x_swap_i: entry ? Number(entry.swap) : below(random, 2),
      x_first_i: entry ? Number(entry.tile === 0) : below(random, 2),
      x_last_i: entry ? Number(entry.tile === run!.weights.length - 1) : below(random, 2),
      x_bank_i: entry ? entry.run % 3 : below(random, 3),
      x_group_i: entry?.group ?? below(random, geometry.AccDepth),
      w_valid_i: beat ? 1 : 0,
      w_param_i: beat ? Number(beat.param) : below(random, 2),
      w_index_i: beat?.index ?? below(random, 64),
      w_slot_i: beat?.slot ?? below(random, 4),
      w_data_i: beat ? fromBytes(beat.data) : noise(random, OutLanes),
      d_valid_i: token ? 1 : 0,
      d_bank_i: token ? token.run % 3 : below(random, 3),
      d_group_i: token?.group ?? below(random, geometry.AccDepth),
      d_slot_i: token ? token.run % 4 : below(random, 4),
    };
  });
}

const finalLatency = ({ MultiplierBits }: ArrayGeometry) => (MultiplierBits === 27 ? 11 : 8);

function drawRuns(random: Prng, geometry: ArrayGeometry, count: number): Run[] {
  const flavours: Flavour[] = ['random', 'random', 'extreme', 'highest', 'lowest'];
  return Array.from({ length: count }, (_, r) => {
    const flavour = flavours[below(random, flavours.length)];
    const groups = 1 + below(random, geometry.AccDepth);
    return drawRun(random, geometry, groups, r % 2 === 0 ? 1 : 1 + below(random, 4), flavour);
  });
}

async function check(geometry: ArrayGeometry, runs: readonly Run[], gapPercent: number, seed: number) {
  const random = new Prng(seed);
  const { OutLanes, PixLanes } = geometry;
  const columns = Math.ceil(OutLanes / 2);
  const phases = Math.min(OutLanes, 2);
  const schedule = scheduleRuns(random, geometry, runs, finalLatency(geometry), gapPercent);
  const result = await runBench({
    module: 'systolic_array',
    parameters: { ...geometry },
    drive: stimulus(random, geometry, runs, schedule),
    sinks: [{ valid: 'y_valid_o', fields: ['y_data_o'], expect: schedule.tokens.size }],
    probes: ['final_o', 'tap_data_o'],
    cycles: schedule.cycles + 100,
    settle: 60,
    seed,
  });
  expect(result.finished).toBe(true);

  const finals = [...schedule.entries]
    .filter(([, entry]) => entry.tile === runs[entry.run].weights.length - 1)
    .map(([cycle]) => cycle + finalLatency(geometry));
  expect(pulses(result.probes.final_o)).toEqual(finals);

  const [{ items, cycles }] = result.received;
  const latency = 7 + PixLanes + columns + phases - 1;
  expect(cycles).toEqual([...schedule.tokens.keys()].map((cycle) => cycle + latency));
  [...schedule.tokens].forEach(([cycle, { run, group }], i) => {
    const y = [...toBytes(items[i].y_data_o, PixLanes * OutLanes)];
    const expected = Array.from({ length: PixLanes * OutLanes }, (_, at) =>
      requantized(runs[run], group, Math.floor(at / OutLanes), at % OutLanes),
    );
    expect(y, `run ${run}, group ${group}`).toEqual(expected);
    for (let pixel = 0; pixel < PixLanes; pixel++) {
      for (let output = 0; output < OutLanes; output++) {
        const column = Math.floor(output / 2);
        const taps = result.probes.tap_data_o[cycle + 4 + pixel + column + (output % 2)];
        const tap = BigInt.asIntN(25, taps >> BigInt(25 * (pixel * columns + column)));
        expect(tap, `tap of run ${run}, group ${group}`).toBe(biasedSum(runs[run], group, pixel, output));
      }
    }
  });
  return schedule;
}

const pulses = (probe: readonly bigint[]) => probe.flatMap((value, cycle) => (value === 1n ? [cycle] : []));

describe.each([
  { OutLanes: 16, PixLanes: 1, AccDepth: 8, MultiplierBits: 25 },
  { OutLanes: 8, PixLanes: 2, AccDepth: 8, MultiplierBits: 25 },
  { OutLanes: 4, PixLanes: 3, AccDepth: 8, MultiplierBits: 27 },
  { OutLanes: 2, PixLanes: 1, AccDepth: 8, MultiplierBits: 18 },
  { OutLanes: 1, PixLanes: 2, AccDepth: 8, MultiplierBits: 25 },
  { OutLanes: 2, PixLanes: 5, AccDepth: 8, MultiplierBits: 25 },
  { OutLanes: 1, PixLanes: 1, AccDepth: 4, MultiplierBits: 18 },
  { OutLanes: 1, PixLanes: 3, AccDepth: 8, MultiplierBits: 27 },
])('systolic_array $OutLanes x $PixLanes, $MultiplierBits bits', (geometry) => {
  it('computes random runs, as dense as the rules allow', async () => {
    await check(geometry, drawRuns(new Prng(1), geometry, 40), 0, 11);
  });

  it('computes random runs with gaps everywhere', async () => {
    await check(geometry, drawRuns(new Prng(2), geometry, 30), 25, 12);
  });

  it('wraps sums at 25 bits', async () => {
    const random = new Prng(3);
    const runs = (['highest', 'lowest', 'extreme'] as const).map((flavour) =>
      drawRun(random, geometry, 3, 36, flavour),
    );
    await check(geometry, runs, 0, 13);
  });
});

it('takes a group every cycle while tiles of 16 groups follow one another and banks are handed over', async () => {
  const geometry = { OutLanes: 8, PixLanes: 1, AccDepth: 16, MultiplierBits: 25 };
  const random = new Prng(4);
  const runs = Array.from({ length: 6 }, () => drawRun(random, geometry, 16, 6, 'random'));
  const { entries } = await check(geometry, runs, 0, 14);
  const cycles = [...entries.keys()];
  // The parameters take 8 beats a run; nothing else may cost a cycle.
  expect(cycles.at(-1)! - cycles[0] + 1).toBe(entries.size + 8 * (runs.length - 1));
});
