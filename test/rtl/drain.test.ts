import { describe, expect, it } from 'vitest';
import { ACCUMULATOR_BANKS } from '../../gen/geometry/geometry.ts';
import { Prng } from '../../gen/import/prng.ts';
import { runBench } from './harness/bench.ts';
import type { Values } from './harness/ports.ts';
import { packRun } from './run-fields.ts';

const ACC_DEPTH = 8;
const SLOTS = 4;

interface DrainRun {
  readonly groups: number;
  readonly isGlobal: boolean;
  readonly relu: boolean;
  readonly lastBlock: boolean;
  readonly lastLanes: number;
  /** What an extended global pool must know of kept sums. */
  readonly keep: number;
}

function drawRuns(random: Prng, pixLanes: number, count: number): DrainRun[] {
  const flip = () => random.next() % 2 === 1;
  const runs: DrainRun[] = [];
  while (runs.length < count) {
    const isGlobal = flip();
    const relu = flip();
    const lastLanes = 1 + (random.next() % pixLanes);
    const keep = random.next() % 4096;
    const blocks = 1 + (random.next() % 3);
    for (let block = 1; block <= blocks; block++) {
      const groups = 1 + (random.next() % ACC_DEPTH);
      runs.push({ groups, isGlobal, relu, lastBlock: block === blocks, lastLanes, keep });
    }
  }
  return runs;
}

interface Token {
  readonly run: number;
  readonly group: number;
}

interface Geometry {
  readonly OutLanes: number;
  readonly PixLanes: number;
  readonly Credits: number;
  readonly Extended?: number;
}

/** The drain as its header says, cycle by cycle, with the array, the post unit and the global pool around it. */
class Bench {
  /** Cycles in which the drain waited for each reason alone. */
  readonly waits = { final: 0, credit: 0, phase: 0, pool: 0 };
  private readonly random: Prng;
  private readonly geometry: Geometry;
  private readonly runs: readonly DrainRun[];
  private chance = { push: 100, final: 100, credit: 100, pool: 100 };
  // The drain.
  private readonly pushed: number[] = [];
  private run = 0;
  private group = 0;
  private lastIssue = Number.NEGATIVE_INFINITY;
  private token: Token | undefined;
  // What is around it.
  private finals = 0;
  private finalRun = 0;
  private finalGroup = 0;
  private credits: number;
  /** From its last token's issue on, and as the pool shows it. */
  private poolScales = false;
  private poolBusy = false;
  private inputs = { final: false, credit: false, poolDone: false };
  private offered = false;
  private quiet = 0;

  constructor(random: Prng, geometry: Geometry, runs: readonly DrainRun[]) {
    this.random = random;
    this.geometry = geometry;
    this.runs = runs;
    this.credits = geometry.Credits;
  }

  step(seen: Record<string, bigint>, cycle: number): Values | null {
    this.compare(seen, cycle);
    this.token = this.decide(cycle);
    if (this.inputs.final) this.finals++;
    if (this.inputs.credit) this.credits++;
    if (this.offered && seen.run_ready_o === 1n) {
      this.pushed.push(cycle);
      this.offered = false;
    }
    if (this.run === this.runs.length && ++this.quiet > 20) return null;
    return this.advance(seen, cycle);
  }

  /** The token decided on a cycle before, and the progress with it. */
  private compare(seen: Record<string, bigint>, cycle: number): void {
    const expected: Record<string, number> = {
      drained_runs_o: this.run % 8,
      drained_groups_o: this.group,
      d_valid_o: Number(this.token !== undefined),
      g_valid_o: 0,
    };
    if (this.token) {
      const { run, group } = this.token;
      const { groups, isGlobal, relu, lastBlock, lastLanes, keep } = this.runs[run];
      const isLast = lastBlock && group === groups - 1;
      expected.d_bank_o = run % ACCUMULATOR_BANKS;
      expected.d_slot_o = run % SLOTS;
      expected.d_group_o = group;
      if (isGlobal) {
        expected.g_valid_o = 1;
        expected.g_last_o = Number(isLast);
        expected.g_relu_o = Number(relu);
        expected.g_keep_o = this.geometry.Extended ? keep : 0;
        expected.g_mask_o = 2 ** (isLast ? lastLanes : this.geometry.PixLanes) - 1;
      }
    }
    for (const [name, value] of Object.entries(expected)) {
      if (Number(seen[name]) !== value)
        expect(seen[name], `${name}, cycle ${cycle}, run ${this.run}`).toBe(value);
    }
  }

