import { expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { runBench } from './harness/bench.ts';

const random = new Prng(12);
const below = (limit: number) => Math.floor(random.uniform() * limit);
const word = () => [0, 1, 2, 3].reduce((sum) => (sum << 32n) | BigInt(random.next()), 0n);

/** Writes and commits commands at random while a reader reads and releases the oldest at random. */
async function check(CommandWords: number, longest: number, percent: { write: number; release: number }) {
  const commands = Array.from({ length: 200 }, () => Array.from({ length: 1 + below(longest) }, word));
  const total = commands.reduce((sum, command) => sum + command.length, 0);
  let writing = 0; // command
  let index = 0; // its next word
  let committed = 0;
  let released = 0;
  let used = 0;
  let offered: 'word' | 'commit' | undefined;
  let reading: bigint | undefined; // what the read asked for in this cycle gives in the next
  let expected: bigint | undefined;
  let releasing = false;
  let most = { words: 0, commands: 0 };
  let words = 0;
  await runBench({
    module: 'command_memory',
    parameters: { CommandWords },
    react: {
      observe: ['write_ready_o', 'commit_ready_o', 'command_valid_o', 'read_data_o'],
      drive: ['write_valid_i', 'write_data_i', 'commit_valid_i', 'read_index_i', 'release_i'],
      step: (seen) => {
        expect(seen.command_valid_o).toBe(BigInt(committed > released));
        expect(seen.write_ready_o).toBe(BigInt(used < CommandWords));
        expect(seen.commit_ready_o).toBe(BigInt(committed - released < 4));
        if (expected !== undefined) expect(seen.read_data_o).toBe(expected);
        expected = reading;
        if (offered === 'word' && seen.write_ready_o) {
          index++;
          used++;
          words++;
          offered = undefined;
        } else if (offered === 'commit' && seen.commit_ready_o) {
          committed++;
          writing++;
          index = 0;
          offered = undefined;
        }
        if (releasing) used -= commands[released++].length;
        most = {
          words: Math.max(most.words, used),
          commands: Math.max(most.commands, committed - released),
        };
        if (released === commands.length) return null;

        if (!offered && writing < commands.length && below(100) < percent.write) {
          offered = index < commands[writing].length ? 'word' : 'commit';
        }
        releasing = committed > released && below(100) < percent.release;
        const at = committed > released ? below(commands[released].length) : 0;
        reading = committed > released ? commands[released][at] : undefined;
        return {
          write_valid_i: Number(offered === 'word'),
          write_data_i: offered === 'word' ? commands[writing][index] : word(),
          commit_valid_i: Number(offered === 'commit'),
          read_index_i: at,
          release_i: Number(releasing),
        };
      },
    },
    cycles: 60_000,
  });
  expect([released, words]).toEqual([commands.length, total]);
  return most;
}

it('gives each command back word by word', async () => {
  await check(16, 16, { write: 70, release: 10 });
  await check(64, 40, { write: 40, release: 3 });
});

it('fills to the last word', async () => {
  expect((await check(16, 16, { write: 100, release: 5 })).words).toBe(16);
});

it('holds 4 committed commands', async () => {
  expect((await check(64, 8, { write: 100, release: 2 })).commands).toBe(4);
});
