/** Random runs for the array, their numbers from the contract, and the earliest legal schedule of their tokens. */
import type { Prng } from '../../gen/import/prng.ts';

export interface ArrayGeometry {
  readonly OutLanes: number;
  readonly PixLanes: number;
  readonly AccDepth: number;
  readonly MultiplierBits: number;
}

export interface Run {
  readonly groups: number;
  /** By tile, input lane and output lane; -127 … 127. */
  readonly weights: readonly (readonly (readonly number[])[])[];
  /** By tile, group, pixel lane and input lane; 0 … 255. */
  readonly pixels: readonly (readonly (readonly (readonly number[])[])[])[];
  readonly bias: readonly number[];
  readonly m: readonly number[];
  readonly s: readonly number[];
}

/** How the numbers of a run are drawn. */
export type Flavour = 'random' | 'extreme' | 'highest' | 'lowest';

const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

export function below(random: Prng, limit: number): number {
  return random.next() % limit;
}

export function drawRun(
  random: Prng,
  { OutLanes, PixLanes }: ArrayGeometry,
  groups: number,
  tiles: number,
  flavour: Flavour,
): Run {
  const weight = {
    random: () => below(random, 255) - 127,
    extreme: () => [-127, 127, 0][below(random, 3)],
    highest: () => 127,
    lowest: () => -127,
  }[flavour];
  const pixel = {
    random: () => below(random, 256),
    extreme: () => [0, 255][below(random, 2)],
    highest: () => 255,
    lowest: () => 255,
  }[flavour];
  return {
    groups,
    weights: times(tiles, () => times(16, () => times(OutLanes, weight))),
    pixels: times(tiles, () => times(groups, () => times(PixLanes, () => times(16, pixel)))),
    bias: times(OutLanes, () =>
      below(random, 3) === 0 ? random.next() | 0 : below(random, 200_000) - 100_000,
    ),
    m: times(OutLanes, () => (below(random, 8) === 0 ? [0, 65535][below(random, 2)] : below(random, 65536))),
    s: times(OutLanes, () => (below(random, 4) === 0 ? 1 + below(random, 47) : 24 + below(random, 12))),
  };
}

/** acc + bias, wrapped to 25 bits, of one pixel and one output. */
export function biasedSum(run: Run, group: number, pixel: number, output: number): bigint {
  let sum = BigInt(run.bias[output]);
  run.pixels.forEach((tile, t) => {
    tile[group][pixel].forEach((x, lane) => {
      sum += BigInt(x * run.weights[t][lane][output]);
    });
  });
  return BigInt.asIntN(25, sum);
}

export function scaled(value: bigint, m: number, s: number): bigint {
  return (value * BigInt(m) + (1n << BigInt(s - 1))) >> BigInt(s);
}

export function requantized(run: Run, group: number, pixel: number, output: number): number {
  const y = scaled(biasedSum(run, group, pixel, output), run.m[output], run.s[output]);
  return y < 0n ? 0 : y > 255n ? 255 : Number(y);
}

/** The 16 bytes of parameters of one column; the bias holds what x - 128 on the multipliers leaves out. */
export function parameterWord(run: Run, column: number): Uint8Array {
  const word = new DataView(new ArrayBuffer(16));
  for (let lane = 0; lane < 2; lane++) {
    const output = 2 * column + lane;
    if (output >= run.bias.length) break;
    const weights = run.weights.reduce(
      (sum, tile) => sum + tile.reduce((part, row) => part + row[output], 0),
      0,
    );
    word.setInt32(4 * lane, run.bias[output] + 128 * weights, true);
    word.setUint16(8 + 2 * lane, run.m[output], true);
    word.setUint8(12 + lane, run.s[output]);
  }
  return new Uint8Array(word.buffer);
}

export interface Beat {
  readonly param: boolean;
  readonly index: number;
  readonly slot: number;
  readonly data: Uint8Array;
}

export interface Entry {
  readonly run: number;
  readonly tile: number;
  readonly group: number;
  readonly swap: boolean;
}

export interface Token {
  readonly run: number;
  readonly group: number;
}

export interface ArraySchedule {
  readonly beats: ReadonlyMap<number, Beat>;
  readonly entries: ReadonlyMap<number, Entry>;
  readonly tokens: ReadonlyMap<number, Token>;
  readonly cycles: number;
}

/**
 * All beats, groups and drain tokens at the earliest cycles that the rules of the array allow, each then put
 * off by a random gap in `gapPercent` of the cases. `finalLatency`: from a last group to final_o.
 */
export function scheduleRuns(
  random: Prng,
  { OutLanes }: ArrayGeometry,
  runs: readonly Run[],
  finalLatency: number,
  gapPercent: number,
): ArraySchedule {
  const columns = Math.ceil(OutLanes / 2);
  const phases = Math.min(OutLanes, 2);
  const beats = new Map<number, Beat>();
  const entries = new Map<number, Entry>();
  const tokens = new Map<number, Token>();
  const tokenAt: number[][] = [];
  const gap = () => (below(random, 100) < gapPercent ? 1 + below(random, 6) : 0);
  let beat = 0;
  let enter = 0;
  let drain = 0;
  let swapped = 0;

  runs.forEach((run, r) => {
    beat = Math.max(beat, (tokenAt[r - 4]?.at(-1) ?? -1) + 1);
    for (let column = 0; column < columns; column++) {
      const word = parameterWord(run, column);
      for (let piece = 0; piece < 16 / OutLanes; piece++) {
        const data = word.subarray(piece * OutLanes, (piece + 1) * OutLanes);
        beat += gap();
        beats.set(beat++, { param: true, index: (column * 16) / OutLanes + piece, slot: r % 4, data });
      }
    }
    let enteredAt: number[] = [];
    run.weights.forEach((tile, t) => {
      beat = Math.max(beat, swapped);
      tile.forEach((row, lane) => {
        beat += gap();
        const index = lane + 16 * below(random, 4);
        beats.set(beat++, { param: false, index, slot: below(random, 4), data: Uint8Array.from(row) });
      });
      const before = enteredAt;
      enteredAt = [];
      enter = Math.max(enter, beat);
      for (let group = 0; group < run.groups; group++) {
        const old = tokenAt[r - 3];
        const drained = t === 0 && old ? old[Math.min(group, old.length - 1)] : -1;
        enter = Math.max(enter + gap(), (before[group] ?? -4) + 4, drained + 1);
        if (group === 0) swapped = enter;
        entries.set(enter, { run: r, tile: t, group, swap: group === 0 });
        enteredAt.push(enter++);
      }
    });
    tokenAt[r] = enteredAt.map((at, group) => {
      drain = Math.max(drain + gap(), at + finalLatency + 1);
      tokens.set(drain, { run: r, group });
      drain += phases;
      return drain - phases;
    });
  });
  return { beats, entries, tokens, cycles: Math.max(drain, enter, beat) + 1 };
}
