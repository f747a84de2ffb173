import { describe, expect, it } from 'vitest';
import { encodeMultiplier, encodeMultipliers } from '../../../gen/quantize/multiplier.ts';
import { MULTIPLIER_MAX, requantize, SHIFT_MAX, SHIFT_MIN } from '../../../gen/quantize/numerics.ts';

const decoded = (factor: number) => {
  const { m, s } = encodeMultiplier(factor);
  return m / 2 ** s;
};

describe('encodeMultiplier', () => {
  it('uses all bits of m and is within 2^-16 of every ordinary factor', () => {
    let factor = 2 ** -31;
    let tried = 0;
    while (factor < 2 ** 14) {
      const { m, s } = encodeMultiplier(factor);
      expect(m).toBeGreaterThanOrEqual(2 ** 15);
      expect(m).toBeLessThanOrEqual(MULTIPLIER_MAX);
      expect(s).toBeGreaterThanOrEqual(SHIFT_MIN);
      expect(s).toBeLessThanOrEqual(SHIFT_MAX);
      expect(Math.abs(m / 2 ** s - factor) / factor).toBeLessThanOrEqual(2 ** -16);
      factor *= 1.0173;
      tried++;
    }
    expect(tried).toBeGreaterThan(1000);
  });

  it('encodes powers of two exactly, and carries where rounding would need a 17th bit', () => {
    for (let e = -32; e < 15; e++) expect(decoded(2 ** e)).toBe(2 ** e);
    expect(encodeMultiplier(1 - 2 ** -20)).toEqual({ m: 2 ** 15, s: 15 });
    expect(encodeMultiplier(65535.4 / 2 ** 16)).toEqual({ m: 65535, s: 16 });
  });

  it('keeps an absolute error of 2^-48 where the shift ends, down to 0', () => {
    expect(encodeMultiplier(0)).toEqual({ m: 0, s: SHIFT_MAX });
    expect(encodeMultiplier(2 ** -60)).toEqual({ m: 0, s: SHIFT_MAX });
    for (const factor of [2 ** -33 * 1.37, 2 ** -40 * 1.91, 2 ** -46 * 1.2]) {
      expect(Math.abs(decoded(factor) - factor)).toBeLessThanOrEqual(2 ** -48);
    }
  });

  it('saturates a factor that is too large, which gives the same bytes', () => {
    const { m, s } = encodeMultiplier(1e6);
    expect({ m, s }).toEqual({ m: MULTIPLIER_MAX, s: SHIFT_MIN });
    for (const sum of [-3, 0, 1, 7]) expect(requantize(sum, m, s)).toBe(sum > 0 ? 255 : 0);
  });

  it('encodes all channels alike', () => {
    const { m, s } = encodeMultipliers([0.5, 3]);
    expect([...m]).toEqual([2 ** 15, 3 * 2 ** 14]);
    expect([...s]).toEqual([16, 14]);
  });
});
