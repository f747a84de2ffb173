/** max_pool's windows, group by group of a stage's map. */
import { expandedPixels, type PoolShape, type Stage } from '../nest.ts';

export interface PoolWindows {
  /** Windows that end in each group. */
  readonly counts: Uint8Array;
  /** Running number of pooled pixels before each window, in the map's order; one entry more at the end. */
  readonly pixels: Uint32Array;
  /** First window of each group. */
  readonly firsts: Uint32Array;
  readonly total: number;
}

export function poolWindows(stage: Stage, pool: PoolShape, pixelLanes: number): PoolWindows {
  const ends = axisEnds(stage.width, pool.width, pool.kernel, pool.partialColumn);
  const rows = axisEnds(stage.height, pool.height, pool.kernel, pool.partialRow);
  const groups = Math.ceil(expandedPixels(stage) / pixelLanes);
  const counts = new Uint8Array(groups);
  const firsts = new Uint32Array(groups);
  const pixels: number[] = [0];
  for (let y = 0, p = 0; y < stage.height; y++) {
    for (let x = 0; x < stage.width; x++, p++) {
      const group = Math.floor(p / pixelLanes);
      if (p % pixelLanes === 0) firsts[group] = pixels.length - 1;
      if (!ends[x]) continue;
      counts[group]++;
      pixels.push(pixels[pixels.length - 1] + (rows[y] ? 1 : 0));
    }
  }
  return { counts, firsts, pixels: Uint32Array.from(pixels), total: pool.width * pool.height };
}

/** Coordinates along one axis at which a window ends. */
function axisEnds(length: number, outputs: number, kernel: 2 | 3, partial: boolean): boolean[] {
  const last = partial ? length - 1 : 2 * outputs - (kernel === 2 ? 1 : 0);
  return Array.from({ length }, (_, i) => i === last || (kernel === 2 ? i % 2 === 1 : i % 2 === 0 && i > 0));
}
