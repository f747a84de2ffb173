import { describe, expect, it } from 'vitest';

/** The arithmetic that mac_pair and segment_sum rely on, without any RTL. */
const WEIGHTS = Array.from({ length: 255 }, (_, i) => i - 127);
const ACTIVATIONS = Array.from({ length: 256 }, (_, i) => i - 128);

/** Both sums of a packed one, as segment_sum takes it apart: the upper gets the lower's sign back. */
function split(packed: number, bits: number): [lower: number, upper: number] {
  const size = 2 ** bits;
  const raw = packed - Math.floor(packed / size) * size;
  const lower = raw >= size / 2 ? raw - size : raw;
  return [lower, Math.floor(packed / size) + (lower < 0 ? 1 : 0)];
}

describe.each([
  { split: 17, lanes: 4, port: 25 },
  { split: 18, lanes: 8, port: 27 },
])('two weights $split bits apart', ({ split: bits, lanes, port }) => {
  it('fit the wide port of the multiplier', () => {
    for (const upper of WEIGHTS) {
      for (const lower of WEIGHTS) {
        const word = upper * 2 ** bits + lower;
        if (word < -(2 ** (port - 1)) || word >= 2 ** (port - 1)) expect.fail(`${upper}, ${lower}`);
      }
    }
  });

  it('give both products for every pair of weights and every activation', () => {
    for (const upper of WEIGHTS) {
      for (const lower of WEIGHTS) {
        const word = upper * 2 ** bits + lower;
        for (const x of ACTIVATIONS) {
          // Inline, since 16 million calls of expect take minutes.
          const [low, high] = split(word * x, bits);
          if (low !== lower * x || high !== upper * x) expect.fail(`${upper}, ${lower}, ${x}`);
        }
      }
    }
  });

  it('give both sums at every place of the cascade, whatever stands before', () => {
    const extremes = [-127 * 128, 127 * 128, -127 * 127, 0, 1, -1];
    for (let place = 0; place < lanes; place++) {
      for (const lowerBefore of extremes) {
        for (const upperBefore of extremes) {
          for (const lowerWeight of [-127, -1, 0, 1, 127]) {
            for (const upperWeight of [-127, -1, 0, 1, 127]) {
              for (const x of ACTIVATIONS) {
                const before = place * (upperBefore * 2 ** bits + lowerBefore);
                const sum = before + (upperWeight * 2 ** bits + lowerWeight) * x;
                const [lower, upper] = split(sum, bits);
                const right =
                  lower === place * lowerBefore + lowerWeight * x &&
                  upper === place * upperBefore + upperWeight * x;
                if (!right || Math.abs(sum) >= 2 ** (2 * bits - 1)) expect.fail(`place ${place}, ${x}`);
              }
            }
          }
        }
      }
    }
  });

  it('would overflow with one lane more, or one bit less between them', () => {
    const highest = 127 * 128 * lanes;
    expect(split(highest, bits)[0]).toBe(highest);
    expect(split(highest, bits - 1)[0]).not.toBe(highest);
    expect(split(highest + 127 * 128, bits)[0]).not.toBe(highest + 127 * 128);
  });
});