  private decide(cycle: number): Token | undefined {
    if (this.inputs.poolDone) this.poolScales = false;
    if (this.run >= this.pushed.length || this.pushed[this.run] >= cycle) return undefined;
    const { groups, isGlobal, lastBlock } = this.runs[this.run];
    const isLast = this.group === groups - 1;
    const phases = Math.min(2, this.geometry.OutLanes);
    const reasons: (keyof Bench['waits'])[] = [];
    if (this.finals === 0) reasons.push('final');
    if (this.credits === 0) reasons.push('credit');
    if (cycle - this.lastIssue < phases) reasons.push('phase');
    if (isGlobal && lastBlock && isLast && this.poolScales) reasons.push('pool');
    if (reasons.length === 1) this.waits[reasons[0]]++;
    if (reasons.length > 0) return undefined;

    const token = { run: this.run, group: this.group };
    this.finals--;
    this.credits--;
    this.lastIssue = cycle;
    if (isGlobal && lastBlock && isLast) this.poolScales = true;
    this.group = isLast ? 0 : this.group + 1;
    if (isLast) this.run++;
    return token;
  }

  private hit(percent: number): boolean {
    return this.random.next() % 100 < percent;
  }

  private advance(seen: Record<string, bigint>, cycle: number): Values {
    const { random, runs } = this;
    if (cycle % 100 === 0) {
      const speed = () => [3, 40, 100, 100][random.next() % 4];
      this.chance = { push: speed(), final: speed(), credit: speed(), pool: speed() / 10 };
    }
    this.offered ||= this.pushed.length < runs.length && this.hit(this.chance.push);
    const undrained = this.finals + this.group;
    const final =
      this.finalRun < this.pushed.length &&
      undrained < ACCUMULATOR_BANKS * ACC_DEPTH &&
      this.hit(this.chance.final);
    if (final && ++this.finalGroup === runs[this.finalRun].groups) {
      this.finalRun++;
      this.finalGroup = 0;
    }
    const credit = this.credits < this.geometry.Credits && this.hit(this.chance.credit);
    // The pool shows that it is busy from the cycle after its token; it may be done from then on.
    const lastToken = seen.g_valid_o === 1n && seen.g_last_o === 1n;
    const busy = this.poolBusy || lastToken;
    const poolDone = this.poolBusy && this.hit(this.chance.pool);
    this.poolBusy = busy && !poolDone;
    this.inputs = { final, credit, poolDone };
    const run = runs[Math.min(this.pushed.length, runs.length - 1)];
    return {
      run_valid_i: Number(this.offered),
      run_i: packRun('record', {
        groups: run.groups,
        global: Number(run.isGlobal),
        relu: Number(run.relu),
        last_block: Number(run.lastBlock),
        last_lanes: run.lastLanes,
        sums_continue: run.keep >> 11,
        sums_go_on: (run.keep >> 10) & 1,
        row: run.keep & 1023,
      }),
      final_i: Number(final),
      credit_i: Number(credit),
      pool_busy_i: Number(this.poolBusy),
    };
  }
}

describe('drain', () => {
  it.each([
    { OutLanes: 16, PixLanes: 1, Credits: 32 },
    { OutLanes: 8, PixLanes: 3, Credits: 5 },
    { OutLanes: 8, PixLanes: 2, Credits: 9, Extended: 1 },
    { OutLanes: 4, PixLanes: 4, Credits: 2 },
    { OutLanes: 2, PixLanes: 9, Credits: 7 },
    { OutLanes: 1, PixLanes: 2, Credits: 3 },
  ])('issues every token in its cycle: $OutLanes x $PixLanes lanes, $Credits credits', async (geometry) => {
    const random = new Prng(geometry.OutLanes);
    const bench = new Bench(random, geometry, drawRuns(random, geometry.PixLanes, 600));
    const result = await runBench({
      module: 'drain',
      parameters: { ...geometry, AccDepth: ACC_DEPTH },
      react: {
        observe: [
          ...['run_ready_o', 'drained_runs_o', 'drained_groups_o', 'd_valid_o', 'd_bank_o', 'd_group_o'],
          ...['d_slot_o', 'g_valid_o', 'g_mask_o', 'g_last_o', 'g_relu_o', 'g_keep_o'],
        ],
        drive: [...['run_valid_i', 'run_i', 'final_i', 'credit_i', 'pool_busy_i']],
        step: (seen, cycle) => bench.step(seen, cycle),
      },
      cycles: 60_000,
      seed: geometry.PixLanes,
    });
    expect(result.finished).toBe(true);
    const { waits } = bench;
    expect(Math.min(waits.final, waits.credit, waits.pool)).toBeGreaterThan(20);
    expect(waits.phase > 0).toBe(geometry.OutLanes > 1);
  });
});
