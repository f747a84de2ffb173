import { describe, expect, it } from 'vitest';
import { TILE_LOAD_CYCLES } from '../../gen/geometry/geometry.ts';
import { Prng } from '../../gen/import/prng.ts';
import { parameterWords, tileWords } from '../../gen/schedule/sections.ts';
import { runBench } from './harness/bench.ts';
import type { Values } from './harness/ports.ts';
import { packRun } from './run-fields.ts';

const RING_BITS = 13;
const RING_WORDS = 2048;
const RING_LATENCY = 3;
const SLOTS = 4;
/** Cycles from a run's last swap to its drain's end at the earliest. */
const SWAP_TO_DRAINED = 13;

interface LoaderRun {
  /** Words since the start. */
  readonly section: number;
  readonly end: number;
  readonly tiles: number;
  readonly release: boolean;
}

/** Stages of some sections, each walked once or several times and released in the last round. */
function drawRuns(random: Prng, outLanes: number, stages: number): LoaderRun[] {
  const below = (limit: number) => random.next() % limit;
  const runs: LoaderRun[] = [];
  let at = 0;
  for (let stage = 0; stage < stages; stage++) {
    const sections = Array.from({ length: 1 + below(4) }, () => {
      const tiles = below(3) === 0 ? 1 : 1 + below(12);
      const section = at;
      at += parameterWords(outLanes) + tiles * tileWords(outLanes);
      return { section, end: at, tiles };
    });
    const rounds = 1 + below(3);
    for (let round = 1; round <= rounds; round++) {
      // Released in order, but before that visited in any: then a section may lie far ahead of the ring.
      const visited = round < rounds && below(2) === 0 ? sections.toReversed() : sections;
      runs.push(...visited.map((section) => ({ ...section, release: round === rounds })));
    }
  }
  return runs;
}

const ring = (count: number) => count % 2 ** RING_BITS;

/** A word that no other place of the ring holds. */
function wordAt(position: number): bigint {
  return (BigInt(position + 1) * 0x9e3779b97f4a7c15f39cc0605cedc835n) & ((1n << 128n) - 1n);
}

/** Chances in percent that something happens in a cycle in which it may. */
interface Speeds {
  readonly write: number;
  readonly swap: number;
  readonly drain: number;
  readonly push: number;
}

const FAST: Speeds = { write: 100, swap: 100, drain: 100, push: 100 };

interface Beat {
  readonly param: boolean;
  readonly index: number;
  readonly slot: number;
  readonly data: bigint;
}

/** The loader as its header says, cycle by cycle, with the ring, the reader and the drain around it. */
class Bench {
  readonly swaps: { run: number; tile: number; cycle: number }[] = [];
  readonly seen = { starved: 0, slot: 0 };
  private readonly random: Prng;
  private readonly outLanes: number;
  private readonly runs: readonly LoaderRun[];
  private chance: Speeds;
  private readonly moody: boolean;
  // The loader.
  private readonly pushed: number[] = [];
  private run = 0;
  /** Parameters, then tiles. */
  private part = 0;
  private beat = 0;
  private loaded = false;
  private released = 0;
  private readonly beats = new Map<number, Beat>();
  // What is around it.
  private written = 0;
  private drained = 0;
  private readonly finished: number[] = [];
  private readonly loadedTiles: { run: number; tile: number }[] = [];
  private inputs = { written: 0, drained: 0, swap: false };
  private readonly fetched = new Map<number, bigint>();
  private offered = false;
  private quiet = 0;

  constructor(random: Prng, outLanes: number, runs: readonly LoaderRun[], speeds: Speeds | undefined) {
    this.random = random;
    this.outLanes = outLanes;
    this.runs = runs;
    this.moody = speeds === undefined;
    this.chance = speeds ?? FAST;
  }

  step(seen: Record<string, bigint>, cycle: number): Values | null {
    const expected: Record<string, number> = {
      loaded_o: Number(this.loaded),
      released_o: ring(this.released),
      read_o: 0,
    };
    this.decide(cycle, expected);
    if (this.inputs.swap) this.swap(cycle);
    const beat = this.beats.get(cycle);
    this.beats.delete(cycle);
    expected.w_valid_o = Number(beat !== undefined);
    if (beat) {
      Object.assign(expected, {
        w_param_o: Number(beat.param),
        w_index_o: beat.index,
        w_slot_o: beat.slot,
      });
      expect(seen.w_data_o, `cycle ${cycle}`).toBe(beat.data);
    }
    for (const [name, value] of Object.entries(expected)) {
      if (Number(seen[name]) !== value)
        expect(seen[name], `${name}, cycle ${cycle}, run ${this.run}`).toBe(value);
    }
    if (this.offered && seen.run_ready_o === 1n) {
      this.pushed.push(cycle);
      this.offered = false;
    }
    if (this.drained === this.runs.length && ++this.quiet > 20) return null;
    return this.advance(seen, cycle);
  }

