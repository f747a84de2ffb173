import { describe, expect, it } from 'vitest';
import { Prng } from '../../../gen/import/prng.ts';
import { ChannelHistograms } from '../../../gen/quantize/histogram.ts';
import { channelRange } from '../../../gen/quantize/ranges.ts';

const prng = new Prng(11);
/** Two channels: one that is bell-shaped after a ReLU, one that is always 0. */
const maps = Array.from({ length: 6 }, () =>
  Float32Array.from({ length: 2 * 500 }, (_, i) => (i % 2 ? 0 : Math.max(0, prng.bell()))),
);

function histogramsOf(order: readonly Float32Array[]): ChannelHistograms {
  const histograms = new ChannelHistograms(2);
  for (const map of order) expect(histograms.add(map)).toBe(true);
  return histograms;
}

describe('ChannelHistograms', () => {
  it('counts what is over 0, and knows maximum and mean', () => {
    const [first, second] = histogramsOf(maps).all();
    const values = maps.flatMap((map) => [...map].filter((_, i) => i % 2 === 0));
    expect(first.positives).toBe(values.filter((value) => value > 0).length);
    expect(first.max).toBe(Math.max(...values));
    expect(first.mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 10);
    expect(first.max).toBeLessThan(first.width * first.counts.length);
    expect(first.max).toBeGreaterThanOrEqual((first.width * first.counts.length) / 2);
    expect(second).toMatchObject({ positives: 0, max: 0, mean: 0 });
  });

  it('gives the same counts whatever the order of the images', () => {
    const larger = maps.map((map, i) => map.map((value) => value * 10 ** (i - 3)));
    const forth = histogramsOf(larger).channel(0);
    const back = histogramsOf(larger.toReversed()).channel(0);
    expect(back.width).toBe(forth.width);
    expect([...back.counts]).toEqual([...forth.counts]);
  });

  it('takes in nothing of a map with a value that is not finite', () => {
    const histograms = histogramsOf(maps);
    const before = histograms.channel(0).positives;
    expect(histograms.add(Float32Array.of(1, 1, Number.NaN, 1))).toBe(false);
    expect(histograms.add(Float32Array.of(1, 1, Number.POSITIVE_INFINITY, 1))).toBe(false);
    expect(histograms.channel(0).positives).toBe(before);
  });
});

describe('channelRange', () => {
  const crowd = Float32Array.from({ length: 100_000 }, (_, i) => (i + 1) / 100_000);
  const withOutlier = new ChannelHistograms(1);
  withOutlier.add(crowd);
  withOutlier.add(Float32Array.of(3));
  const histogram = withOutlier.channel(0);

  it('minmax keeps the largest value', () => {
    expect(channelRange(histogram, 'minmax')).toBe(3);
  });

  it('percentile drops the outlier', () => {
    expect(channelRange(histogram, 'percentile')).toBeCloseTo(1, 1);
  });

  it('mse weighs the clipped outlier against the rounding of the crowd', () => {
    // Least of (3 - r)² + 100,000 · (r / 255)² / 12, tried in steps of 0.075.
    const least = 3 / (1 + 100_000 / 255 ** 2 / 12);
    expect(Math.abs(channelRange(histogram, 'mse') - least)).toBeLessThan(0.075);
    const even = new ChannelHistograms(1);
    even.add(crowd);
    expect(channelRange(even.channel(0), 'mse')).toBeGreaterThan(0.97);
  });

  it('is 0 for a channel that is never on', () => {
    const off = new ChannelHistograms(1);
    off.add(new Float32Array(10));
    for (const method of ['minmax', 'percentile', 'mse'] as const) {
      expect(channelRange(off.channel(0), method)).toBe(0);
    }
  });
});
