import type { ImageShape, Preprocess } from '../../gen/graph/network.ts';

/**
 * The network's float input of an image: height × width × 3 bytes in RGB become channels × height × width
 * of (raw - mean) · scale in the network's channel order. A gray image has three channels alike already.
 */
export function normalize(
  image: Uint8Array,
  { height, width, channels }: ImageShape,
  { order, mean, scale }: Preprocess,
): Float32Array {
  const pixels = height * width;
  const input = new Float32Array(channels * pixels);
  for (let channel = 0; channel < channels; channel++) {
    const source = order === 'bgr' ? channels - 1 - channel : channel;
    for (let pixel = 0; pixel < pixels; pixel++) {
      const raw = image[pixel * channels + source]!;
      input[channel * pixels + pixel] = (raw - mean[channel]!) * scale[channel]!;
    }
  }
  return input;
}
