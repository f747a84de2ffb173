import { expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { runBench } from './harness/bench.ts';
import type { Values } from './harness/ports.ts';

it('gives the last mark of each slot, and 0 behind a clear', async () => {
  const random = new Prng(3);
  const drive: Values[] = [];
  const expected: bigint[] = [];
  const counts = new Map<number, number>();
  for (let cycle = 0; cycle < 20_000; cycle++) {
    // Few slots, so that a look-up mostly meets a marked one; all of them now and then.
    const slot = () => (random.next() & 7 ? (random.next() & 3) * 21 : random.next() & 63);
    const record = {
      mark_valid_i: random.next() & 1,
      mark_set_i: random.next() & 3,
      mark_slot_i: slot(),
      mark_count_i: random.next() & 0xffff,
      clear_i: random.next() % 20 === 0 ? random.next() & 15 : 0,
      look_set_i: random.next() & 3,
      look_slot_i: slot(),
    };
    drive.push(record);
    expected.push(BigInt(counts.get(64 * record.look_set_i + record.look_slot_i) ?? 0));
    if (record.mark_valid_i) counts.set(64 * record.mark_set_i + record.mark_slot_i, record.mark_count_i);
    for (const key of [...counts.keys()]) if ((record.clear_i >> (key >> 6)) & 1) counts.delete(key);
  }
  const { probes } = await runBench({
    module: 'scoreboard',
    drive,
    probes: ['count_o'],
    cycles: drive.length,
  });
  expect(probes.count_o.slice(0, drive.length)).toEqual(expected);
  expect(expected.filter((count) => count > 0n).length).toBeGreaterThan(5000);
});
