import { describe, expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { below, scaled } from './array-runs.ts';
import { runBench } from './harness/bench.ts';

const LATENCY = 5;
const EXTREMES = [-(2 ** 24), -(2 ** 24) + 1, -1, 0, 1, 2 ** 24 - 1];

const clamp = (value: bigint) => (value < 0n ? 0n : value > 255n ? 255n : value);

async function outputs(Multipliers: number, inputs: readonly { value: number; m: number; s: number }[]) {
  const result = await runBench({
    module: 'requantizer',
    reset: '',
    parameters: { Multipliers },
    drive: inputs.map(({ value, m, s }) => ({ value_i: value, multiplier_i: m, shift_i: s })),
    probes: ['data_o'],
    cycles: inputs.length + LATENCY,
  });
  return result.probes.data_o.slice(LATENCY);
}

describe.each([1, 2])('requantizer of %i multipliers', (multipliers) => {
  it('scales, rounds and clamps: every shift with extreme, random and just rounding operands', async () => {
    const random = new Prng(1);
    const inputs: { value: number; m: number; s: number }[] = [];
    for (let s = 1; s <= 47; s++) {
      for (const value of EXTREMES) for (const m of [0, 1, 32768, 65535]) inputs.push({ value, m, s });
      for (let i = 0; i < 500; i++) {
        const bits = 1 + below(random, 25);
        inputs.push({
          value: (random.next() | 0) >> (32 - bits),
          m: below(random, 65536) >> below(random, 16),
          s,
        });
      }
      // Products near the steps of the result: y + 1/2, for y from -1 to 256.
      for (let i = 0; i < 500; i++) {
        const m = 1 + below(random, 65535);
        const step = ((below(random, 258) - 0.5) * 2 ** s) / m;
        if (Math.abs(step) < 2 ** 24 - 2)
          inputs.push({ value: Math.floor(step) + below(random, 3) - 1, m, s });
      }
    }
    const expected = inputs.map(({ value, m, s }) => clamp(scaled(BigInt(value), m, s)));
    expect(await outputs(multipliers, inputs)).toEqual(expected);
    expect(new Set(expected).size).toBe(256);
  });
});
