import { cropTooLarge } from '../../gen/diagnostics/image.ts';
import { RGB_CHANNELS, type RgbImage } from './rgb-image.ts';

/**
 * The centre of an image. An odd margin leaves the smaller half above and on the left, as Caffe's test
 * transform and `(size - crop) // 2` do.
 *
 * @throws FireforgeError FF206 if the image is smaller than the crop.
 */
export function centreCrop(image: RgbImage, width: number, height: number): RgbImage {
  if (width > image.width || height > image.height) {
    throw cropTooLarge(`${width}x${height}`, `${image.width}x${image.height}`);
  }
  const left = Math.floor((image.width - width) / 2);
  const top = Math.floor((image.height - height) / 2);
  const data = new Uint8Array(height * width * RGB_CHANNELS);
  const rowBytes = width * RGB_CHANNELS;
  for (let y = 0; y < height; y++) {
    const start = ((top + y) * image.width + left) * RGB_CHANNELS;
    data.set(image.data.subarray(start, start + rowBytes), y * rowBytes);
  }
  return { width, height, data };
}
