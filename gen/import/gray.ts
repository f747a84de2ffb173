/**
 * One-channel networks. The engine reads RGB, so a network of gray images becomes one of RGB images whose three
 * channels are alike: the first convolution reads the first of them, and its weights for the others are 0.
 */
import type { Convolution } from '../graph/network.ts';

/** Channels of an image at the engine. */
export const IMAGE_CHANNELS = 3;

/** The weights of a convolution of gray images, for RGB ones. */
export function grayOverRgb(
  weight: Float32Array,
  { outChannels, kernel }: Pick<Convolution, 'outChannels' | 'kernel'>,
): Float32Array {
  const taps = kernel ** 2;
  const widened = new Float32Array(outChannels * IMAGE_CHANNELS * taps);
  for (let o = 0; o < outChannels; o++) {
    widened.set(weight.subarray(o * taps, (o + 1) * taps), o * IMAGE_CHANNELS * taps);
  }
  return widened;
}
