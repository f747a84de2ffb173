import { crc32 } from 'node:zlib';
import { expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { runBench } from './harness/bench.ts';
import { fromBytes } from './harness/ports.ts';

const INVERT = 0xffffffffn;

it('agrees with zlib for one to four words, chained', async () => {
  const random = new Prng(3);
  const drive = [];
  const expected: bigint[] = [];
  let sum = 0;
  for (let i = 0; i < 400; i++) {
    if (random.next() % 10 === 0) sum = 0;
    const words = 1 + (random.next() % 4);
    const bytes = Uint8Array.from({ length: 16 }, () => random.next());
    drive.push({ crc_i: BigInt(sum) ^ INVERT, data_i: fromBytes(bytes), words_i: words });
    sum = crc32(bytes.subarray(0, 4 * words), sum);
    expected.push(BigInt(sum) ^ INVERT);
  }
  const { probes } = await runBench({
    module: 'crc32',
    drive,
    probes: ['crc_o'],
    cycles: drive.length,
  });
  expect(probes.crc_o).toEqual(expected);
});