  /** Issues a beat or says why not. */
  private decide(cycle: number, expected: Record<string, number>): void {
    if (this.run >= this.pushed.length || this.pushed[this.run] >= cycle) return;
    const { section, tiles, end, release } = this.runs[this.run];
    const params = parameterWords(this.outLanes);
    const isParam = this.part === 0;
    const first = isParam ? section : section + params + (this.part - 1) * tileWords(this.outLanes);
    const words = isParam ? params : tileWords(this.outLanes);
    if (this.beat === 0) {
      if (isParam && this.run - this.inputs.drained >= SLOTS) {
        this.seen.slot++;
        return;
      }
      if (!isParam && this.loaded) return;
      if (this.inputs.written < first + words) {
        this.seen.starved++;
        return;
      }
    }
    const pieces = 16 / this.outLanes;
    const word = first + Math.floor(this.beat / pieces);
    expect(word).toBeGreaterThanOrEqual(this.released);
    expected.read_o = 1;
    expected.read_addr_o = ring(word);
    const bits = 8 * this.outLanes;
    this.beats.set(cycle + RING_LATENCY, {
      param: isParam,
      index: this.beat,
      slot: this.run % SLOTS,
      data: BigInt.asUintN(bits, wordAt(ring(word)) >> BigInt(bits * (this.beat % pieces))),
    });
    this.beat++;
    // The reader may swap in the cycle of the last beat.
    if (!isParam && this.beat === TILE_LOAD_CYCLES - 1) {
      this.loaded = true;
      this.loadedTiles.push({ run: this.run, tile: this.part - 1 });
    }
    if (this.beat < words * pieces) return;
    this.beat = 0;
    this.part++;
    if (this.part <= tiles) return;
    this.part = 0;
    this.run++;
    if (release) this.released = end;
  }

  private swap(cycle: number): void {
    const tile = this.loadedTiles.shift()!;
    this.swaps.push({ ...tile, cycle });
    this.loaded = this.loadedTiles.length > 0;
    if (tile.tile === this.runs[tile.run].tiles - 1) this.finished.push(cycle);
  }

  private hit(percent: number): boolean {
    return this.random.next() % 100 < percent;
  }

  private advance(seen: Record<string, bigint>, cycle: number): Values {
    const { random } = this;
    if (this.moody && cycle % 200 === 0) {
      const speed = () => [2, 20, 60, 100][random.next() % 4];
      // A tile is TM words in 16 cycles: filled faster, the ring would never run empty.
      const write = (speed() * this.outLanes) / 16;
      this.chance = { write, swap: speed(), drain: speed(), push: speed() };
    }
    const last = this.runs[this.runs.length - 1].end;
    if (this.hit(this.chance.write) && this.written < Math.min(last, this.released + RING_WORDS))
      this.written++;
    const next = this.finished[0];
    if (next !== undefined && next + SWAP_TO_DRAINED <= cycle && this.hit(this.chance.drain)) {
      this.finished.shift();
      this.drained++;
    }
    this.offered ||= this.pushed.length < this.runs.length && this.hit(this.chance.push);
    const swap = this.loaded && this.hit(this.chance.swap);
    this.inputs = { written: this.written, drained: this.drained, swap };
    const run = this.runs[Math.min(this.pushed.length, this.runs.length - 1)];
    return {
      run_valid_i: Number(this.offered),
      run_i: packRun('loader', {
        section: ring(run.section),
        section_end: ring(run.end),
        tiles: run.tiles,
        release: Number(run.release),
      }),
      drained_runs_i: this.drained % 8,
      written_i: ring(this.written),
      swap_i: Number(swap),
      read_data_i: this.ringData(seen, cycle),
    };
  }

  private ringData(seen: Record<string, bigint>, cycle: number): bigint {
    if (seen.read_o === 1n) this.fetched.set(cycle + RING_LATENCY, wordAt(Number(seen.read_addr_o)));
    const data = this.fetched.get(cycle + 1);
    this.fetched.delete(cycle + 1);
    return data ?? BigInt(this.random.next()) * 0x1000000010000000100000001n;
  }
}

async function check(outLanes: number, stages: number, seed: number, speeds?: Speeds): Promise<Bench> {
  const random = new Prng(seed);
  const bench = new Bench(random, outLanes, drawRuns(random, outLanes, stages), speeds);
  const result = await runBench({
    module: 'weight_loader',
    parameters: { OutLanes: outLanes, RingBits: RING_BITS },
    react: {
      observe: [
        ...['run_ready_o', 'released_o', 'read_o', 'read_addr_o', 'w_valid_o', 'w_param_o', 'w_index_o'],
        ...['w_slot_o', 'w_data_o', 'loaded_o'],
      ],
      drive: [...['run_valid_i', 'run_i', 'drained_runs_i', 'written_i', 'swap_i', 'read_data_i']],
      step: (seen, cycle) => bench.step(seen, cycle),
    },
    cycles: 60_000,
    seed,
  });
  expect(result.finished).toBe(true);
  return bench;
}

describe('weight_loader', () => {
  it.each([16, 8, 4, 2, 1])('loads tiles as specified in every cycle, %i output lanes', async (outLanes) => {
    const { seen } = await check(outLanes, 12, outLanes);
    expect(seen.starved).toBeGreaterThan(0);
  });

  it('keeps the parameters of runs that are not drained', async () => {
    const { seen } = await check(8, 12, 6, { ...FAST, drain: 1 });
    expect(seen.slot).toBeGreaterThan(100);
  });

  it('loads a tile every 16 cycles when each is swapped in at once', async () => {
    const { swaps } = await check(8, 12, 7, FAST);
    const gaps = swaps
      .slice(1)
      .flatMap(({ run, cycle }, i) => (swaps[i].run === run ? cycle - swaps[i].cycle : []));
    expect(gaps.length).toBeGreaterThan(50);
    expect(new Set(gaps)).toEqual(new Set([TILE_LOAD_CYCLES]));
  });
});
