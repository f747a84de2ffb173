import { expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { runBench } from './harness/bench.ts';

const random = new Prng(11);
const below = (limit: number) => Math.floor(random.uniform() * limit);
const word = () => [0, 1, 2, 3].reduce((sum) => (sum << 32n) | BigInt(random.next()), 0n);

it.each([
  { Words: 16, gapPercent: 0, releasePercent: 100 },
  { Words: 16, gapPercent: 30, releasePercent: 20 },
  { Words: 2, gapPercent: 10, releasePercent: 40 },
  { Words: 64, gapPercent: 10, releasePercent: 3 },
])('keeps words until they are released (%o)', async ({ Words, gapPercent, releasePercent }) => {
  const CountBits = 8; // the counts wrap round
  const modulus = 2 ** CountBits;
  const words = Array.from({ length: 3 * modulus }, word);
  let written = 0;
  let released = 0;
  let fullCycles = 0;
  const due = new Map<number, bigint>(); // read data by cycle
  await runBench({
    module: 'weight_ring',
    parameters: { Words, CountBits },
    sources: [
      {
        ...{ valid: 'write_valid_i', ready: 'write_ready_o', gapPercent },
        items: words.map((write_data_i) => ({ write_data_i })),
      },
    ],
    react: {
      observe: ['write_valid_i', 'write_ready_o', 'written_o', 'read_data_o'],
      drive: ['released_i', 'read_i', 'read_addr_i'],
      step: (seen, cycle) => {
        expect(Number(seen.written_o)).toBe(written % modulus);
        if (due.has(cycle)) expect(seen.read_data_o).toBe(due.get(cycle));
        // Words of this cycle are not counted yet, so they are not read in the next cycle either.
        const readable = written;
        if (seen.write_valid_i && seen.write_ready_o) written++;
        expect(written - released).toBeLessThanOrEqual(Words);
        if (written - released === Words) fullCycles++;

        const read_i = readable > released && below(100) < 80;
        const at = released + below(readable - released);
        if (read_i) due.set(cycle + 4, words[at]);
        if (!read_i && below(100) < releasePercent) released += below(readable - released + 1);
        if (written === words.length && released === written && !due.has(cycle + 4)) return null;
        return { released_i: released % modulus, read_i: Number(read_i), read_addr_i: at % modulus };
      },
    },
    cycles: 100_000,
  });
  expect([written, released]).toEqual([words.length, words.length]);
  expect(fullCycles).toBeGreaterThan(0);
});

it('takes a word every cycle while there is room', async () => {
  const items = Array.from({ length: 40 }, () => ({ write_data_i: word() }));
  const { sent } = await runBench({
    module: 'weight_ring',
    parameters: { Words: 32, CountBits: 24 },
    constants: { released_i: 0, read_i: 0, read_addr_i: 0 },
    sources: [{ valid: 'write_valid_i', ready: 'write_ready_o', items }],
    cycles: 100,
  });
  expect(sent[0]).toEqual(Array.from({ length: 32 }, (_, cycle) => cycle));
});
