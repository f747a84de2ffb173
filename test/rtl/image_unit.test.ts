import { describe, expect, it } from 'vitest';
import { runBench } from './harness/bench.ts';
import {
  ALL_KERNELS,
  below,
  expectedWrites,
  type Job,
  job,
  NO_PADS,
  random,
  readyAhead,
  streams,
  vectorsOf,
  words,
} from './image-jobs.ts';

/** Packs the jobs, frees groups at random, and checks every write and every count on the way. */
async function check(
  parameters: Readonly<Record<'PixLanes' | 'PackLanes' | string, number>>,
  jobs: readonly Job[],
  { gapPercent, stallPercent, freePercent }: Record<'gapPercent' | 'stallPercent' | 'freePercent', number>,
) {
  const { PixLanes, PackLanes } = parameters;
  const posBits = 9; // the counts wrap round several times
  const addrBits = 9;
  const bankBits = Math.max(1, Math.ceil(Math.log2(PixLanes)));
  const modulo = (value: number) => value % 2 ** posBits;
  const chance = (percent: number) => random.uniform() * 100 < percent;
  const expected = expectedWrites(jobs, PixLanes);
  const total = expected[expected.length - 1].group + 1;
  const groupsAt = jobs.flatMap((one) =>
    new Array(Math.ceil((one.outWidth * one.outHeight) / PixLanes)).fill(one.groups),
  );
  // The lanes take pixels in turn.
  const lanes = Array.from({ length: PackLanes }, (_, lane) => ({
    expected: expected.filter(({ pixel }) => pixel % PackLanes === lane),
    written: 0,
  }));
  let packed = 0;
  let freed = 0;
  let quiet = 0;
  const completed: number[] = []; // groups, by the cycle
  let cycle = 0;
  // The array begins with a group's first vectors, in the cycle after it is counted: they were written two
  // cycles before, as the feature memory asks.
  const readableFrom: number[] = [];

  const checkWrite = (lane: number, bank: bigint, addr: bigint, data: bigint) => {
    const { expected, written } = lanes[lane];
    const write = expected[written];
    if (write?.pixel !== expected[written - 1]?.pixel) readableFrom[write.group] = cycle + 2;
    lanes[lane].written++;
    expect({ bank, addr, data }).toEqual({
      ...{ bank: BigInt(write?.bank), addr: BigInt(write?.addr), data: write?.data },
    });
    expect(write.group - freed).toBeLessThan(groupsAt[write.group]);
    expect(freed).toBeGreaterThanOrEqual(write.start);
  };
  const part = (value: bigint, lane: number, bits: number) =>
    BigInt.asUintN(bits, value >> BigInt(bits * lane));

  const writeReady = readyAhead();
  const { sent } = await runBench({
    module: 'image_unit',
    parameters: { ...parameters, PosBits: posBits, MapAddrBits: addrBits, MaxSide: 64 },
    sources: streams(jobs, gapPercent),
    react: {
      observe: ['write_valid_o', 'write_ready_i', 'packed_o', 'write_bank_o', 'write_addr_o', 'write_data_o'],
      drive: ['freed_i', 'write_ready_i', 'ready_next_i'],
      step: (seen) => {
        const complete = Math.min(...lanes.map((one) => one.expected[one.written]?.group ?? total));
        const step = modulo(Number(seen.packed_o) - modulo(packed) + 2 ** posBits);
        expect(step).toBeLessThanOrEqual(PackLanes);
        for (let i = 0; i < step; i++) expect(cycle + 1).toBeGreaterThanOrEqual(readableFrom[packed++]);
        expect(packed).toBeLessThanOrEqual(complete);
        completed.push(complete);
        expect(packed).toBeGreaterThanOrEqual(completed[Math.max(0, cycle - 2)]);
        const valid = seen.write_ready_i ? Number(seen.write_valid_o) : 0;
        for (let lane = 0; lane < PackLanes; lane++) {
          if (((valid >> lane) & 1) === 0) continue;
          checkWrite(
            lane,
            part(seen.write_bank_o, lane, bankBits),
            part(seen.write_addr_o, lane, addrBits),
            part(seen.write_data_o, lane, 128),
          );
        }
        if (valid === 3) {
          expect(part(seen.write_bank_o, 0, bankBits)).not.toBe(part(seen.write_bank_o, 1, bankBits));
        }
        if (chance(freePercent) && freed < packed) freed += 1 + below(packed - freed);
        quiet = freed === total ? quiet + 1 : 0;
        cycle++;
        return quiet > 20 ? null : { freed_i: modulo(freed), ...writeReady(!chance(stallPercent)) };
      },
    },
    cycles: 100_000,
  });
  expect(lanes.map(({ written }) => written)).toEqual(lanes.map((one) => one.expected.length));
  expect(freed).toBe(total);
  expect(sent.map((cycles) => cycles.length)).toEqual([jobs.length, words(jobs).length]);
}

