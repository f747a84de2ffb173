import { describe, expect, test } from 'vitest';
import { synthesizeImages } from '../../../sim/image/synthetic.ts';

describe('synthesizeImages', () => {
  test('the same seed gives the same images, another seed or index others', () => {
    const images = synthesizeImages(2, 7, 20, 30);
    expect(images.map((image) => image.length)).toEqual([1800, 1800]);
    expect(synthesizeImages(2, 7, 20, 30)).toEqual(images);
    expect(images[0]).not.toEqual(images[1]);
    expect(synthesizeImages(1, 8, 20, 30)[0]).not.toEqual(images[0]);
  });

  test('they span most of the range and are smoother than noise', () => {
    for (const image of synthesizeImages(4, 1, 48, 48)) {
      const samples = [...image];
      const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
      expect(Math.max(...samples) - Math.min(...samples)).toBeGreaterThan(128);
      const deviation = Math.sqrt(samples.reduce((sum, s) => sum + (s - mean) ** 2, 0) / samples.length);
      const steps = samples.slice(3).map((sample, i) => Math.abs(sample - samples[i]!));
      const meanStep = steps.reduce((sum, step) => sum + step, 0) / steps.length;
      // Independent samples of this deviation would differ by 1.13 deviations on average.
      expect(meanStep).toBeLessThan(0.8 * deviation);
    }
  });
});
