/** Real factors as the contract's pair of a 16-bit multiplier and a right shift. */
import { MULTIPLIER_BITS, MULTIPLIER_MAX, SHIFT_MAX, SHIFT_MIN } from './numerics.ts';

export interface Multiplier {
  readonly m: number;
  readonly s: number;
}

const NORMAL_MIN = 2 ** (MULTIPLIER_BITS - 1);

/**
 * The pair with m / 2^s closest to `factor`. While a shift in range allows it, m uses all its bits
 * (2^15 ≤ m < 2^16), and the relative error is at most 2^-16. A smaller factor keeps the largest shift and
 * loses bits, down to m = 0: an error of at most 2^-48, under 2^-23 of an output step for any accumulator. A
 * factor of 2^15 or more saturates, which changes nothing: one step of the accumulator gives 255 already.
 *
 * @param factor finite, 0 or more.
 */
export function encodeMultiplier(factor: number): Multiplier {
  let s = SHIFT_MIN;
  // Doubling is exact, unlike a logarithm, whose last bit may differ between machines.
  let scaled = factor * 2 ** SHIFT_MIN;
  while (s < SHIFT_MAX && scaled < NORMAL_MIN) {
    scaled *= 2;
    s++;
  }
  const m = Math.round(scaled);
  if (m <= MULTIPLIER_MAX) return { m, s };
  return s > SHIFT_MIN ? { m: NORMAL_MIN, s: s - 1 } : { m: MULTIPLIER_MAX, s };
}

/** The pairs of all channels. */
export function encodeMultipliers(factors: ArrayLike<number>): { m: Uint16Array; s: Uint8Array } {
  const pairs = Array.from(factors, encodeMultiplier);
  return { m: Uint16Array.from(pairs, ({ m }) => m), s: Uint8Array.from(pairs, ({ s }) => s) };
}
