import { describe, expect, it } from 'vitest';
import { Prng } from '../../../gen/import/prng.ts';
import { ACCUMULATOR_MAX, ACCUMULATOR_MIN } from '../../../gen/quantize/numerics.ts';
import { accumulatorExcess, fitsAccumulator, sumBits, sumBounds } from '../../../gen/quantize/proof.ts';

const sumOf = (filter: Int8Array, bias: number, image: (weight: number) => number) =>
  filter.reduce((sum, weight) => sum + weight * image(weight), bias);

describe('sumBounds', () => {
  it('are reached by the adversary and by no image exceeded', () => {
    const prng = new Prng(7);
    const filter = Int8Array.from({ length: 576 }, () => (prng.next() % 255) - 127);
    const bounds = sumBounds(filter, -1234);
    expect(sumOf(filter, -1234, (w) => (w > 0 ? 255 : 0))).toBe(bounds.max);
    expect(sumOf(filter, -1234, (w) => (w < 0 ? 255 : 0))).toBe(bounds.min);
    for (let trial = 0; trial < 100; trial++) {
      const sum = sumOf(filter, -1234, () => prng.next() % 256);
      expect(sum).toBeGreaterThanOrEqual(bounds.min);
      expect(sum).toBeLessThanOrEqual(bounds.max);
    }
  });

  it('of a filter of zeros are its bias', () => {
    expect(sumBounds(new Int8Array(9), 42)).toEqual({ min: 42, max: 42 });
  });
});

describe('fitsAccumulator', () => {
  // 518 · 127 · 255 = 16,775,430 is the most that whole weights put under 2^24.
  const filter = new Int8Array(518).fill(127);
  const room = ACCUMULATOR_MAX - 518 * 127 * 255;

  it('accepts the last sum that fits on either side and refuses the next', () => {
    expect(fitsAccumulator(sumBounds(filter, room))).toBe(true);
    expect(fitsAccumulator(sumBounds(filter, room + 1))).toBe(false);
    const negative = filter.map((weight) => -weight);
    expect(fitsAccumulator(sumBounds(negative, -room - 1))).toBe(true);
    expect(fitsAccumulator(sumBounds(negative, -room - 2))).toBe(false);
  });

  it('refuses a bias that fits only together with the weights: the image may be black', () => {
    expect(fitsAccumulator(sumBounds(filter, ACCUMULATOR_MIN - 1))).toBe(false);
  });

  it('agrees with the excess', () => {
    expect(accumulatorExcess(sumBounds(filter, room))).toBe(1);
    expect(accumulatorExcess(sumBounds(filter, room + 1))).toBeGreaterThan(1);
    expect(accumulatorExcess({ min: 2 * ACCUMULATOR_MIN, max: 0 })).toBe(2);
  });
});

describe('sumBits', () => {
  it('is the width of the smallest two’s complement that holds both bounds', () => {
    expect(sumBits({ min: 0, max: 0 })).toBe(1);
    expect(sumBits({ min: -1, max: 0 })).toBe(1);
    expect(sumBits({ min: 0, max: 1 })).toBe(2);
    expect(sumBits({ min: ACCUMULATOR_MIN, max: ACCUMULATOR_MAX })).toBe(25);
    expect(sumBits({ min: ACCUMULATOR_MIN - 1, max: 0 })).toBe(26);
  });
});
