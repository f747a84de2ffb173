/** What a convolution reads, as the quantizer sees it: the image or a feature map. */
import type { Network, Preprocess } from '../graph/network.ts';
import { coarsestStep } from './equalize.ts';
import { ACTIVATION_MAX } from './numerics.ts';
import type { TapGroups } from './rounding.ts';

/** Correlation of the inputs under one filter, image: neighbouring pixels and colours are nearly equal. */
const IMAGE_CORRELATION = 0.9;
/** Of neighbouring pixels of one channel of a feature map. Both were chosen on calibration images. */
const MAP_CORRELATION = 0.5;

/**
 * A tensor of uint8. For channel c, one step is `steps[c]` in the network's units and the mean is `means[c]`
 * steps. The real value is steps · (stored - offset): the offset is the image's mean, and 0 in maps.
 */
export interface SourceMap {
  readonly steps: Float64Array;
  readonly means: Float64Array;
  readonly offsets: Float64Array;
  /** Real value of one step where the steps are no part of the weights' scale: 1 for the image. */
  readonly scale: number;
  /** Which of the source's channels a convolution's input channel reads. */
  readonly order: readonly number[];
  /** How a k × k filter's weights group by likeness of their inputs. */
  groups(filterSize: number, kernel: number): TapGroups;
}

/**
 * The image as the chip gets it, raw RGB: order, mean and scale of the preprocessing become those of the
 * map, and by it those of the first convolution.
 */
export function imageSource({ channels }: Network['input'], preprocess: Preprocess): SourceMap {
  const order = Array.from({ length: channels }, (_, c) =>
    preprocess.order === 'bgr' ? channels - 1 - c : c,
  );
  const raw = (values: readonly number[]) => {
    const result = new Float64Array(channels);
    for (const [channel, source] of order.entries()) result[source] = values[channel];
    return result;
  };
  const mean = raw(preprocess.mean);
  return {
    steps: raw(preprocess.scale),
    means: mean,
    offsets: mean,
    scale: 1,
    order,
    // The weights of a gray network for the two channels that it does not read stay 0.
    groups: (filterSize, kernel) => ({
      size: preprocess.order === 'gray' ? kernel ** 2 : filterSize,
      correlation: IMAGE_CORRELATION,
    }),
  };
}

/** @param means mean activation per channel in real units. */
export function featureSource(steps: Float64Array, means: readonly number[]): SourceMap {
  return {
    steps,
    means: steps.map((step, c) => Math.min(means[c] / step, ACTIVATION_MAX)),
    offsets: new Float64Array(steps.length),
    scale: coarsestStep(steps),
    order: [...steps.keys()],
    groups: (_, kernel) => ({ size: kernel ** 2, correlation: MAP_CORRELATION }),
  };
}
