/** Images for benches of image_unit: their configurations, words, and the writes that must come of them. */
import { Prng } from '../../gen/import/prng.ts';
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

export interface Job extends Convolution {
  readonly width: number;
  readonly height: number;
  readonly base: number;
  readonly groups: number;
  readonly bytes: Uint8Array;
}

export interface Write {
  /** Pixel, counted over all images. */
  readonly pixel: number;
  readonly bank: number;
  readonly addr: number;
  readonly data: bigint;
  /** Group, counted over all images. */
  readonly group: number;
  /** First group in the buffer of this image and those before it with the same one. */
  readonly start: number;
}

/** Vectors of a pixel. */
export const vectorsOf = (kernel: number) => Math.ceil((kernel * kernel * 3) / 16);
export const random = new Prng(3);
export const below = (limit: number) => Math.floor(random.uniform() * limit);
const noise = (count: number) => Uint8Array.from({ length: count }, () => below(256));

/** A job over random bytes; `pads` are top, left, bottom, right. */
export function job(
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
export function expectedWrites(jobs: readonly Job[], lanes: number): Write[] {
  const writes: Write[] = [];
  let group = 0;
  let pixel = 0;
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
          pixel: pixel + p,
          bank: p % lanes,
          addr: base + v * groups + ((own - start) % groups),
          data: fromBytes(taps.subarray(16 * v, 16 * v + 16)),
          group: own,
          start,
        });
      }
    }
    group += Math.ceil((outWidth * outHeight) / lanes);
    pixel += outWidth * outHeight;
  }
  return writes;
}

const HEADER = new BitFields('tape/tape_header.vh', 'TAPE');

export function headers(jobs: readonly Job[]) {
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
export function words(jobs: readonly Job[]) {
  return jobs.flatMap(({ bytes }) => {
    const whole = noise(Math.ceil(bytes.length / 16) * 16);
    whole.set(bytes);
    return Array.from({ length: whole.length / 16 }, (_, i) => ({
      word_data_i: fromBytes(whole.subarray(16 * i, 16 * i + 16)),
    }));
  });
}

/** Sources of the configurations and of the words. */
export const streams = (jobs: readonly Job[], gapPercent: number) => [
  { valid: 'cfg_valid_i', ready: 'cfg_ready_o', items: headers(jobs), gapPercent },
  { valid: 'word_valid_i', ready: 'word_ready_o', items: words(jobs), gapPercent },
];

export const NO_PADS = [0, 0, 0, 0] as const;
export const ALL_KERNELS = [
  job([51, 48], [7, 2], NO_PADS, [100, 20]),
  job([48, 53], [7, 2], NO_PADS, [100, 20]),
  job([57, 50], [3, 2], NO_PADS, [64, 40]),
  job([48, 49], [3, 2], [1, 1, 1, 1], [64, 40]),
  job([20, 17], [1, 1], NO_PADS, [64, 40]),
  job([17, 9], [1, 2], NO_PADS, [8, 7]),
  job([5, 16], [3, 2], NO_PADS, [8, 7]),
  job([6, 9], [1, 2], NO_PADS, [8, 7]),
  job([18, 19], [5, 1], [2, 1, 2, 3], [8, 30]),
  job([19, 16], [5, 2], [4, 4, 3, 3], [8, 30]),
  job([16, 18], [7, 1], [6, 0, 0, 6], [0, 12]),
  job([50, 51], [7, 2], [3, 2, 3, 3], [0, 12]),
];

/** Takes whether vectors are taken in the cycle after the next: what to drive in the next one. */
export function readyAhead() {
  let next = false;
  return (afterNext: boolean) => {
    const driven = { write_ready_i: Number(next), ready_next_i: Number(afterNext) };
    next = afterNext;
    return driven;
  };
}
