import { describe, expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { type BenchResult, runBench } from './harness/bench.ts';
import { fromBytes, toBytes } from './harness/ports.ts';
import {
  groupBytes,
  type PoolRun,
  type PoolShape,
  pool,
  poolRuns,
  randomBlocks,
  randomPixels,
  range,
  shapeFields,
} from './models/pooling.ts';
import { packRun } from './run-fields.ts';

const CREDITS = 32;
const POOL_WORDS = 512;

interface Lanes {
  readonly lanes: number;
  readonly channels: number;
}

/** A map in the memory: vectors of 16 channels, circular over `wrap` groups. */
interface Destination {
  readonly base: number;
  readonly wrap: number;
  readonly set: number;
  /** By pass (16 / TM of them make a vector), what its pixels must be in the end. */
  readonly passes: readonly (readonly (readonly number[])[])[];
}

interface Run {
  readonly fields: Readonly<Record<string, number>>;
  readonly groups: readonly Uint8Array[];
}

interface Stage {
  readonly runs: readonly Run[];
  /** Absent where nothing is written. */
  readonly destination?: Destination;
}

function destinationFields({ channels }: Lanes, to: Destination, pass: number) {
  const perVector = 16 / channels;
  const slot = Math.floor(pass / perVector);
  return {
    global: 0,
    dest_base: to.base + slot * to.wrap,
    dest_wrap: to.wrap,
    sub: pass % perVector,
    completes: Number(pass % perVector === perVector - 1),
    dest_set: to.set,
    slot: slot,
  };
}

function runFields(run: PoolRun) {
  return {
    groups: run.groups,
    first: Number(run.start),
    map_start: Number(run.home),
    block_end: Number(run.save),
    row: run.pass,
  };
}

function groupsOf(map: readonly (readonly number[])[], run: PoolRun, lanes: number, random: Prng) {
  return range(run.firstGroup, run.firstGroup + run.groups).map((group) =>
    groupBytes(map, group, lanes, random),
  );
}

interface StageOptions {
  readonly base: number;
  readonly set: number;
  readonly passes: number;
  /** Odd: block-major, and the destination is circular; even: pass-major, and it holds the whole map. */
  readonly seed: number;
  /** Groups of the circular destination, and more than any block's. */
  readonly circle: number;
  readonly mostGroups: number;
}

function destinationOf(size: Lanes, options: StageOptions, passes: Destination['passes']): Destination {
  const { base, set, seed, circle } = options;
  return { base, set, passes, wrap: seed % 2 ? circle : Math.ceil(passes[0].length / size.lanes) };
}

function orderOf({ seed }: StageOptions) {
  return seed % 2 ? 'block-major' : 'pass-major';
}

/** A stage with pool, whole or as two halves, of which the second goes on where the first ended. */
function pooledStage(size: Lanes, shape: PoolShape, options: StageOptions & { halves?: boolean }): Stage {
  const { lanes, channels } = size;
  const random = new Prng(options.seed);
  const pixels = shape.width * shape.height;
  const maps = range(0, options.passes).map(() => randomPixels(pixels, channels, random));
  const pooled = maps.map((map) => pool(map, shape).map(({ data }) => data));
  const destination = destinationOf(size, options, pooled);
  const groups = Math.ceil(pixels / lanes);
  const cuts = options.halves ? [0, Math.ceil(groups / 2), groups] : [0, groups];
  const runs = cuts.slice(1).flatMap((end, part) => {
    const start = cuts[part];
    const blocks = randomBlocks(end - start, options.mostGroups, random);
    return poolRuns(orderOf(options), options.passes, blocks, start).map((run) => ({
      fields: {
        ...shapeFields(shape, lanes),
        ...destinationFields(size, destination, run.pass),
        ...runFields(run),
        first_x: (start * lanes) % shape.width,
        first_y: Math.floor((start * lanes) / shape.width),
        dest_pos: random.next() & 0xffff,
        dest_count: random.next() & 0xffff,
        pool: 1,
      },
      groups: groupsOf(maps[run.pass], run, lanes, random),
    }));
  });
  return { runs, destination };
}

/** A stage without pool, or with `write` off the groups of a global pool. */
function plainStage(size: Lanes, pixels: number, options: StageOptions & { write?: boolean }): Stage {
  const { lanes, channels } = size;
  const random = new Prng(options.seed);
  const filled = Math.ceil(pixels / lanes) * lanes;
  const maps = range(0, options.passes).map(() => randomPixels(filled, channels, random));
  const destination = destinationOf(size, options, maps);
  const blocks = randomBlocks(filled / lanes, options.mostGroups, random);
  const runs = poolRuns(orderOf(options), options.passes, blocks).map((run) => ({
    fields: {
      ...shapeFields({ width: 2, height: 2, kernel: 2, ceil: false }, lanes),
      ...destinationFields(size, destination, run.pass),
      ...runFields(run),
      first_x: 0,
      first_y: 0,
      dest_pos: run.firstGroup % destination.wrap,
      dest_count: run.firstGroup,
      pool: 0,
      ...(options.write === false && { global: 1 }),
    },
    groups: groupsOf(maps[run.pass], run, lanes, random),
  }));
  return options.write === false ? { runs } : { runs, destination };
}

/** Feeds the runs and, by credits, their groups: at most one every `period` cycles, fewer by the gaps. */
async function feed({ lanes, channels }: Lanes, runs: readonly Run[], period: number, gapPercent: number) {
  const random = new Prng(gapPercent + period);
  const groups = runs.flatMap((run) => run.groups);
  let next = 0;
  let credits = CREDITS;
  let fewest = CREDITS;
  let done = 0;
  let quiet = 0;
  let lastSent = 0;
  const result = await runBench({
    module: 'post_unit',
    parameters: { PixLanes: lanes, OutLanes: channels, PoolWords: POOL_WORDS, AddrBits: 12, PoolPasses: 16 },
    sources: [
      {
        valid: 'run_valid_i',
        ready: 'run_ready_o',
        gapPercent,
        items: runs.map(({ fields }) => ({ run_i: packRun('post', fields) })),
      },
    ],
    probes: [
      'write_next_o',
      'write_valid_o',
      'write_mask_o',
      'write_addr_o',
      'write_sub_o',
      'write_data_o',
    ].concat(['mark_valid_o', 'mark_set_o', 'mark_slot_o', 'mark_count_o'], ['run_done_o', 'credit_o']),
    react: {
      observe: ['credit_o', 'run_done_o'],
      drive: ['y_valid_i', 'y_data_i'],
      step({ credit_o, run_done_o }, cycle) {
        credits += Number(credit_o);
        done += Number(run_done_o);
        if (done === runs.length && quiet++ === 20) return null;
        const due = next < groups.length && credits > 0 && cycle - lastSent >= period;
        if (!due || random.uniform() * 100 < gapPercent) return { y_valid_i: 0, y_data_i: 0 };
        credits--;
        fewest = Math.min(fewest, credits);
        lastSent = cycle;
        return { y_valid_i: 1, y_data_i: fromBytes(groups[next++]) };
      },
    },
    cycles: 100_000,
  });
  expect(done).toBe(runs.length);
  expect(result.probes.run_done_o.filter((pulse) => pulse).length).toBe(runs.length);
  expect(credits).toBe(CREDITS);
  return { result, fewest };
}

/** Replays the writes on a memory, checks it at each mark and counts both when a stage is done. */
function check(size: Lanes, stages: readonly Stage[], { probes, cycles }: BenchResult) {
  const { lanes, channels } = size;
  const memory = new Map<string, number>();
  const ends = stages.map((_, i) => stages.slice(0, i + 1).reduce((sum, { runs }) => sum + runs.length, 0));
  let stage = 0;
  let done = 0;
  let written = 0;
  let marks = new Map<number, number>();
  for (let cycle = 0; cycle < cycles; cycle++) {
    const { destination } = stages[stage] ?? {};
    if (cycle > 0) expect(probes.write_valid_o[cycle]).toBe(probes.write_next_o[cycle - 1]);
    if (probes.write_valid_o[cycle]) {
      const data = toBytes(probes.write_data_o[cycle], lanes * channels);
      for (const bank of range(0, lanes)) {
        if (((probes.write_mask_o[cycle] >> BigInt(bank)) & 1n) === 0n) continue;
        written++;
        for (let c = 0; c < channels; c++) {
          const byte = Number(probes.write_sub_o[cycle]) * channels + c;
          memory.set(`${bank} ${probes.write_addr_o[cycle]} ${byte}`, data[bank * channels + c]);
        }
      }
    }
    // Writes of the mark's own cycle count for it, too.
    if (probes.mark_valid_o[cycle]) {
      const slot = Number(probes.mark_slot_o[cycle]);
      const count = Number(probes.mark_count_o[cycle]);
      expect(Number(probes.mark_set_o[cycle])).toBe(destination!.set);
      expect(count).toBe((marks.get(slot) ?? 0) + 1);
      marks.set(slot, count);
      const group = pixelsOf(destination!, count - 1);
      expect(group.map((pixel) => inMemory(destination!, slot, pixel))).toEqual(
        group.map((pixel) => expected(destination!, slot, pixel)),
      );
    }
    if (!probes.run_done_o[cycle] || ++done !== ends[stage]) continue;
    const passes = destination?.passes ?? [];
    const groups = Math.ceil((passes[0]?.length ?? 0) / lanes);
    const slots = range(0, (passes.length * channels) / 16);
    expect([...marks]).toEqual(slots.map((slot) => [slot, groups]));
    expect(written).toBe(passes.reduce((sum, pixels) => sum + pixels.length, 0));
    marks = new Map();
    written = 0;
    stage++;
  }
  expect(stage).toBe(stages.length);

  function pixelsOf({ passes }: Destination, group: number) {
    return range(group * lanes, Math.min((group + 1) * lanes, passes[0].length));
  }

  function inMemory({ base, wrap }: Destination, slot: number, pixel: number) {
    const address = base + slot * wrap + (Math.floor(pixel / lanes) % wrap);
    return range(0, 16).map((byte) => memory.get(`${pixel % lanes} ${address} ${byte}`));
  }

  function expected({ passes }: Destination, slot: number, pixel: number) {
    const perVector = 16 / channels;
    return passes.slice(slot * perVector, (slot + 1) * perVector).flatMap((pass) => pass[pixel]);
  }
}

describe.each([
  { lanes: 1, channels: 16 },
  { lanes: 2, channels: 8 },
  { lanes: 3, channels: 16 },
  { lanes: 4, channels: 4 },
  { lanes: 8, channels: 8 },
  { lanes: 1, channels: 1 },
  { lanes: 5, channels: 1 },
  { lanes: 16, channels: 2 },
])('post_unit of $lanes x $channels lanes', (size) => {
  const passes = Math.max(2, 16 / size.channels);
  const shapes: PoolShape[] = [
    { width: 2, height: 7, kernel: 3, ceil: true },
    { width: 5, height: 5, kernel: 2, ceil: true },
    { width: 3, height: 3, kernel: 3, ceil: true },
    { width: 14, height: 9, kernel: 3, ceil: true },
    { width: 27, height: 12, kernel: 3, ceil: false },
    // The last two windows end in one step but belong to two groups, and a row without windows follows:
    // from four lanes on, and with three.
    { width: 22, height: 7, kernel: 2, ceil: false },
    { width: 15, height: 10, kernel: 3, ceil: false },
  ];

  it.each([
    { period: 2, gapPercent: 0 },
    { period: 1, gapPercent: 40 },
  ])('writes and marks stages of all kinds: period $period, gaps $gapPercent', async (rate) => {
    const stages = [0, 1].flatMap((odd) =>
      shapes.flatMap((shape, i) => {
        const seed = 2 * i + odd + rate.gapPercent;
        const at = { base: 100 + 7 * i, passes, seed, circle: 17 + i, mostGroups: 15 };
        return [
          pooledStage(size, shape, { ...at, set: i % 4, halves: i > 2 }),
          plainStage(size, 40 + 9 * i, { ...at, set: 3 - (i % 4) }),
          plainStage(size, 23, { ...at, set: 0, write: false }),
        ];
      }),
    );
    const runs = stages.flatMap((stage) => stage.runs);
    const { result } = await feed(size, runs, rate.period, rate.gapPercent);
    check(size, stages, result);
  });
});

it.each([
  { lanes: 1, channels: 16, width: 55 },
  { lanes: 2, channels: 8, width: 55 },
  { lanes: 4, channels: 4, width: 55 },
  { lanes: 1, channels: 16, width: 111 },
  { lanes: 2, channels: 8, width: 111 },
  { lanes: 4, channels: 4, width: 111 },
])('keeps up with a group every 2 cycles: $lanes lanes, rows of $width', async (options) => {
  const shape: PoolShape = { width: options.width, height: 13, kernel: 3, ceil: true };
  const stage = pooledStage(options, shape, {
    base: 5,
    set: 2,
    passes: 16 / options.channels,
    seed: 1,
    circle: 1000,
    mostGroups: 64,
  });
  const { result, fewest } = await feed(options, stage.runs, 2, 0);
  check(options, [stage], result);
  // So few groups ever wait or are on their way that a drain would never have been held up.
  expect(fewest).toBeGreaterThan(CREDITS - 9);
});
