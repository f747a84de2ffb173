/** Color to gray. */
import { RGB_CHANNELS } from './rgb-image.ts';

/** ITU-R 601's weights of red, green and blue, times 2^16: those of `convert('L')` in Pillow. */
const LUMA = [19595, 38470, 7471] as const;
const LUMA_BITS = 16;

/** Every pixel's luma, rounded, in all three of its channels. */
export function grayPixels(rgb: Uint8Array): Uint8Array {
  const gray = new Uint8Array(rgb.length);
  for (let pixel = 0; pixel < rgb.length; pixel += RGB_CHANNELS) {
    const sum = LUMA[0] * rgb[pixel]! + LUMA[1] * rgb[pixel + 1]! + LUMA[2] * rgb[pixel + 2]!;
    gray.fill((sum + (1 << (LUMA_BITS - 1))) >> LUMA_BITS, pixel, pixel + RGB_CHANNELS);
  }
  return gray;
}
