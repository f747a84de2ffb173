import { expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { runBench } from './harness/bench.ts';
import type { Values } from './harness/ports.ts';

const SLOTS = 64;

it('says what the slot looked at, the one after and the first ones hold since the cycle before', async () => {
  const random = new Prng(3);
  const drive: Values[] = [];
  const expected: (bigint | undefined)[][] = [];
  const counts = new Map<number, number>();
  let [set, slot, held] = [0, 0, 0];
  for (let cycle = 0; cycle < 20_000; cycle++) {
    // Marks of the slots that are looked at, mostly; all of them now and then.
    const near = [0, slot, (slot + 1) % SLOTS, (slot + 2) % SLOTS];
    const first = random.next() & 3;
    // A slot is looked at for four cycles or more; the first look is at a slot that was turned to.
    const turn = cycle === 0 ? 2 : held < 3 ? 0 : random.next() % 3;
    const record = {
      mark_valid_i: random.next() & 1,
      mark_set_i: random.next() & 1 ? set : random.next() & 3,
      mark_slot_i: random.next() & 7 ? near[random.next() & 3] : random.next() % SLOTS,
      mark_count_i: random.next() & 0xffff,
      clear_i: random.next() % 20 === 0 ? random.next() & 15 : 0,
      look_set_i: set,
      look_slot_i: slot,
      after_slot_i: (slot + 1) % SLOTS,
      first_set_i: first,
      turn_i: Number(turn > 0 || random.next() & 1),
      to_first_i: Number(turn === 2),
      to_after_i: Number(turn === 1),
    };
    drive.push(record);
    const holds = (set: number, slot: number) => BigInt(counts.get(SLOTS * set + slot) ?? 0);
    expected.push([
      cycle === 0 ? undefined : holds(set, slot),
      held === 0 ? undefined : holds(set, record.after_slot_i),
      cycle === 0 ? undefined : holds(first, 0),
    ]);
    if (record.mark_valid_i) counts.set(SLOTS * record.mark_set_i + record.mark_slot_i, record.mark_count_i);
    for (const key of [...counts.keys()]) if ((record.clear_i >> (key >> 6)) & 1) counts.delete(key);
    held++;
    if (turn > 0) {
      [set, slot] = turn === 1 ? [set, record.after_slot_i] : [first, 0];
      held = 0;
    }
  }
  const { probes } = await runBench({
    module: 'scoreboard',
    drive,
    probes: ['count_o', 'after_count_o', 'first_count_o'],
    cycles: drive.length,
  });
  for (const [i, probe] of [probes.count_o, probes.after_count_o, probes.first_count_o].entries()) {
    const known = (values: readonly unknown[]) => values.filter((_, c) => expected[c][i] !== undefined);
    expect(known(probe.slice(0, drive.length))).toEqual(known(expected.map((values) => values[i])));
    expect(expected.filter((values) => (values[i] ?? 0n) > 0n).length).toBeGreaterThan(5000);
  }
});
