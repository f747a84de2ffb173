/** Real weights to integers, by the error that the rounding leaves in the sum, not in each weight alone. */
import { WEIGHT_MAX } from './numerics.ts';

/** Weights that read alike inputs: `size` consecutive ones, whose inputs correlate by `correlation`. */
export interface TapGroups {
  readonly size: number;
  readonly correlation: number;
}

/** Each sweep lowers a positive error; in practice two or three reach the minimum. */
const MAX_SWEEPS = 8;

/**
 * Rounds a filter to steps of `step`. Neighbouring pixels are alike, so within a group the errors add up
 * like one weight's: the expected squared error of the sum is, per group and input variance,
 * (1 - ρ)·Σδ² + ρ·(Σδ)² with δ = rounded - exact. Rounding to nearest minimizes only the first term; from
 * there each weight is moved to the other neighbouring integer where that lowers the whole.
 *
 * @param filter one output channel's weights, real.
 * @returns integers within ±127.
 */
export function roundFilter(filter: Float64Array, step: number, groups: TapGroups): Int8Array {
  const exact = filter.map((weight) => weight / step);
  const rounded = Int8Array.from(exact, clampWeight);
  if (groups.size === 1) return rounded;
  for (let start = 0; start < rounded.length; start += groups.size) {
    const end = start + groups.size;
    balanceGroup(rounded.subarray(start, end), exact.subarray(start, end), groups.correlation);
  }
  return rounded;
}

const clampWeight = (value: number) => Math.max(-WEIGHT_MAX, Math.min(Math.round(value), WEIGHT_MAX));

function balanceGroup(rounded: Int8Array, exact: Float64Array, correlation: number): void {
  let total = 0;
  for (let i = 0; i < rounded.length; i++) total += rounded[i] - exact[i];
  for (let sweep = 0, moved = true; moved && sweep < MAX_SWEEPS; sweep++) {
    moved = false;
    for (let i = 0; i < rounded.length; i++) {
      const error = rounded[i] - exact[i];
      const move = error > 0 ? -1 : 1;
      if (Math.abs(rounded[i] + move) > WEIGHT_MAX) continue;
      const change = (1 - correlation) * (2 * error * move + 1) + correlation * (2 * total * move + 1);
      if (change >= 0) continue;
      rounded[i] += move;
      total += move;
      moved = true;
    }
  }
}
