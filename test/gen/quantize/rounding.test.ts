import { describe, expect, it } from 'vitest';
import { Prng } from '../../../gen/import/prng.ts';
import { roundFilter } from '../../../gen/quantize/rounding.ts';

const prng = new Prng(3);
const filter = Float64Array.from({ length: 9 * 40 }, () => prng.bell());
const step = Math.max(...filter.map(Math.abs)) / 127;

/** What the rounding is to minimize, of one group. */
function expectedError(rounded: Int8Array, start: number, size: number, correlation: number): number {
  let squares = 0;
  let total = 0;
  for (let i = start; i < start + size; i++) {
    const error = rounded[i] - filter[i] / step;
    squares += error ** 2;
    total += error;
  }
  return (1 - correlation) * squares + correlation * total ** 2;
}

describe('roundFilter', () => {
  it('rounds to nearest where inputs are unrelated', () => {
    const rounded = roundFilter(filter, step, { size: 1, correlation: 0.5 });
    for (const [i, weight] of filter.entries()) expect(rounded[i]).toBe(Math.round(weight / step));
  });

  it('never raises the expected error of a group, lowers most, and stays at a neighbouring integer', () => {
    const nearest = roundFilter(filter, step, { size: 1, correlation: 0 });
    const rounded = roundFilter(filter, step, { size: 9, correlation: 0.5 });
    let lowered = 0;
    for (let start = 0; start < filter.length; start += 9) {
      const before = expectedError(nearest, start, 9, 0.5);
      const after = expectedError(rounded, start, 9, 0.5);
      expect(after).toBeLessThanOrEqual(before + 1e-12);
      if (after < before - 1e-12) lowered++;
    }
    expect(lowered).toBeGreaterThan(10);
    for (const [i, weight] of filter.entries()) expect(Math.abs(rounded[i] - weight / step)).toBeLessThan(1);
  });

  it('stays within ±127, whatever the balance asks for', () => {
    const rounded = roundFilter(Float64Array.of(127.4, 127.4, 127.4, -127.4), 1, { size: 4, correlation: 1 });
    expect(Math.max(...rounded.map(Math.abs))).toBe(127);
  });
});
