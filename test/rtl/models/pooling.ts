/** Max-pool by its definition, and the order in which the engine sends a map through it. */
import type { Prng } from '../../../gen/import/prng.ts';

export interface PoolShape {
  readonly width: number;
  readonly height: number;
  /** Window side; the stride is 2. */
  readonly kernel: 2 | 3;
  /** Whether a window may reach over the last column or row. */
  readonly ceil: boolean;
}

/** Pooled columns or rows of so many. */
export function pooledLength(length: number, { kernel, ceil }: PoolShape): number {
  return (ceil ? Math.ceil : Math.floor)((length - kernel) / 2) + 1;
}

/** Whether the last of the windows over so many columns or rows reaches over the edge. */
export function isPartial(length: number, shape: PoolShape): boolean {
  return 2 * (pooledLength(length, shape) - 1) + shape.kernel > length;
}

export interface PooledPixel {
  /** Flattened index of the map's pixel with which the window is complete. */
  readonly endsAt: number;
  /** A byte a channel. */
  readonly data: readonly number[];
}

/** All pooled pixels of one pass in flattened order; `pixels` are those of the map, a byte a channel each. */
export function pool(pixels: readonly (readonly number[])[], shape: PoolShape): PooledPixel[] {
  const { width, height, kernel } = shape;
  const pooled: PooledPixel[] = [];
  for (let py = 0; py < pooledLength(height, shape); py++) {
    for (let px = 0; px < pooledLength(width, shape); px++) {
      const rows = range(2 * py, Math.min(2 * py + kernel, height));
      const columns = range(2 * px, Math.min(2 * px + kernel, width));
      const window = rows.flatMap((y) => columns.map((x) => y * width + x));
      const data = pixels[0].map((_, c) => Math.max(...window.map((p) => pixels[p][c])));
      pooled.push({ endsAt: window.at(-1)!, data });
    }
  }
  return pooled;
}

/** One pass over one block of groups. */
export interface PoolRun {
  readonly pass: number;
  readonly firstGroup: number;
  readonly groups: number;
  readonly start: boolean;
  readonly home: boolean;
  readonly save: boolean;
}

export function poolRuns(
  order: 'block-major' | 'pass-major',
  passes: number,
  blocks: readonly number[],
  firstGroup = 0,
): PoolRun[] {
  const starts = blocks.map(
    (_, b) => firstGroup + blocks.slice(0, b).reduce((sum, groups) => sum + groups, 0),
  );
  const pairs =
    order === 'block-major'
      ? blocks.flatMap((_, b) => range(0, passes).map((pass) => ({ pass, b })))
      : range(0, passes).flatMap((pass) => blocks.map((_, b) => ({ pass, b })));
  return pairs.map(({ pass, b }, i) => ({
    pass,
    firstGroup: starts[b],
    groups: blocks[b],
    start: i === 0,
    home: b === 0,
    save: order === 'pass-major' || pass === passes - 1,
  }));
}

/** So many groups cut into blocks of 1 to `most`. */
export function randomBlocks(groups: number, most: number, random: Prng): number[] {
  const blocks: number[] = [];
  for (let left = groups; left > 0; left -= blocks.at(-1)!) {
    blocks.push(Math.min(left, 1 + Math.floor(random.uniform() * most)));
  }
  return blocks;
}

/** Pixels of random bytes; about half of them are small, so that maxima come from everywhere. */
export function randomPixels(count: number, channels: number, random: Prng): number[][] {
  return range(0, count).map(() =>
    range(0, channels).map(() => random.next() & (random.next() & 1 ? 0xff : 0x1f)),
  );
}

/** The group's pixels as one bus value; lanes behind the map carry noise. */
export function groupBytes(
  pixels: readonly (readonly number[])[],
  group: number,
  lanes: number,
  random: Prng,
): Uint8Array {
  const channels = pixels[0].length;
  return Uint8Array.from(
    range(0, lanes).flatMap(
      (lane) => pixels[group * lanes + lane] ?? range(0, channels).map(() => random.next() & 0xff),
    ),
  );
}

/** What the shape looks like in a run's fields, all but what changes from run to run. */
export function shapeFields(shape: PoolShape, lanes: number) {
  const { width, height, kernel } = shape;
  return {
    kernel2: Number(kernel === 2),
    partial_x: Number(isPartial(width, shape)),
    partial_y: Number(isPartial(height, shape)),
    width: width,
    height: height,
    pooled_width: pooledLength(width, shape),
    pooled_height: pooledLength(height, shape),
    step_x: lanes % width,
    step_y: Math.floor(lanes / width),
  };
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}
