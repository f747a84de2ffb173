/** The accumulator proof: no image can take a channel's final sum out of the accumulator. */
import { ACCUMULATOR_MAX, ACCUMULATOR_MIN, ACTIVATION_MAX } from './numerics.ts';

/** The extreme values of acc + bias over all possible inputs. */
export interface SumBounds {
  readonly min: number;
  readonly max: number;
}

/**
 * The sum is largest when every input under a positive weight is 255 and every other 0, and smallest the
 * other way round. Taps outside the map contribute values of the same range, so padding changes nothing.
 *
 * @param filter the weights of one output channel.
 */
export function sumBounds(filter: Int8Array, bias: number): SumBounds {
  let positive = 0;
  let negative = 0;
  for (const weight of filter) {
    if (weight > 0) positive += weight;
    else negative += weight;
  }
  return { min: ACTIVATION_MAX * negative + bias, max: ACTIVATION_MAX * positive + bias };
}

export function fitsAccumulator({ min, max }: SumBounds): boolean {
  return min >= ACCUMULATOR_MIN && max <= ACCUMULATOR_MAX;
}

/** By what factor the bounds exceed the accumulator; 1 or less: they fit. */
export function accumulatorExcess({ min, max }: SumBounds): number {
  return Math.max(max / ACCUMULATOR_MAX, min / ACCUMULATOR_MIN);
}

/** Bits of the smallest two's complement accumulator that holds the bounds. */
export function sumBits({ min, max }: SumBounds): number {
  let bits = 1;
  while (max > 2 ** (bits - 1) - 1 || min < -(2 ** (bits - 1))) bits++;
  return bits;
}
