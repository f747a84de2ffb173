/**
 * Seeded stand-ins for photographs: a few broad waves a channel, as light and shade in a picture, and
 * noise on top. Networks with random weights are calibrated and verified on them.
 */
import type { ImageSize, Preprocess } from '../../gen/graph/network.ts';
import { Prng } from '../../gen/import/prng.ts';
import { grayPixels } from './gray.ts';
import { RGB_CHANNELS } from './rgb-image.ts';

const WAVES = 4;
const WAVE_AMPLITUDE = 40;
const NOISE_AMPLITUDE = 48;
/** Odd, so that seeds stay apart modulo 2^32; large, so that the streams of neighbouring seeds do too. */
const STREAM_STEP = 0x9e3779b1;

/** `count` images of height × width × 3 bytes, RGB; the same seed gives the same images. */
export function synthesizeImages(count: number, seed: number, height: number, width: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => {
    // One stream an image, so that the first images do not depend on how many are wanted.
    const random = new Prng(Math.imul(seed, STREAM_STEP) + index);
    return synthesizeImage(() => random.uniform(), height, width);
  });
}

/** The same in the colors and the size that a network reads. */
export function synthesizeFor(
  { input, preprocess }: { input: ImageSize; preprocess: Pick<Preprocess, 'order'> },
  count: number,
  seed: number,
): Uint8Array[] {
  const images = synthesizeImages(count, seed, input.height, input.width);
  return preprocess.order === 'gray' ? images.map(grayPixels) : images;
}

function synthesizeImage(random: () => number, height: number, width: number): Uint8Array {
  const data = new Uint8Array(height * width * RGB_CHANNELS);
  for (let channel = 0; channel < RGB_CHANNELS; channel++) {
    const level = 96 + 64 * random();
    const waves = Array.from({ length: WAVES }, () => triangleWave(random));
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const light = waves.reduce((sum, wave) => sum + wave(x / width, y / height), level);
        const value = Math.round(light + NOISE_AMPLITUDE * (random() - 0.5));
        data[(y * width + x) * RGB_CHANNELS + channel] = Math.max(0, Math.min(value, 255));
      }
    }
  }
  return data;
}

/** A plane wave over the unit square. A triangle, not a sine: sin() may differ between machines. */
function triangleWave(random: () => number): (x: number, y: number) => number {
  const [alongX, alongY, phase] = [6 * random() - 3, 6 * random() - 3, random()];
  return (x, y) => {
    const turn = alongX * x + alongY * y + phase;
    return WAVE_AMPLITUDE * (4 * Math.abs(turn - Math.round(turn)) - 1);
  };
}
