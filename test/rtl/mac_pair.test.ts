import { describe, expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { below } from './array-runs.ts';
import { runBench } from './harness/bench.ts';

describe.each([
  { Packed: 1, Split: 17, lanes: 4 },
  { Packed: 1, Split: 18, lanes: 8 },
  { Packed: 0, Split: 17, lanes: 4 },
])('mac_pair, packed $Packed, split $Split', ({ Packed, Split, lanes }) => {
  const half = BigInt(Split);
  const weightWord = (lower: number, upper: number) =>
    Packed ? BigInt(upper) * 2n ** half + BigInt(lower) : BigInt(((upper & 255) << 8) | (lower & 255));
  const sumWord = (lower: number, upper: number) =>
    Packed
      ? BigInt(upper) * 2n ** half + BigInt(lower)
      : (BigInt.asUintN(Split, BigInt(upper)) << half) | BigInt.asUintN(Split, BigInt(lower));

  it('multiplies by the active weights and adds', async () => {
    const random = new Prng(5);
    const weight = () => [-127, 127, 0, below(random, 255) - 127][below(random, 4)];
    const bound = 127 * 128 * (lanes - 1);
    const steps = Array.from({ length: 5000 }, () => ({
      load: below(random, 2),
      swap: below(random, 3) === 0 ? 1 : 0,
      weights: [weight(), weight()],
      x: [-128, 127, below(random, 256) - 128][below(random, 3)],
      sums: [0, 1].map(() => [-bound, bound, below(random, 2 * bound) - bound][below(random, 3)]),
    }));
    steps[0] = { ...steps[0], load: 1 };
    steps[1] = { ...steps[1], swap: 1 };
    const result = await runBench({
      module: 'mac_pair',
      reset: '',
      parameters: { Packed, Split },
      drive: steps.map(({ load, swap, weights, x, sums }, i) => ({
        load_i: load,
        weight_i: weightWord(weights[0], weights[1]),
        swap_i: swap,
        x_i: x,
        next_x_i: steps[i + 1]?.x ?? 0,
        sum_i: sumWord(sums[0], sums[1]),
      })),
      probes: ['sum_o'],
      cycles: steps.length + 2,
    });

    let shadow = [0, 0];
    let active = [0, 0];
    let products = [0, 0];
    steps.forEach(({ load, swap, weights, x, sums }, cycle) => {
      const [lower, upper] = products.map((product, i) => product + sums[i]);
      if (cycle > 3) {
        const expected = BigInt.asUintN(2 * Split, sumWord(lower, upper));
        expect(result.probes.sum_o[cycle + 1], `cycle ${cycle}`).toBe(expected);
      }
      products = active.map((value) => value * x);
      if (swap) active = shadow;
      if (load) shadow = weights;
    });
  });
});

describe.each([
  { Packed: 1, Split: 17 },
  { Packed: 1, Split: 18 },
  { Packed: 0, Split: 17 },
])('weight_pack, packed $Packed, split $Split', ({ Packed, Split }) => {
  it('makes the word of every pair of weights', async () => {
    const pairs = Array.from({ length: 255 * 255 }, (_, i) => [(i % 255) - 127, Math.floor(i / 255) - 127]);
    const result = await runBench({
      module: 'weight_pack',
      clock: '',
      reset: '',
      parameters: { Packed, Split },
      drive: pairs.map(([lower, upper]) => ({ lower_i: lower, upper_i: upper })),
      probes: ['weight_o'],
      cycles: pairs.length,
    });
    const expected = pairs.map(([lower, upper]) =>
      Packed
        ? BigInt.asUintN(Split + 8, BigInt(upper * 2 ** Split + lower))
        : BigInt(((upper & 255) << 8) | (lower & 255)),
    );
    expect(result.probes.weight_o).toEqual(expected);
  });
});
