/** Runs one Verilog module under Verilator against streams, vectors and reactions written in TypeScript. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Design } from './build.ts';
import type { Port, Values } from './ports.ts';
import { encodeRecord, ResultReader, ScenarioWriter } from './scenario.ts';

/** Feeds items to a stream of the module; without `ready` an item lasts one cycle. */
export interface Source {
  readonly valid: string;
  readonly ready?: string;
  /** Values by port name; all items name the same ports. Between items the ports carry noise. */
  readonly items: readonly Values[];
  /** Chance, in a cycle without an item on offer, that none is offered. */
  readonly gapPercent?: number;
  /** First cycle in which an item may be offered. */
  readonly start?: number;
}

/** Takes items from a stream of the module; without `ready` every valid cycle is an item. */
export interface Sink {
  readonly valid: string;
  readonly ready?: string;
  readonly fields: readonly string[];
  /** Chance that ready is low in a cycle. */
  readonly stallPercent?: number;
  /** The run may end once this many items came; without it the run lasts `cycles`. */
  readonly expect?: number;
}

/**
 * A process clocked like the module: `step` sees the observed ports as sampled at the rising edge of `cycle`
 * and returns the driven ones for the next cycle (absent: unchanged), or null to end the run.
 */
export interface Reaction {
  readonly observe: readonly string[];
  readonly drive: readonly string[];
  readonly step: (seen: Record<string, bigint>, cycle: number) => Values | null;
}

export interface BenchOptions extends Omit<Design, 'trace'> {
  /** Inputs that keep one value from before the reset on. */
  readonly constants?: Values;
  readonly sources?: readonly Source[];
  readonly sinks?: readonly Sink[];
  /** Ports whose values are recorded in every cycle. */
  readonly probes?: readonly string[];
  /** Inputs by cycle from 0; a port named in some cycle is 0 in those that do not name it. */
  readonly drive?: readonly Values[];
  readonly react?: Reaction;
  /** At most so many cycles after the reset. */
  readonly cycles: number;
  /** Cycles to go on after all that was expected came, to catch what should not come: default 20. */
  readonly settle?: number;
  readonly seed?: number;
  /** Writes a VCD file of everything. */
  readonly traceFile?: string;
}

export interface BenchResult {
  readonly cycles: number;
  /** All items were sent, all expected ones came, or the reaction ended the run. */
  readonly finished: boolean;
  /** For each source, the cycle in which each item was taken. */
  readonly sent: readonly (readonly number[])[];
  /** For each sink, the items in order and their cycles. */
  readonly received: readonly {
    readonly items: readonly Record<string, bigint>[];
    readonly cycles: readonly number[];
  }[];
  /** By port, one value a cycle. */
  readonly probes: Readonly<Record<string, readonly bigint[]>>;
}

export async function runBench(options: BenchOptions): Promise<BenchResult> {
  const { executable, ports } = await build({ ...options, trace: options.traceFile !== undefined });
  const scenario = new ScenarioWriter(ports);
  writeScenario(scenario, options);

  const folder = mkdtempSync(join(tmpdir(), 'fireforge-bench-'));
  try {
    writeFileSync(join(folder, 'scenario'), scenario.bytes());
    const files = [join(folder, 'scenario'), join(folder, 'result')];
    const child = spawn(executable, [...files, ...(options.traceFile ? [options.traceFile] : [])], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await Promise.all([
      ended(child, options.module),
      options.react && converse(child, options.react, scenario.select.bind(scenario)),
    ]);
    return readResult(new ResultReader(readFileSync(files[1])), scenario, options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const RESET_CYCLES = 4;
const UNLIMITED = 0xffffffff;

function writeScenario(to: ScenarioWriter, options: BenchOptions): void {
  const { constants = {}, sources = [], sinks = [], probes = [], drive = [], react } = options;
  to.u32(options.cycles, options.settle ?? 20, options.seed ?? 1, RESET_CYCLES);
  to.portList(Object.keys(constants));
  to.values(Object.keys(constants), constants);
  to.u32(sources.length);
  for (const { valid, ready, items, gapPercent = 0, start = 0 } of sources) {
    const fields = Object.keys(items[0] ?? {});
    to.port(valid);
    to.port(ready);
    to.u32(gapPercent, start);
    to.portList(fields);
    to.u32(items.length);
    for (const item of items) to.values(fields, item);
  }
  to.u32(sinks.length);
  for (const { valid, ready, fields, stallPercent = 0, expect = UNLIMITED } of sinks) {
    to.port(valid);
    to.port(ready);
    to.u32(stallPercent, expect);
    to.portList(fields);
  }
  to.portList(probes);
  const driven = [...new Set(drive.flatMap((record) => Object.keys(record)))];
  to.portList(driven);
  to.u32(drive.length);
  for (const record of [...drive, {}]) to.values(driven, record);
  to.portList(react?.observe ?? []);
  to.portList(react?.drive ?? []);
  to.values(react?.drive ?? [], {});
}

/** Answers the driver cycle by cycle until the reaction ends the run or the driver its cycles. */
async function converse(
  child: ChildProcess,
  { observe, drive, step }: Reaction,
  select: (names: readonly string[]) => Port[],
): Promise<void> {
  const observed = select(observe);
  const driven = select(drive);
  const size = observed.reduce((sum, port) => sum + port.size, 0);
  const stdin = child.stdin!;
  stdin.on('error', () => undefined);
  let state: Values = {};
  let cycle = 0;
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of child.stdout!) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length >= size) {
      const seen = new ResultReader(pending).record(observed);
      pending = pending.subarray(size);
      const answer = stepOrKill(seen, cycle++);
      if (answer === null) {
        stdin.write(Uint8Array.of(0));
        return;
      }
      state = { ...state, ...answer };
      stdin.write(Buffer.concat([Uint8Array.of(1), encodeRecord(driven, state)]));
    }
  }

  function stepOrKill(seen: Record<string, bigint>, at: number): Values | null {
    try {
      return step(seen, at);
    } catch (error) {
      child.kill();
      throw error;
    }
  }
}

function ended(child: ChildProcess, module: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (code === 0) resolve();
      else setImmediate(reject, new Error(`the bench of ${module} ended with ${signal ?? code}`));
    });
  });
}

function readResult(from: ResultReader, scenario: ScenarioWriter, options: BenchOptions): BenchResult {
  const cycles = from.u32();
  const finished = from.u32() === 1;
  const times = <T>(count: number, read: () => T): T[] => Array.from({ length: count }, read);
  const sent = (options.sources ?? []).map(() => times(from.u32(), () => from.u32()));
  const received = (options.sinks ?? []).map(({ fields }) => {
    const ports = scenario.select(fields);
    const pairs = times(from.u32(), () => ({ cycle: from.u32(), item: from.record(ports) }));
    return { items: pairs.map(({ item }) => item), cycles: pairs.map(({ cycle }) => cycle) };
  });
  const probed = options.probes ?? [];
  const ports = scenario.select(probed);
  const rows = times(cycles, () => from.record(ports));
  const probes = Object.fromEntries(probed.map((name) => [name, rows.map((row) => row[name])]));
  return { cycles, finished, sent, received, probes };
}
