import { describe, expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { runBench } from './harness/bench.ts';
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

interface Stage {
  readonly shape: PoolShape;
  readonly runs: readonly PoolRun[];
  /** By pass, the map's pixels. */
  readonly maps: readonly (readonly (readonly number[])[])[];
}

function stage(shape: PoolShape, lanes: number, channels: number, passes: number, seed: number): Stage {
  const random = new Prng(seed);
  const pixels = shape.width * shape.height;
  const order = seed % 2 ? 'block-major' : 'pass-major';
  return {
    shape,
    runs: poolRuns(order, passes, randomBlocks(Math.ceil(pixels / lanes), seed % 3 ? 12 : 64, random)),
    maps: range(0, passes).map(() => randomPixels(pixels, channels, random)),
  };
}

/** Runs the stages one behind the other; returns when each group was taken, by run. */
async function check(
  stages: readonly Stage[],
  lanes: number,
  channels: number,
  poolWords: number,
  gapPercent: number,
) {
  const random = new Prng(stages.length);
  const runs = stages.flatMap(({ shape, runs, maps }) =>
    runs.map((run) => ({ ...run, shape, pixels: maps[run.pass] })),
  );
  const groups = runs.flatMap(({ firstGroup, groups, pixels }) =>
    range(firstGroup, firstGroup + groups).map((group) => groupBytes(pixels, group, lanes, random)),
  );
  const result = await runBench({
    module: 'max_pool',
    parameters: { PixLanes: lanes, OutLanes: channels, PoolWords: poolWords, PoolPasses: 8 },
    sources: [
      {
        valid: 'run_valid_i',
        ready: 'run_ready_o',
        gapPercent,
        items: runs.map(({ shape, ...run }) => ({
          run_i: packRun('post', {
            ...shapeFields(shape, lanes),
            groups: run.groups,
            first: Number(run.start),
            map_start: Number(run.home),
            block_end: Number(run.save),
            row: run.pass,
          }),
        })),
      },
      {
        valid: 'group_valid_i',
        ready: 'group_ready_o',
        gapPercent,
        items: groups.map((bytes) => ({ group_data_i: fromBytes(bytes) })),
      },
    ],
    probes: ['pooled_valid_o', 'pooled_last_o', 'pooled_data_o', 'pooled_end_o'],
    cycles: 200_000,
    settle: 8 * lanes + 20, // the last group's windows may take 4 cycles each
  });
  expect(result.finished).toBe(true);

  const { pooled_valid_o, pooled_last_o, pooled_data_o, pooled_end_o } = result.probes;
  const seen: { data: number[]; last: boolean }[][] = [[]];
  for (let cycle = 0; cycle < result.cycles; cycle++) {
    for (let slot = 0; pooled_valid_o[cycle] >> BigInt(slot) > 0n; slot++) {
      if (((pooled_valid_o[cycle] >> BigInt(slot)) & 1n) === 0n) continue;
      const bytes = toBytes(pooled_data_o[cycle] >> BigInt(8 * channels * slot), channels);
      seen.at(-1)!.push({ data: [...bytes], last: ((pooled_last_o[cycle] >> BigInt(slot)) & 1n) === 1n });
    }
    if (pooled_end_o[cycle]) seen.push([]);
  }

  const pools = new Map(stages.map(({ shape, maps }) => [maps, maps.map((pixels) => pool(pixels, shape))]));
  const expected = stages.flatMap(({ runs, maps }) =>
    runs.map(({ pass, firstGroup, groups }) => {
      const pooled = pools.get(maps)![pass];
      return pooled
        .map(({ endsAt, data }, i) => ({ endsAt, data, last: i === pooled.length - 1 }))
        .filter(({ endsAt }) => endsAt >= firstGroup * lanes && endsAt < (firstGroup + groups) * lanes)
        .map(({ data, last }) => ({ data, last }));
    }),
  );
  expect(seen).toEqual([...expected, []]);

  let taken = 0;
  return runs.map(({ groups }) => {
    taken += groups;
    return result.sent[1].slice(taken - groups, taken);
  });
}

const SHAPES: readonly PoolShape[] = [3, 2].flatMap((kernel) =>
  [
    [2, 2, true],
    [3, 3, true],
    [3, 5, false],
    [5, 4, true],
    [4, 5, true],
    [7, 6, false],
    [8, 9, true],
    [13, 13, true],
    [14, 12, true],
    [15, 10, false],
    [24, 7, false],
    [29, 8, true],
    [30, 9, true],
  ]
    .filter(([width, height, ceil]) => ceil || (Number(width) >= kernel && Number(height) >= kernel))
    .map(([width, height, ceil]) => ({ width, height, ceil, kernel }) as PoolShape),
);

describe.each([
  { lanes: 1, channels: 16, poolWords: 64 },
  { lanes: 2, channels: 8, poolWords: 64 },
  { lanes: 3, channels: 4, poolWords: 64 },
  { lanes: 4, channels: 4, poolWords: 64 },
  { lanes: 8, channels: 4, poolWords: 64 },
  { lanes: 1, channels: 1, poolWords: 128 },
  { lanes: 5, channels: 1, poolWords: 128 },
  { lanes: 16, channels: 2, poolWords: 128 },
])('max_pool of $lanes x $channels lanes', ({ lanes, channels, poolWords }) => {
  it.each([0, 30])('pools maps of all shapes, gaps of %d percent', async (gapPercent) => {
    const stages = SHAPES.flatMap((shape, i) =>
      [0, 1].map((more) => stage(shape, lanes, channels, 1 + ((i + more) % 4), 2 * i + more + gapPercent)),
    );
    await check(stages, lanes, channels, poolWords, gapPercent);
  });
});

describe.each([55, 111])('max_pool over rows of %d', (width) => {
  it.each([
    { lanes: 1, cyclesPerGroup: 1 },
    { lanes: 2, cyclesPerGroup: 2 },
    { lanes: 4, cyclesPerGroup: 2 },
    { lanes: 8, cyclesPerGroup: 2 },
  ])('takes a group of $lanes every $cyclesPerGroup cycles', async ({ lanes, cyclesPerGroup }) => {
    const channels = 4;
    const depth = lanes < 8 ? 64 : 32;
    for (const height of [12, 13]) {
      const shape: PoolShape = { width, height, kernel: 3, ceil: true };
      const groups = Math.ceil((width * height) / lanes);
      const blocks = range(0, Math.ceil(groups / depth)).map((b) => Math.min(depth, groups - b * depth));
      const random = new Prng(width);
      const maps = range(0, 2).map(() => randomPixels(width * height, channels, random));
      const runs = poolRuns('block-major', 2, blocks);
      const taken = await check([{ shape, runs, maps }], lanes, channels, 128, 0);
      for (const cycles of taken) {
        expect(cycles.at(-1)! - cycles[0]).toBeLessThanOrEqual(cyclesPerGroup * (cycles.length - 1));
      }
      // A run costs three cycles more; up to four lanes the groups with fewer windows make up for them.
      const total = taken.at(-1)!.at(-1)! - taken[0][0];
      const between = lanes === 1 || lanes === 8 ? 3 * (runs.length - 1) : 0;
      expect(total).toBeLessThanOrEqual(cyclesPerGroup * (2 * groups - 1) + between);
    }
  });
});