describe.each([
  { PixLanes: 1, PackLanes: 1 },
  { PixLanes: 2, PackLanes: 1 },
  { PixLanes: 3, PackLanes: 1 },
  { PixLanes: 4, PackLanes: 2 },
  { PixLanes: 5, PackLanes: 2 },
  { PixLanes: 8, PackLanes: 2 },
  { PixLanes: 3, PackLanes: 1, KnowsReady: 0 },
  { PixLanes: 4, PackLanes: 2, KnowsReady: 0 },
])('image_unit with $PixLanes pixel lanes, $PackLanes packing, told ahead: $KnowsReady', (lanes) => {
  it.each([
    { gapPercent: 0, stallPercent: 0, freePercent: 100 },
    { gapPercent: 40, stallPercent: 50, freePercent: 10 },
    { gapPercent: 85, stallPercent: 10, freePercent: 50 },
  ])('packs every kernel, padded or not (%o)', async (rates) => {
    await check(lanes, ALL_KERNELS, rates);
  });
});

it.each([
  { PixLanes: 1, PackLanes: 1, MaxKernel: 3, Rows: 3 },
  { PixLanes: 3, PackLanes: 1, MaxKernel: 3, Rows: 4 },
  { PixLanes: 2, PackLanes: 1, MaxKernel: 3, Rows: 16 },
  { PixLanes: 4, PackLanes: 2, MaxKernel: 3, Rows: 3 },
  { PixLanes: 2, PackLanes: 2, MaxKernel: 3, Rows: 16 },
])('packs with the fewest and the most rows (%o)', async (parameters) => {
  const jobs = [
    job([49, 31], [3, 2], NO_PADS, [16, 24]),
    job([30, 48], [3, 1], [1, 1, 1, 1], [16, 24]),
    job([33, 21], [1, 1], NO_PADS, [16, 24]),
    job([48, 47], [3, 2], [0, 0, 1, 1], [4, 3]),
  ];
  await check(parameters, jobs, { gapPercent: 30, stallPercent: 20, freePercent: 30 });
});

/** Cycles from the first vector of each row of pixels after the first ones to that of the next row. */
async function rowPeriods(one: Job, PackLanes: number, rows: number) {
  const { probes } = await runBench({
    module: 'image_unit',
    parameters: { PixLanes: 4, PackLanes, MaxSide: 256 },
    constants: { freed_i: 0, write_ready_i: 1, ready_next_i: 1 },
    sources: streams([one], 0),
    probes: ['write_valid_o'],
    cycles: 30_000,
    settle: 15_000,
  });
  const perRow = one.outWidth * vectorsOf(one.kernel);
  const starts: number[] = [];
  let written = 0;
  probes.write_valid_o.forEach((valid, cycle) => {
    for (let lanes = Number(valid); lanes > 0; lanes >>= 1) {
      if ((lanes & 1) !== 0 && written++ % perRow === 0) starts.push(cycle);
    }
  });
  expect(written).toBe(perRow * one.outHeight);
  return Array.from({ length: rows }, (_, row) => starts[row + 2] - starts[row + 1]);
}

describe('image_unit without stalls', () => {
  it.each([
    { packLanes: 1, name: 'a 3x3/2 pixel in 2 cycles, and a row is entered in 3', period: 2 * 111 + 3 },
    { packLanes: 2, name: 'a 3x3/2 pixel in a cycle, and a row is entered in 1', period: 111 + 1 },
  ])('packs $name', async ({ packLanes, period }) => {
    const one = job([224, 31], [3, 2], NO_PADS, [0, 1024]);
    expect(await rowPeriods(one, packLanes, 4)).toEqual(new Array(4).fill(period));
  });

  it.each([
    { packLanes: 1, cycles: 10 },
    { packLanes: 2, cycles: 5 },
  ])('packs a 7x7/2 pixel in $cycles cycles, rows entered meanwhile', async ({ packLanes, cycles }) => {
    const one = job([227, 15], [7, 2], NO_PADS, [0, 1024]);
    expect(await rowPeriods(one, packLanes, 3)).toEqual(new Array(3).fill(cycles * 111));
  });
});

it.each([1, 3])('counts two groups that end in the same cycle (kernel of %i)', async (kernel) => {
  // 25 pixels: the last one makes a group of its own, and a stall lets it end with the one before.
  const side = 4 + kernel;
  const jobs = Array.from({ length: 24 }, () => job([side, side], [kernel, 1], NO_PADS, [16, 24]));
  const rates = { gapPercent: 0, stallPercent: 50, freePercent: 100 };
  await check({ PixLanes: 4, PackLanes: 2 }, jobs, rates);
});
