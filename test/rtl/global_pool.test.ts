import { describe, expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { below, scaled } from './array-runs.ts';
import { runBench } from './harness/bench.ts';
import { fromBytes, type Values } from './harness/ports.ts';

const TAP_LATENCY = 4;
const COLUMN_BYTES = 16;

const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

interface Group {
  readonly mask: readonly boolean[];
  /** By row and output. */
  readonly taps: readonly (readonly number[])[];
}

interface PoolRun {
  readonly relu: boolean;
  readonly groups: readonly Group[];
  readonly m: readonly number[];
  readonly s: readonly number[];
  /** Of an extended one: which pass's kept sums it begins with or leaves, and whether. */
  readonly pass: number;
  readonly continues: boolean;
  readonly goesOn: boolean;
}

/** Runs whose sums are kept in between come back to the same passes. */
const PASSES = [0, 1, 5, 127];

function drawRun(random: Prng, OutLanes: number, PixLanes: number, kept?: Set<number>): PoolRun {
  const extreme = below(random, 4) === 0;
  const tap = () =>
    extreme ? [-(2 ** 24), 2 ** 24 - 1][below(random, 2)] : (random.next() | 0) >> (7 + below(random, 8));
  return {
    relu: below(random, 4) > 0,
    groups: times(1 + below(random, 12), () => ({
      mask: times(PixLanes, () => below(random, 4) > 0),
      taps: times(PixLanes, () => times(OutLanes, tap)),
    })),
    m: times(OutLanes, () => [0, 65535, below(random, 65536), below(random, 65536)][below(random, 4)]),
    s: times(OutLanes, () => 1 + below(random, 47)),
    ...drawKeeping(random, kept),
  };
}

/** Only what was kept can be begun with. */
function drawKeeping(random: Prng, kept?: Set<number>) {
  const pass = PASSES[below(random, PASSES.length)];
  if (!kept) return { pass, continues: false, goesOn: false };
  const continues = kept.has(pass) && below(random, 4) > 0;
  const goesOn = below(random, 3) > 0;
  if (goesOn) kept.add(pass);
  return { pass, continues, goesOn };
}

/** The sums that runs end with, in their order. */
function sumsOf(runs: readonly PoolRun[]): bigint[][] {
  const kept = new Map<number, bigint[]>();
  return runs.map((run) => {
    const found = sums(run, run.continues ? kept.get(run.pass) : undefined);
    if (run.goesOn) kept.set(run.pass, found);
    return found;
  });
}

function sums(run: PoolRun, before?: readonly bigint[]): bigint[] {
  return run.m.map((_, output) => {
    let sum = before?.[output] ?? 0n;
    for (const { mask, taps } of run.groups) {
      taps.forEach((row, g) => {
        if (mask[g] && !(run.relu && row[output] < 0)) sum += BigInt(row[output]);
      });
    }
    return sum;
  });
}

const keeping = ({ pass, continues, goesOn }: PoolRun) =>
  2048 * Number(continues) + 1024 * Number(goesOn) + pass;

/** The parameter beats of a run; the biases are none of the pool's business. */
function beats(random: Prng, run: PoolRun, slot: number): Values[] {
  const OutLanes = run.m.length;
  const bytes = times(Math.ceil(OutLanes / 2), (column) => {
    const word = new DataView(new ArrayBuffer(COLUMN_BYTES));
    for (let at = 0; at < COLUMN_BYTES; at++) word.setUint8(at, below(random, 256));
    for (let lane = 0; lane < Math.min(OutLanes, 2); lane++) {
      word.setUint16(8 + 2 * lane, run.m[2 * column + lane], true);
      word.setUint8(12 + lane, run.s[2 * column + lane]);
    }
    return [...new Uint8Array(word.buffer)];
  }).flat();
  return times(bytes.length / OutLanes, (index) => ({
    w_valid_i: 1,
    w_param_i: 1,
    w_index_i: index,
    w_slot_i: slot,
    w_data_i: fromBytes(Uint8Array.from(bytes.slice(index * OutLanes, (index + 1) * OutLanes))),
  }));
}

describe.each([
  { OutLanes: 16, PixLanes: 1 },
  { OutLanes: 8, PixLanes: 2 },
  { OutLanes: 4, PixLanes: 3 },
  { OutLanes: 2, PixLanes: 1 },
  { OutLanes: 2, PixLanes: 5 },
  { OutLanes: 1, PixLanes: 1 },
  { OutLanes: 1, PixLanes: 2 },
  { OutLanes: 1, PixLanes: 9 },
])('global_pool $OutLanes x $PixLanes', ({ OutLanes, PixLanes }) => {
  const columns = Math.ceil(OutLanes / 2);
  const phases = Math.min(OutLanes, 2);

  it.each([
    { gapPercent: 0, stallPercent: 0, Extended: 0 },
    { gapPercent: 30, stallPercent: 60, Extended: 0 },
    { gapPercent: 0, stallPercent: 95, Extended: 0 },
    { gapPercent: 0, stallPercent: 0, Extended: 1 },
    { gapPercent: 30, stallPercent: 60, Extended: 1 },
  ])('sums and scales random runs (%o)', async ({ Extended, ...rates }) => {
    const random = new Prng(OutLanes + rates.gapPercent);
    const kept = Extended ? new Set<number>() : undefined;
    const runs = times(24, () => drawRun(random, OutLanes, PixLanes, kept));
    const tokens = runs.flatMap((run, r) =>
      run.groups.map((group, i) => ({ run, r, group, first: i === 0 })),
    );
    const tokenAt = new Map<number, Group>();
    const queue: Values[] = [];
    let announced = 0;
    let sent = 0;
    let free = 0;
    let lastAt = -1;
    let overlapped = 0;

    // A run's parameters come during the run, and its slot is loaded with others as soon as the run has ended.
    const step = (seen: Record<string, bigint>, before: number): Values => {
      const cycle = before + 1;
      const busy = seen.busy_o === 1n;
      const token = tokens[sent];
      if (token && token.r === announced) {
        queue.push(...beats(random, token.run, token.r % 4));
        announced++;
      }
      const beat = queue.shift();
      const ends = token && token.group === token.run.groups.at(-1);
      // busy_o is that of the cycle before, and the token of that cycle raises it one later.
      const held = ends && (busy || queue.length > 0 || beat !== undefined || cycle === lastAt + 1);
      const go = token && cycle >= free && !held && below(random, 100) >= rates.gapPercent;
      if (go) {
        if (busy) overlapped++;
        tokenAt.set(cycle, token.group);
        sent++;
        free = cycle + phases;
        if (ends) lastAt = cycle;
        if (ends) queue.push(...beats(random, drawRun(random, OutLanes, PixLanes), token.r % 4));
      }
      let taps = 0n;
      for (let g = 0; g < PixLanes; g++) {
        for (let j = 0; j < columns; j++) {
          let tap = random.next();
          for (let p = 0; p < phases; p++) {
            const group = tokenAt.get(cycle - TAP_LATENCY - g - j - p);
            if (group) tap = group.taps[g][2 * j + p];
          }
          taps |= BigInt.asUintN(25, BigInt(tap)) << BigInt(25 * (g * columns + j));
        }
      }
      const mask = go
        ? token.group.mask.reduce((bits, set, g) => bits | (Number(set) << g), 0)
        : below(random, 8);
      return {
        token_valid_i: go ? 1 : 0,
        token_mask_i: mask,
        token_last_i: go ? Number(ends) : below(random, 2),
        token_slot_i: go ? token.r % 4 : below(random, 4),
        relu_i: go ? Number(token.run.relu) : below(random, 2),
        token_keep_i: go ? keeping(token.run) : below(random, 4096),
        tap_data_i: taps,
        ...(beat ?? { w_valid_i: below(random, 2), w_param_i: 0, w_index_i: below(random, 64) }),
      };
    };

    const result = await runBench({
      module: 'global_pool',
      parameters: { OutLanes, PixLanes, Extended },
      react: {
        observe: ['busy_o'],
        drive: [
          ...['token_valid_i', 'token_mask_i', 'token_last_i', 'token_slot_i', 'relu_i', 'tap_data_i'],
          'token_keep_i',
          ...['w_valid_i', 'w_param_i', 'w_index_i', 'w_slot_i', 'w_data_i'],
        ],
        step,
      },
      sinks: [
        { valid: 'logit_valid_o', ready: 'logit_ready_i', fields: ['logit_data_o'], ...rates },
        { valid: 'sum_valid_o', fields: ['sum_data_o'] },
      ],
      cycles: 24 * (OutLanes * 40 + 60),
    });
    const all = sumsOf(runs);
    const scaledRuns = runs.filter(({ goesOn }) => !goesOn);
    const expected = all.filter((_, r) => !runs[r].goesOn);
    expect(scaledRuns.some(({ continues }) => continues)).toBe(Extended === 1);
    expect(sent).toBe(tokens.length);
    expect(result.received[1].items.map(({ sum_data_o }) => BigInt.asIntN(40, sum_data_o))).toEqual(
      expected.flat(),
    );
    expect(result.received[0].items.map(({ logit_data_o }) => BigInt.asIntN(32, logit_data_o))).toEqual(
      scaledRuns.flatMap(({ m, s }, r) =>
        m.map((_, output) => BigInt.asIntN(32, scaled(expected[r][output], m[output], s[output]))),
      ),
    );
    if (rates.stallPercent === 0) {
      const [logitAt, sumAt] = result.received.map(({ cycles }) => cycles);
      expect(logitAt).toEqual(sumAt.map((cycle) => cycle + 19));
      const inside = sumAt.flatMap((cycle, i) => (i % OutLanes === 0 ? [] : [cycle - sumAt[i - 1]]));
      expect(inside.every((distance) => distance === 18)).toBe(true);
    }
    if (OutLanes > 1) expect(overlapped).toBeGreaterThan(0);
  });
});
