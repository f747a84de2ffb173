import { describe, expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { walkRuns } from '../../gen/schedule/nest.ts';
import { runBench } from './harness/bench.ts';
import type { Values } from './harness/ports.ts';
import { randomSchedule } from './random-schedule.ts';
import { type Read, ReaderModel, type ReaderRun } from './reader-model.ts';
import { packRun } from './run-fields.ts';
import { RunExpectation } from './run-records.ts';
import { smallGeometry } from './small-schedule.ts';

const ACC_DEPTH = 8;
const ADDRESS_BITS = 14;
const READ_LATENCY = 3;
const OPERAND_LATENCY = 4;
/** Cycles from a group's issue to its drain at the earliest. */
const ISSUE_TO_DRAIN = 9;
/** Added to all counts of packed groups, so that they wrap. */
const PACKED_OFFSET = 65_400;

interface Drawn extends ReaderRun {
  readonly record: bigint;
  /** Groups of the source. */
  readonly total: number;
  /** Marks are kept for each of these apart. */
  readonly source: string;
  /** The set they are in, unless the source is the packed image. */
  readonly set?: number;
}

/** Runs of several jobs, each tape twice, with their records as the reader gets them. */
function drawRuns(random: Prng, lanes: number, tapes: number, extended: boolean): Drawn[] {
  const geometry = { ...smallGeometry(16, lanes, ACC_DEPTH), mapWords: 1024 };
  const expectation = new RunExpectation(geometry, 24);
  const drawn: Drawn[] = [];
  let packedBefore = 0;
  for (let tape = 0; tape < tapes; tape++) {
    const { schedule, stages } = randomSchedule(random, geometry, 3, extended ? 20 : 0);
    const image = stages[0].stage.entries.reduce((sum, entry) => sum + entry.groups, 0);
    for (const packedStart of [0, image % schedule.packed.stride]) {
      for (const { stage, variant } of stages) {
        const records = expectation.stage(stage, schedule, variant);
        for (const [i, run] of [...walkRuns(stage)].entries()) {
          const record = records[i];
          drawn.push({
            run,
            ...(i === 0 && { clears: Number(record.clear_sets) }),
            firstGroup: variant.firstGroup,
            packedBefore,
            packedStart,
            record: readerRun(record),
            total: Number(record.source_total),
            source: `${packedBefore} ${stage.index} ${run.pass.kind}`,
            ...(record.packed === 0n && { set: Number(record.source_set) }),
          });
        }
      }
      packedBefore += image;
    }
  }
  return drawn;
}

/** The record with its counts of packed groups moved up. */
function readerRun(record: Record<string, bigint>): bigint {
  const count = record.source_count + (record.packed ? BigInt(PACKED_OFFSET) : 0n);
  return packRun('reader', { ...record, source_count: count });
}

/** A word that no other address of any bank holds. */
function wordAt(bank: number, address: number): bigint {
  const at = BigInt(address * 16 + bank + 1);
  return (at * 0x9e3779b97f4a7c15f39cc0605cedc835n) & ((1n << 128n) - 1n);
}

/** Everything around the reader, at random speeds. */
class Surroundings {
  readonly seenWaits = new Set<string>();
  private readonly random: Prng;
  private readonly lanes: number;
  private readonly runs: readonly Drawn[];
  private readonly model: ReaderModel;
  private readonly written = new Map<string, number>();
  /** Those that were asked for in this cycle. */
  private readonly grown = new Set<string>();
  private readonly finals: { run: number; at: number; last: boolean }[] = [];
  private readonly operands = new Map<number, Read>();
  private readonly data = new Map<number, bigint>();
  private readonly chance = { load: 50, drain: 50, write: 50, push: 50 };
  private next = 0;
  private offered = false;
  private loaded = false;
  private drainedRuns = 0;
  private drainedGroups = 0;
  private packed = 0;
  private quiet = 0;
  private around = { loaded: false, drainedRuns: 0, drainedGroups: 0, written: 0 };

  constructor(random: Prng, lanes: number, runs: readonly Drawn[], extended: boolean) {
    this.random = random;
    this.lanes = lanes;
    this.runs = runs;
    this.model = new ReaderModel(lanes, extended);
  }

  step(seen: Record<string, bigint>, cycle: number): Values | null {
    this.compare(seen, cycle);
    if (this.offered && seen.run_ready_o === 1n) {
      this.model.push(this.runs[this.next++], cycle);
      this.offered = false;
    }
    if (this.model.issued === this.runs.length && ++this.quiet > 20) return null;
    if (cycle % 150 === 0) this.changeMood();
    return this.advance(seen, cycle);
  }

  private compare(seen: Record<string, bigint>, cycle: number): void {
    const { model } = this;
    const expected: Record<string, number> = { freed_o: model.freed & 0xffff };
    const look = model.look;
    const number = model.issued;
    const { clears, ready, read, wait } = model.cycle(cycle, this.around);
    expected.clear_sets_o = clears;
    expected.read_o = Number(read !== undefined);
    expected.swap_o = Number(read?.swap ?? false);
    const set = look && this.runs[number].set;
    const cause = wait === 'source' && set === undefined ? 'packed' : wait;
    for (const reason of ['weights', 'bank', 'packed', 'source']) {
      expected[`wait_${reason}_o`] = Number(cause === reason);
      if (cause === reason) this.seenWaits.add(reason);
    }
    if (ready && set !== undefined) Object.assign(expected, { look_set_o: set, look_slot_o: look!.vector });
    if (read) {
      this.operands.set(cycle + OPERAND_LATENCY, read);
      if (read.swap) this.loaded = false;
      const last = read.last && read.group === look!.run.run.groups - 1;
      if (read.last) this.finals.push({ run: number, at: cycle, last });
    }
    const operand = this.operands.get(cycle);
    this.operands.delete(cycle);
    expected.x_valid_o = Number(operand !== undefined);
    expected.x_swap_o = Number(operand?.swap ?? false);
    if (operand) {
      expected.x_first_o = Number(operand.first);
      expected.x_last_o = Number(operand.last);
      expected.x_bank_o = operand.bank;
      expected.x_group_o = operand.group;
      this.compareData(operand, seen.x_data_o, cycle);
    }
    for (const [name, value] of Object.entries(expected)) {
      if (Number(seen[name]) !== value)
        expect(seen[name], `${name}, cycle ${cycle}, run ${number}`).toBe(value);
    }
  }

  private compareData({ lanes }: Read, data: bigint, cycle: number): void {
    lanes.forEach((lane, g) => {
      if (lane === 'any') return;
      const word = lane === 'zero' ? 0n : wordAt(lane.bank, lane.address);
      const found = BigInt.asUintN(128, data >> BigInt(128 * g));
      if (found !== word) expect(found, `lane ${g}, cycle ${cycle}`).toBe(word);
    });
  }

  private changeMood(): void {
    const speeds = [8, 30, 100, 100];
    for (const name of ['load', 'drain', 'write', 'push'] as const) {
      this.chance[name] = speeds[this.random.next() % speeds.length];
    }
  }

  private hit(percent: number): boolean {
    return this.random.next() % 100 < percent;
  }

  /** The surroundings' next state, and with it the reader's inputs. */
  private advance(seen: Record<string, bigint>, cycle: number): Values {
    const { chance, model, random } = this;
    // What is drained and packed counts from the next cycle on.
    const { drainedRuns, drainedGroups, packed } = this;
    this.loaded ||= this.hit(chance.load);
    const final = this.finals[0];
    if (final && final.at + ISSUE_TO_DRAIN <= cycle && this.hit(chance.drain)) {
      this.finals.shift();
      this.drainedGroups = final.last ? 0 : this.drainedGroups + 1;
      if (final.last) this.drainedRuns++;
    }
    const ahead = 2 * ACC_DEPTH;
    if (this.hit(chance.write) && this.packed < model.freed + ahead) this.packed++;
    this.grown.clear();
    const look = model.look;
    const run = this.runs[model.issued];
    const marked = look !== undefined && run.set !== undefined;
    const written = marked ? this.written.get(`${run.source} ${look.vector}`)! : packed;
    const [now, after] = marked ? [this.write(run, look.vector), this.write(run, look.vector + 1)] : [];
    const following = this.runs[model.issued + Number(look !== undefined)];
    const first = following?.set === undefined ? undefined : this.write(following, 0);
    const any = () => random.next() & 0xffff;
    if (seen.read_o === 1n) this.data.set(cycle + READ_LATENCY, this.fetch(seen));
    const data = this.data.get(cycle + 1);
    this.data.delete(cycle + 1);
    this.offered ||= this.next < this.runs.length && this.hit(chance.push);
    const { loaded } = this;
    this.around = { loaded, drainedRuns, drainedGroups, written };
    return {
      run_valid_i: Number(this.offered),
      run_i: this.runs[Math.min(this.next, this.runs.length - 1)].record,
      loaded_i: Number(loaded),
      drained_runs_i: this.drainedRuns % 8,
      drained_groups_i: this.drainedGroups,
      look_count_i: now ?? any(),
      after_count_i: after ?? any(),
      first_count_i: first ?? any(),
      packed_i: (this.packed + PACKED_OFFSET) & 0xffff,
      read_data_i: data ?? BigInt(random.next()) << BigInt(random.next() % (128 * this.lanes - 32)),
    };
  }

  /** Groups of a vector that are written in the cycle after the next; it may become more now. */
  private write({ source, total }: Drawn, vector: number): number {
    const key = `${source} ${vector}`;
    if (this.grown.has(key)) return this.written.get(key)!;
    this.grown.add(key);
    let written = this.written.get(key) ?? this.random.next() % (total + 1);
    if (this.hit(this.chance.write)) written = Math.min(total, written + 1 + (this.random.next() % 3));
    this.written.set(key, written);
    return written;
  }

  private fetch(seen: Record<string, bigint>): bigint {
    let word = 0n;
    for (let bank = 0; bank < this.lanes; bank++) {
      const plus = Number((seen.read_plus_o >> BigInt(bank)) & 1n);
      // Taps above a map that starts at 0 read behind the address's wrap.
      const address = (Number(seen.read_addr_o) + plus) % 2 ** ADDRESS_BITS;
      word |= wordAt(bank, address) << BigInt(128 * bank);
    }
    return word;
  }
}

async function check(lanes: number, tapes: number, seed: number, extended = false) {
  const random = new Prng(seed);
  const runs = drawRuns(random, lanes, tapes, extended);
  const surroundings = new Surroundings(random, lanes, runs, extended);
  const result = await runBench({
    module: 'map_reader',
    parameters: {
      ...{ PixLanes: lanes, AddrBits: ADDRESS_BITS, AccDepth: ACC_DEPTH, Extended: Number(extended) },
    },
    react: {
      observe: [
        ...['run_ready_o', 'swap_o', 'look_set_o', 'look_slot_o', 'clear_sets_o', 'freed_o', 'read_o'],
        ...['read_addr_o', 'read_plus_o', 'x_valid_o', 'x_swap_o', 'x_first_o', 'x_last_o', 'x_bank_o'],
        ...['x_group_o', 'x_data_o', 'wait_weights_o', 'wait_bank_o', 'wait_packed_o', 'wait_source_o'],
      ],
      drive: [
        ...[
          'run_valid_i',
          'run_i',
          'loaded_i',
          'drained_runs_i',
          'drained_groups_i',
          'look_count_i',
          'after_count_i',
          'first_count_i',
          'packed_i',
        ],
        'read_data_i',
      ],
      step: (seen, cycle) => surroundings.step(seen, cycle),
    },
    cycles: 100_000,
    seed,
  });
  expect(result.finished).toBe(true);
  expect([...surroundings.seenWaits]).toEqual(expect.arrayContaining(['bank', 'source', 'weights']));
}

describe('map_reader', () => {
  it.each([1, 2, 3, 4, 5, 9])('decides every cycle as specified, %i pixel lanes', async (lanes) => {
    await check(lanes, lanes === 1 ? 4 : 8, 100 + lanes);
  });

  it.each([1, 3, 5])('reads 0 behind the map when it is extended, %i pixel lanes', async (lanes) => {
    await check(lanes, 6, 200 + lanes, true);
  });
});
