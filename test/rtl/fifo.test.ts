import { describe, expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { runBench } from './harness/bench.ts';

const words = (count: number, width: number, seed: number) => {
  const random = new Prng(seed);
  return Array.from({ length: count }, () => {
    let word = 0n;
    for (let bit = 0; bit < width; bit += 32) word = (word << 32n) | BigInt(random.next());
    return BigInt.asUintN(width, word);
  });
};

describe.each([
  { Width: 1, Depth: 1 },
  { Width: 8, Depth: 2 },
  { Width: 37, Depth: 5 },
  { Width: 200, Depth: 16 },
])('fifo $Width x $Depth', ({ Width, Depth }) => {
  it.each([
    { gapPercent: 0, stallPercent: 0 },
    { gapPercent: 50, stallPercent: 50 },
    { gapPercent: 10, stallPercent: 80 },
    { gapPercent: 80, stallPercent: 10 },
  ])('keeps order and counts (gaps $gapPercent %, stalls $stallPercent %)', async (rates) => {
    const items = words(500, Width, Depth).map((data_i) => ({ data_i }));
    const { gapPercent, stallPercent } = rates;
    const result = await runBench({
      module: 'fifo',
      parameters: { Width, Depth },
      sources: [{ valid: 'valid_i', ready: 'ready_o', items, gapPercent }],
      sinks: [{ valid: 'valid_o', ready: 'ready_i', fields: ['data_o'], stallPercent, expect: items.length }],
      probes: ['count_o', 'ready_o', 'valid_o'],
      cycles: 20_000,
    });
    expect(result.finished).toBe(true);
    expect(result.received[0].items.map(({ data_o }) => data_o)).toEqual(items.map(({ data_i }) => data_i));

    const pushed = new Set(result.sent[0]);
    const popped = new Set(result.received[0].cycles);
    const expected: { count_o: bigint[]; ready_o: bigint[]; valid_o: bigint[] } = {
      count_o: [],
      ready_o: [],
      valid_o: [],
    };
    let count = 0;
    for (let cycle = 0; cycle < result.cycles; cycle++) {
      expected.count_o.push(BigInt(count));
      expected.ready_o.push(BigInt(count < Depth));
      expected.valid_o.push(BigInt(count > 0));
      count += Number(pushed.has(cycle)) - Number(popped.has(cycle));
    }
    expect(result.probes).toEqual(expected);
  });
});

it('moves a word every cycle from a depth of 2', async () => {
  const items = words(100, 16, 9).map((data_i) => ({ data_i }));
  const { received } = await runBench({
    module: 'fifo',
    parameters: { Width: 16, Depth: 2 },
    sources: [{ valid: 'valid_i', ready: 'ready_o', items }],
    sinks: [{ valid: 'valid_o', ready: 'ready_i', fields: ['data_o'], expect: 100 }],
    cycles: 200,
  });
  expect(received[0].cycles).toEqual(items.map((_, i) => i + 1));
});
