import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { below, biasedSum, drawRun, parameterWord, requantized, scheduleRuns } from './array-runs.ts';
import { runBench } from './harness/bench.ts';
import { concat, fromBytes, type Values } from './harness/ports.ts';
import { closure } from './harness/rtl-files.ts';

const GEOMETRY = { OutLanes: 2, PixLanes: 1, AccDepth: 8, MultiplierBits: 25 };

describe.each([
  { Packed: 1, Split: 17, Segments: 4 },
  { Packed: 1, Split: 18, Segments: 2 },
  { Packed: 0, Split: 17, Segments: 4 },
])('column, packed $Packed, $Segments cascades', ({ Packed, Split, Segments }) => {
  const segment = 16 / Segments;
  const latency = segment + 2 + Math.log2(Segments);

  it('adds, drains and requantizes what comes skewed', async () => {
    const random = new Prng(6);
    const runs = Array.from({ length: 30 }, (_, r) =>
      drawRun(
        random,
        GEOMETRY,
        1 + below(random, 8),
        1 + below(random, 3),
        r % 3 === 0 ? 'extreme' : 'random',
      ),
    );
    const schedule = scheduleRuns(random, GEOMETRY, runs, latency, 10);
    const words = runs.map((run) => new DataView(parameterWord(run, 0).buffer));

    const drive = Array.from({ length: schedule.cycles + 10 }, (_, cycle): Values => {
      const x = Array.from({ length: 16 }, (_, lane) => {
        const entry = schedule.entries.get(cycle - (lane % segment));
        return entry ? runs[entry.run].pixels[entry.tile][entry.group][0][lane] - 128 : below(random, 256);
      });
      const swaps = Array.from({ length: segment }, (_, k) =>
        Number(schedule.entries.get(cycle - k)?.swap ?? false),
      );
      const beat = schedule.beats.get(cycle);
      const weights = beat && !beat.param ? beat : undefined;
      const add = schedule.entries.get(cycle - latency + 2);
      const drain = schedule.tokens.get(cycle);
      const lane = schedule.tokens.has(cycle - 4) ? 1 : 0;
      const word = words[schedule.tokens.get(cycle - 3 - lane)?.run ?? 0];
      return {
        x_i: fromBytes(Uint8Array.from(x)),
        token_i: concat(
          ...swaps.map((swap): [number, number] => [swap, 1]).reverse(),
          [add !== undefined, 1],
          [drain !== undefined, 1],
          [add ? add.tile === 0 : below(random, 2), 1],
          [add ? add.tile === runs[add.run].weights.length - 1 : below(random, 2), 1],
          [add ? add.run % 3 : below(random, 3), 2],
          [add?.group ?? below(random, 8), 3],
          [drain ? drain.run % 3 : below(random, 3), 2],
          [drain?.group ?? below(random, 8), 3],
        ),
        w_i: concat(
          [weights !== undefined, 1],
          [(weights?.index ?? random.next()) % 16, 4],
          [weights ? fromBytes(weights.data) : below(random, 65536), 16],
        ),
        parameters_i: concat(
          [word.getInt32(4 * lane, true), 25],
          [word.getUint16(8 + 2 * lane, true), 16],
          [word.getUint8(12 + lane), 6],
        ),
      };
    });
    const result = await runBench({
      module: 'column',
      parameters: { Packed, Split, Segments, Depth: GEOMETRY.AccDepth },
      drive,
      probes: ['tap_o', 'y_o'],
      cycles: schedule.cycles + 20,
    });
    for (const [cycle, { run, group }] of schedule.tokens) {
      for (const lane of [0, 1]) {
        const tap = BigInt.asIntN(25, result.probes.tap_o[cycle + 4 + lane]);
        expect(tap, `run ${run}, group ${group}`).toBe(biasedSum(runs[run], group, 0, lane));
        expect(Number(result.probes.y_o[cycle + 9 + lane])).toBe(requantized(runs[run], group, 0, lane));
      }
    }
  });
});

interface Cell {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly connections: Readonly<Record<string, readonly (number | string)[]>>;
}

it('is 16 DSP48E1 for 32 multiply-accumulates, cascades and registers inside, and one for the requantizer', async () => {
  const script = [
    `read_verilog ${closure('column').join(' ')}`,
    'synth_xilinx -flatten -noiopad -family xc7 -top column -run begin:map_memory',
    'write_json',
  ].join('; ');
  const { stdout } = await promisify(execFile)('yosys', ['-q', '-p', script], { maxBuffer: 1 << 28 });
  const cells: Cell[] = Object.values(JSON.parse(stdout).modules.column.cells);
  const multipliers = cells.filter(({ type }) => type === 'DSP48E1');
  expect(multipliers).toHaveLength(17);
  const registers = multipliers.map(({ parameters: { AREG, BREG, MREG, PREG } }) =>
    [AREG, BREG, MREG, PREG].map((bits) => Number.parseInt(bits, 2)).join(' '),
  );
  // The requantizer's operand register also is the tap, and stays outside.
  expect(registers.sort()).toEqual(['0 1 1 1', ...new Array(16).fill('1 1 1 1')]);
  // Yosys would leave it without an input if it drew the adder before it into the multiplier.
  expect(multipliers.filter(({ parameters }) => parameters.USE_DPORT === 'TRUE')).toEqual([]);
  const cascaded = multipliers.filter(({ connections }) => typeof connections.PCIN[0] === 'number');
  expect(cascaded).toHaveLength(12);
}, 60_000);
