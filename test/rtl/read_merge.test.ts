import { describe, expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { runBench } from './harness/bench.ts';

interface Burst {
  readonly address: number;
  readonly beats: number;
}

describe('read_merge', () => {
  it.each([1, 3, 8])('gives each client its beats, %i bursts outstanding', async (Outstanding) => {
    const random = new Prng(Outstanding);
    const draw = (from: number): Burst[] =>
      Array.from({ length: 200 }, (_, i) => ({ address: from + 4096 * i, beats: 1 + (random.next() % 6) }));
    const clients = [
      { name: 'first', bursts: draw(0), given: 0, offered: false, beats: 0 },
      { name: 'second', bursts: draw(64), given: 0, offered: false, beats: 0 },
    ];
    const open: { client: number; left: number }[] = [];
    let ready = false;
    let beat: { last: boolean } | undefined;
    const result = await runBench({
      module: 'read_merge',
      parameters: { Outstanding },
      react: {
        observe: [
          ...['first_ready_o', 'first_beat_valid_o', 'second_ready_o', 'second_beat_valid_o'],
          ...['burst_valid_o', 'burst_addr_o', 'burst_beats_o'],
        ],
        drive: [
          ...['first_valid_i', 'first_addr_i', 'first_beats_i', 'second_valid_i', 'second_addr_i'],
          ...['second_beats_i', 'burst_ready_i', 'beat_valid_i', 'beat_last_i'],
        ],
        step: (seen, cycle) => {
          if (beat) {
            const { client } = open[0];
            expect([seen.first_beat_valid_o, seen.second_beat_valid_o], `cycle ${cycle}`).toEqual([
              BigInt(client === 0),
              BigInt(client === 1),
            ]);
            clients[client].beats++;
            if (--open[0].left === 0) open.shift();
          } else expect(seen.first_beat_valid_o + seen.second_beat_valid_o).toBe(0n);
          for (const [i, client] of clients.entries()) {
            if (!client.offered || seen[`${client.name}_ready_o`] !== 1n) continue;
            const { address, beats } = client.bursts[client.given++];
            expect(ready && seen.burst_valid_o === 1n).toBe(true);
            expect([seen.burst_addr_o, seen.burst_beats_o]).toEqual([BigInt(address), BigInt(beats)]);
            if (i === 1) expect(clients[0].offered, 'the first client goes first').toBe(false);
            open.push({ client: i, left: beats });
            client.offered = false;
          }
          const over = clients.every(({ given, bursts }) => given === bursts.length);
          if (over && open.length === 0) return null;
          for (const client of clients)
            client.offered ||= client.given < client.bursts.length && random.next() % 4 === 0;
          // The port takes a burst when less than all that it may have are open, as its arbiter does.
          ready = open.length < Outstanding && random.next() % 3 > 0;
          beat = open.length > 0 && random.next() % 3 > 0 ? { last: open[0].left === 1 } : undefined;
          const [first, second] = clients.map(
            ({ bursts, given }) => bursts[Math.min(given, bursts.length - 1)],
          );
          return {
            first_valid_i: Number(clients[0].offered),
            first_addr_i: first.address,
            first_beats_i: first.beats,
            second_valid_i: Number(clients[1].offered),
            second_addr_i: second.address,
            second_beats_i: second.beats,
            burst_ready_i: Number(ready),
            beat_valid_i: Number(beat !== undefined),
            beat_last_i: beat ? Number(beat.last) : random.next() % 2,
          };
        },
      },
      cycles: 50_000,
      seed: Outstanding,
    });
    expect(result.finished).toBe(true);
    for (const { beats, bursts } of clients) {
      expect(beats).toBe(bursts.reduce((sum, burst) => sum + burst.beats, 0));
    }
  });
});
