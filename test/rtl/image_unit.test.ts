import { describe, expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { runBench } from './harness/bench.ts';
import { BitFields } from './harness/bit-fields.ts';
import { fromBytes } from './harness/ports.ts';

interface Convolution {
  readonly kernel: number;
  readonly stride: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly padValue: readonly [number, number, number];
  readonly outWidth: number;
  readonly outHeight: number;
}

interface Job extends Convolution {
  readonly width: number;
  readonly height: number;
  readonly base: number;
  readonly groups: number;
  readonly bytes: Uint8Array;
}

interface Write {
  readonly bank: number;
  readonly addr: number;
  readonly data: bigint;
  /** Group, counted over all images. */
  readonly group: number;
  /** First group in the buffer of this image and those before it with the same one. */
  readonly start: number;
}

const vectorsOf = (kernel: number) => Math.ceil((kernel * kernel * 3) / 16);
const random = new Prng(3);
const below = (limit: number) => Math.floor(random.uniform() * limit);
const noise = (count: number) => Uint8Array.from({ length: count }, () => below(256));

/** A job over random bytes; `pads` are top, left, bottom, right. */
function job(
  [width, height]: readonly [number, number],
  [kernel, stride]: readonly [number, number],
  pads: readonly [number, number, number, number],
  [base, groups]: readonly [number, number],
): Job {
  const [padTop, padLeft, padBottom, padRight] = pads;
  return {
    ...{ width, height, kernel, stride, padTop, padLeft, base, groups },
    padValue: [below(256), below(256), below(256)],
    outWidth: Math.floor((width + padLeft + padRight - kernel) / stride) + 1,
    outHeight: Math.floor((height + padTop + padBottom - kernel) / stride) + 1,
    bytes: noise(width * height * 3),
  };
}

/** All writes in order: pixel by pixel, each with its vectors; the circular position runs on over the images. */
function model(jobs: readonly Job[], lanes: number): Write[] {
  const writes: Write[] = [];
  let group = 0;
  let start = 0; // group at position 0
  let last: Job | undefined;
  for (const current of jobs) {
    const { kernel, stride, outWidth, outHeight, base, groups } = current;
    if (last && (last.base !== base || last.groups !== groups)) start = group;
    last = current;
    for (let p = 0; p < outWidth * outHeight; p++) {
      const taps = new Uint8Array(vectorsOf(kernel) * 16);
      for (let i = 0; i < kernel * kernel; i++) {
        const y = Math.floor(p / outWidth) * stride - current.padTop + Math.floor(i / kernel);
        const x = (p % outWidth) * stride - current.padLeft + (i % kernel);
        const inside = y >= 0 && y < current.height && x >= 0 && x < current.width;
        const at = (y * current.width + x) * 3;
        taps.set(inside ? current.bytes.subarray(at, at + 3) : current.padValue, 3 * i);
      }
      const own = group + Math.floor(p / lanes);
      for (let v = 0; v < vectorsOf(kernel); v++) {
        writes.push({
          bank: p % lanes,
          addr: base + v * groups + ((own - start) % groups),
          data: fromBytes(taps.subarray(16 * v, 16 * v + 16)),
          group: own,
          start,
        });
      }
    }
    group += Math.ceil((outWidth * outHeight) / lanes);
  }
  return writes;
}

const HEADER = new BitFields('tape/tape_header.vh', 'TAPE');

function headers(jobs: readonly Job[]) {
  return jobs.map((one) => ({
    cfg_i: HEADER.pack('packing', {
      image_width: one.width,
      image_height: one.height,
      kernel: one.kernel,
      stride: one.stride,
      pad_top: one.padTop,
      pad_left: one.padLeft,
      pad_value: fromBytes(Uint8Array.from(one.padValue)),
      out_width: one.outWidth,
      out_height: one.outHeight,
      vectors: vectorsOf(one.kernel),
      pack_base: one.base,
      pack_groups: one.groups,
    }),
  }));
}

/** The images' words; what is left of an image's last word is noise. */
function words(jobs: readonly Job[]) {
  return jobs.flatMap(({ bytes }) => {
    const whole = noise(Math.ceil(bytes.length / 16) * 16);
    whole.set(bytes);
    return Array.from({ length: whole.length / 16 }, (_, i) => ({
      word_data_i: fromBytes(whole.subarray(16 * i, 16 * i + 16)),
    }));
  });
}

const streams = (jobs: readonly Job[], gapPercent: number) => [
  { valid: 'cfg_valid_i', ready: 'cfg_ready_o', items: headers(jobs), gapPercent },
  { valid: 'word_valid_i', ready: 'word_ready_o', items: words(jobs), gapPercent },
];
const FIELDS = ['write_bank_o', 'write_addr_o', 'write_data_o'];

/** Packs the jobs, frees groups at random, and checks every write and every count on the way. */
async function check(
  parameters: Readonly<Record<string, number>>,
  jobs: readonly Job[],
  { gapPercent, stallPercent, freePercent }: Record<'gapPercent' | 'stallPercent' | 'freePercent', number>,
) {
  const posBits = 9; // the counts wrap round several times
  const modulo = (value: number) => value % 2 ** posBits;
  const expected = model(jobs, parameters.PixLanes);
  const total = expected[expected.length - 1].group + 1;
  const groupsAt = jobs.flatMap((one) =>
    new Array(Math.ceil((one.outWidth * one.outHeight) / parameters.PixLanes)).fill(one.groups),
  );
  let written = 0; // vectors
  let packed = 0;
  let freed = 0;
  let quiet = 0;
  let late = 0;
  const { received, sent } = await runBench({
    module: 'image_unit',
    parameters: { ...parameters, PosBits: posBits, MapAddrBits: 9, MaxSide: 64 },
    sources: streams(jobs, gapPercent),
    sinks: [{ valid: 'write_valid_o', ready: 'write_ready_i', fields: FIELDS, stallPercent }],
    react: {
      observe: ['write_valid_o', 'write_ready_i', 'packed_o'],
      drive: ['freed_i'],
      step: ({ write_valid_o, write_ready_i, packed_o }) => {
        const complete = written < expected.length ? expected[written].group : total;
        const step = modulo(Number(packed_o) - modulo(packed) + 2 ** posBits);
        expect(step).toBeLessThanOrEqual(1);
        packed += step;
        expect(packed).toBeLessThanOrEqual(complete);
        late = packed < complete ? late + 1 : 0;
        expect(late).toBeLessThan(3);
        if (write_valid_o && write_ready_i) {
          expect(written).toBeLessThan(expected.length);
          const { group, start } = expected[written++];
          expect(group - freed).toBeLessThan(groupsAt[group]);
          expect(freed).toBeGreaterThanOrEqual(start);
        }
        if (random.uniform() * 100 < freePercent && freed < packed) freed += 1 + below(packed - freed);
        quiet = freed === total ? quiet + 1 : 0;
        return quiet > 20 ? null : { freed_i: modulo(freed) };
      },
    },
    cycles: 100_000,
  });
  const { items } = received[0];
  expect(items.length).toBe(expected.length);
  items.forEach((item, i) => {
    const { bank, addr, data } = expected[i];
    if (
      item.write_data_o === data &&
      item.write_addr_o === BigInt(addr) &&
      item.write_bank_o === BigInt(bank)
    )
      return;
    expect({ write: i, ...item }).toEqual({
      ...{ write: i, write_bank_o: BigInt(bank), write_addr_o: BigInt(addr), write_data_o: data },
    });
  });
  expect(freed).toBe(total);
  expect(sent.map((cycles) => cycles.length)).toEqual([jobs.length, words(jobs).length]);
}

const NONE = [0, 0, 0, 0] as const;
const ALL_KERNELS = [
  job([51, 48], [7, 2], NONE, [100, 20]),
  job([48, 53], [7, 2], NONE, [100, 20]),
  job([57, 50], [3, 2], NONE, [64, 40]),
  job([48, 49], [3, 2], [1, 1, 1, 1], [64, 40]),
  job([20, 17], [1, 1], NONE, [64, 40]),
  job([17, 9], [1, 2], NONE, [8, 7]),
  job([18, 19], [5, 1], [2, 1, 2, 3], [8, 30]),
  job([19, 16], [5, 2], [4, 4, 3, 3], [8, 30]),
  job([16, 18], [7, 1], [6, 0, 0, 6], [0, 12]),
  job([50, 51], [7, 2], [3, 2, 3, 3], [0, 12]),
];

describe.each([1, 2, 3, 4])('image_unit with %i pixel lanes', (PixLanes) => {
  it.each([
    { gapPercent: 0, stallPercent: 0, freePercent: 100 },
    { gapPercent: 40, stallPercent: 50, freePercent: 10 },
    { gapPercent: 85, stallPercent: 10, freePercent: 50 },
  ])('packs every kernel, padded or not (%o)', async (rates) => {
    await check({ PixLanes }, ALL_KERNELS, rates);
  });
});

it.each([
  { PixLanes: 1, MaxKernel: 3, Rows: 3 },
  { PixLanes: 3, MaxKernel: 3, Rows: 4 },
  { PixLanes: 2, MaxKernel: 3, Rows: 16 },
])('packs with the fewest and the most rows (%o)', async (parameters) => {
  const jobs = [
    job([49, 31], [3, 2], NONE, [16, 24]),
    job([30, 48], [3, 1], [1, 1, 1, 1], [16, 24]),
    job([33, 21], [1, 1], NONE, [16, 24]),
    job([48, 47], [3, 2], [0, 0, 1, 1], [4, 3]),
  ];
  await check(parameters, jobs, { gapPercent: 30, stallPercent: 20, freePercent: 30 });
});

/** Cycles between the first and the last write of each row of pixels after the first rows, and row to row. */
async function rowCycles(one: Job, rows: number) {
  const { received } = await runBench({
    module: 'image_unit',
    parameters: { PixLanes: 1, MaxSide: 256 },
    constants: { freed_i: 0 },
    sources: streams([one], 0),
    sinks: [
      {
        ...{ valid: 'write_valid_o', ready: 'write_ready_i', fields: FIELDS },
        expect: one.outWidth * one.outHeight * vectorsOf(one.kernel),
      },
    ],
    cycles: 20_000,
  });
  const perRow = one.outWidth * vectorsOf(one.kernel);
  const at = received[0].cycles;
  expect(at.length).toBe(perRow * one.outHeight);
  return Array.from({ length: rows }, (_, row) => {
    const first = (row + 1) * perRow;
    return { within: at[first + perRow - 1] - at[first] + 1, period: at[first + perRow] - at[first] };
  });
}

describe('image_unit without stalls', () => {
  it('packs a 3x3/2 pixel every 2 cycles and enters a row in 4', async () => {
    const one = job([224, 15], [3, 2], NONE, [0, 1024]);
    for (const { within, period } of await rowCycles(one, 5)) {
      expect(within).toBe(2 * 111);
      expect(period).toBeLessThanOrEqual(2 * 111 + 4);
    }
  });

  it('packs a 7x7/2 pixel every 10 cycles, rows entered meanwhile', async () => {
    const one = job([227, 15], [7, 2], NONE, [0, 1024]);
    for (const { within, period } of await rowCycles(one, 3)) {
      expect(within).toBe(10 * 111);
      expect(period).toBe(10 * 111);
    }
  });

  it('packs a 1x1 pixel every cycle', async () => {
    const one = job([128, 6], [1, 1], NONE, [0, 1024]);
    for (const { within } of await rowCycles(one, 4)) expect(within).toBe(128);
  });
});
