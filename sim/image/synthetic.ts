/**
 * Seeded stand-ins for photographs: a few broad waves a channel, as light and shade in a picture, and
 * noise on top. Networks with random weights are calibrated and verified on them.
 */
import { RGB_CHANNELS } from './rgb-image.ts';

const WAVES = 4;
const WAVE_AMPLITUDE = 40;
const NOISE_AMPLITUDE = 48;

/** `count` images of height × width × 3 bytes, RGB; the same seed gives the same images. */
export function synthesizeImages(count: number, seed: number, height: number, width: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => {
    const random = uniformGenerator(Math.imul(seed, 0x9e3779b1) ^ index);
    return synthesizeImage(random, height, width);
  });
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

/** Uniform numbers in [0, 1) from a 32-bit seed (mulberry32). */
function uniformGenerator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
