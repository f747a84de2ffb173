/**
 * The numeric contract, written once (docs/reference/numerics.md explains it). The compiler, every
 * witness and the RTL's parameters take their widths from here.
 */

/** Accumulators have this many bits, two's complement, and wrap; only the final acc + bias must fit. */
export const ACCUMULATOR_BITS = 25;
export const ACCUMULATOR_MIN = -(2 ** (ACCUMULATOR_BITS - 1));
export const ACCUMULATOR_MAX = 2 ** (ACCUMULATOR_BITS - 1) - 1;

/** Weights are symmetric: -128 never occurs, which is what lets two share one multiplier. */
export const WEIGHT_MAX = 127;

/** Activations are unsigned bytes with zero point 0. */
export const ACTIVATION_MAX = 255;

/** The multiplier m is an unsigned integer of this many bits; 0 is allowed. */
export const MULTIPLIER_BITS = 16;
export const MULTIPLIER_MAX = 2 ** MULTIPLIER_BITS - 1;

/** Range of the right shift s. */
export const SHIFT_MIN = 1;
export const SHIFT_MAX = 47;

/** 2^0 … 2^SHIFT_MAX: looked up, since this is the inner loop of every simulator. */
const POWERS_OF_TWO = Float64Array.from({ length: SHIFT_MAX + 1 }, (_, s) => 2 ** s);

/**
 * (value * m + 2^(s-1)) >> s, where >> floors: the contract's rounding product, signed and unclamped.
 * Exact in doubles while |value| * m stays under 2^52, so for every acc + bias (under 2^25).
 */
function scaleRounded(value: number, m: number, s: number): number {
  return Math.floor((value * m + POWERS_OF_TWO[s - 1]) / POWERS_OF_TWO[s]);
}

/** An accumulator's final sum, acc + bias, as an activation: scaled, rounded and clamped to 0..255. */
export function requantize(sum: number, m: number, s: number): number {
  return Math.max(0, Math.min(scaleRounded(sum, m, s), ACTIVATION_MAX));
}
