/**
 * How a stage's map is cut into blocks of at most D groups, and when finished pixels are squeezed.
 */
import type { Entry, PoolShape } from './nest.ts';

/** Pixels of the pooled map that are finished once `n` pixels of the map (in flattened order) are. */
export function finishedPixels(
  width: number,
  height: number,
  pool: PoolShape | undefined,
): (n: number) => number {
  if (!pool) return (n) => n;
  const finishedBy = (length: number, outputs: number) => {
    const count = new Uint32Array(length + 1);
    for (let o = 0; o < outputs; o++) count[Math.min(2 * o + pool.kernel, length)]++;
    for (let i = 1; i <= length; i++) count[i] += count[i - 1];
    return count;
  };
  const columns = finishedBy(width, pool.width);
  const rows = finishedBy(height, pool.height);
  return (n) => {
    const row = Math.floor(n / width);
    const closes = row < height && rows[row + 1] > rows[row];
    return rows[row] * pool.width + (closes ? (rows[row + 1] - rows[row]) * columns[n % width] : 0);
  };
}

/** `total` groups in the fewest blocks of at most `depth`, as even as possible. */
export function evenBlocks(total: number, depth: number): number[] {
  const size = Math.ceil(total / Math.ceil(total / depth));
  const blocks: number[] = [];
  for (let start = 0; start < total; start += size) blocks.push(Math.min(size, total - start));
  return blocks;
}

/** Pass-major: every pass walks all blocks; expand and squeeze blocks are listed side by side. */
export function passMajorEntries(expandGroups: number, squeezeGroups: number, depth: number): Entry[] {
  const expand = evenBlocks(expandGroups, depth);
  const squeeze = squeezeGroups > 0 ? evenBlocks(squeezeGroups, depth) : [];
  return Array.from({ length: Math.max(expand.length, squeeze.length) }, (_, e) => ({
    groups: expand[e] ?? 0,
    squeezeGroups: squeeze[e] ?? 0,
  }));
}

export interface BlockMajorPlan {
  readonly entries: Entry[];
  /** Groups the circular block buffer must hold. */
  readonly bufferGroups: number;
}

/**
 * Block-major: a block's finished groups are squeezed one block late (after the next block's first pass), so
 * that its drain hides behind that pass; behind a pool only once `minimumChunk` groups have gathered.
 */
export function blockMajorEntries(options: {
  readonly pixels: number;
  readonly lanes: number;
  readonly depth: number;
  readonly minimumChunk: number;
  readonly finished: (pixels: number) => number;
  readonly pooledPixels: number;
  readonly gathers: boolean;
}): BlockMajorPlan {
  const { pixels, lanes, depth, minimumChunk, finished, pooledPixels, gathers } = options;
  const entries: { groups: number; squeezeGroups: number }[] = [];
  let start = 0;
  let squeezed = 0;
  let pending: number[] = [];
  let oldestUnread = 0;
  let bufferGroups = 0;
  for (const groups of evenBlocks(Math.ceil(pixels / lanes), depth)) {
    start += groups;
    const last = start * lanes >= pixels;
    const done = finished(Math.min(start * lanes, pixels));
    bufferGroups = Math.max(bufferGroups, Math.ceil(done / lanes) - oldestUnread);
    entries.push({ groups, squeezeGroups: pending.shift() ?? 0 });
    for (const chunk of pending) entries.push({ groups: 0, squeezeGroups: chunk });
    oldestUnread = squeezed;
    pending = [];
    const ready = (last ? Math.ceil(pooledPixels / lanes) : Math.floor(done / lanes)) - squeezed;
    if (ready > 0 && (last || !gathers || ready >= minimumChunk)) {
      pending = evenBlocks(ready, depth);
      squeezed += ready;
    }
  }
  for (const chunk of pending) entries.push({ groups: 0, squeezeGroups: chunk });
  return { entries, bufferGroups };
}
