/** The steps of a feature map: what one unit of each channel's uint8 is worth. */
import { ACTIVATION_MAX } from './numerics.ts';

/** Channels of under this part of the map's range are treated as if they had it, which bounds the steps. */
const RANGE_FLOOR = 0.01;

/**
 * Steps of an equalized map. ReLU and max-pool commute with a positive factor per channel, so each channel
 * may have its own step: the writer's multiplier takes it in, the reader's weights are multiplied by it. A
 * channel's own ideal step (its range / 255) suits the activations best, one step for all the weights of the
 * reader, whose channels then differ least. The geometric mean of the two is taken.
 *
 * @param ranges largest activation of each channel, in real units.
 */
export function equalizedSteps(ranges: ArrayLike<number>): Float64Array {
  const largest = largestRange(ranges);
  return Float64Array.from(
    ranges,
    (range) => Math.sqrt(Math.max(range, largest * RANGE_FLOOR) * largest) / ACTIVATION_MAX,
  );
}

/** One step for all channels: of a map that leaves the chip, so that one number says what it is worth. */
export function uniformSteps(ranges: ArrayLike<number>): Float64Array {
  return new Float64Array(ranges.length).fill(largestRange(ranges) / ACTIVATION_MAX);
}

/** Real value of one step of the channel with the largest range. */
export function coarsestStep(steps: Float64Array): number {
  return steps.reduce((largest, step) => Math.max(largest, step));
}

/** A map that is zero on every calibration image gets the range 1, as any would do. */
function largestRange(ranges: ArrayLike<number>): number {
  return Array.from(ranges).reduce((largest, range) => Math.max(largest, range), 0) || 1;
}
