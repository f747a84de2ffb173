/** The RTL witness: the whole engine in Verilator, on the memory for which cycles are promised. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { simulationCrashed, simulationFault } from '../../gen/diagnostics/simulation.ts';
import { tapeImageSize } from '../../gen/diagnostics/tape.ts';
import type { Geometry } from '../../gen/geometry/geometry.ts';
import { ERROR_CODES } from '../../gen/geometry/registers.ts';
import { HEADER, readFields } from '../../gen/tape/format.ts';
import { layOutMemory } from '../../gen/tape/memory-layout.ts';
import { resultBuffer } from '../../gen/tape/result-buffer.ts';
import { buildModel } from './build.ts';
import { lastLines, runCommand } from './command.ts';
import { jobFileText, memoryImage } from './job-file.ts';
import { decodeProbes, type Probes } from './probes.ts';
import { type EngineResult, parseResult } from './result.ts';

/** Longer than any phase of computation in which nothing leaves the array. */
const WATCHDOG_CYCLES = 200_000;

export interface RtlProgress {
  readonly phase: 'build' | 'simulate';
  readonly cycles: number;
  readonly jobsDone: number;
}

/** One image through the network of a tape. Jobs with the same array share the tape in memory, too. */
export interface RtlJob {
  readonly tape: Uint8Array;
  /** Height × width × 3, raw RGB. */
  readonly image: Uint8Array;
}

/** Images one after the other through the same network. */
export function jobsOf(tape: Uint8Array, images: readonly Uint8Array[]): RtlJob[] {
  return images.map((image) => ({ tape, image }));
}

export interface RtlOptions {
  /** Folder of the design's .v and .vh files. */
  readonly rtlDir: string;
  /** Name of the top module. */
  readonly top: string;
  readonly geometry: Pick<Geometry, 'burstBeats'>;
  /** In the order in which they are started; their tapes may differ. */
  readonly jobs: readonly RtlJob[];
  /** Cycles between a burst's address and its first beat, less one. */
  readonly latency: number;
  /** Percentage of cycles in which each channel withholds its ready or valid, and the seed that decides which. */
  readonly backpressure: number;
  readonly seed: number;
  /** File for the waveforms (FST). */
  readonly trace?: string;
  /** The model's executable, as buildModel gave it; absent, it is built or found in the cache. */
  readonly bench?: string;
  /** Ends the simulation. */
  readonly stop?: AbortSignal;
  /** Cycles without any movement that count as hanging. */
  readonly watchdog?: number;
  readonly onProgress?: (progress: RtlProgress) => void;
}

/** What the bench prints. Cycles count from the handshake of the first START. */
interface Summary {
  /** Handshake of the response to each job's last burst. */
  readonly doneCycles: number[];
  /** All read beats × port width, and all strobed bytes, of each job. */
  readonly readBytes: number[];
  readonly writeBytes: number[];
  /** From the reset on. */
  readonly simulatedCycles: number;
  /** Read bursts in flight at most. */
  readonly mostOutstanding: number;
  /** Runs written back. */
  readonly runs: number;
  /** The engine's read-only registers at the end, by name. */
  readonly registers: Readonly<Record<string, number>>;
}

interface FaultSummary {
  readonly fault: string;
  readonly cycle: number;
  readonly registers: Readonly<Record<string, number>>;
}

export interface RtlRun extends Summary {
  readonly results: EngineResult[];
  /** Of the last result. */
  readonly cycles: number;
  readonly probes: Probes;
  /** Of the simulation, building excluded. */
  readonly wallSeconds: number;
}

/**
 * Runs jobs on the engine, with its queue kept full and no reset between them.
 *
 * @throws FireforgeError FF701 … FF704 when the model cannot be built, FF710 when the design breaks a rule of
 *   the memory port or hangs, FF711 when the simulator itself dies, FF611 for an image of another size;
 *   AbortError when it was stopped
 */
export async function runRtl(options: RtlOptions): Promise<RtlRun> {
  const { onProgress, trace, jobs } = options;
  const tapes = [...new Set(jobs.map(({ tape }) => tape))];
  const headers = jobs.map(({ tape }) => readFields(tape, 0, HEADER));
  for (const [job, { imageBytes }] of headers.entries()) {
    const { length } = jobs[job].image;
    if (length !== imageBytes) throw tapeImageSize(imageBytes, length);
  }
  const bench =
    options.bench ??
    (await buildModel({ ...options, trace: trace !== undefined }, () =>
      onProgress?.({ phase: 'build', cycles: 0, jobsDone: 0 }),
    ));
  const folder = await mkdtemp(path.join(tmpdir(), 'fireforge-rtl-'));
  try {
    const tapeBytes = tapes.map(({ length }) => length);
    const buffers = tapes.map(resultBuffer);
    const sizes = headers.map(({ imageBytes }, job) => {
      const tape = tapes.indexOf(jobs[job].tape);
      const { resultBytes, bytes: bufferBytes } = buffers[tape];
      return { tape, imageBytes, resultBytes, bufferBytes };
    });
    const layout = layOutMemory(tapeBytes, sizes);
    const file = (name: string) => path.join(folder, name);
    const watchdog = options.watchdog ?? WATCHDOG_CYCLES + 1000 * options.latency;
    const settings = { ...options, ...options.geometry, tapeBytes, sizes, watchdog };
    await writeFile(file('jobs.txt'), jobFileText(layout, settings));
    const images = jobs.map(({ image }) => image);
    await writeFile(file('memory.bin'), memoryImage(layout, tapes, images));

    const files = ['jobs.txt', 'memory.bin', 'results.bin', 'probes.bin'].map(file);
    const started = performance.now();
    const summary = await simulate(bench, trace === undefined ? files : [...files, trace], options);
    const wallSeconds = (performance.now() - started) / 1000;

    const bytes = await readFile(file('results.bin'));
    let end = 0;
    const results = sizes.map(({ resultBytes: size }, job) => {
      end += size;
      return parseResult(bytes.subarray(end - size, end), headers[job], job);
    });
    const probes = decodeProbes(await readFile(file('probes.bin')));
    return { ...summary, results, cycles: summary.doneCycles[jobs.length - 1], probes, wallSeconds };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Exit code of a bench that reports a fault on its standard output. */
const FAULT = 1;

async function simulate(bench: string, files: readonly string[], options: RtlOptions): Promise<Summary> {
  const { code, stdout, stderr } = await runCommand(bench, files, {
    stop: options.stop,
    onError: (line) => {
      const [, cycles, jobsDone] = /^progress (\d+) (\d+)$/.exec(line) ?? [];
      if (cycles === undefined) return;
      options.onProgress?.({ phase: 'simulate', cycles: Number(cycles), jobsDone: Number(jobsDone) });
    },
  });
  if (code === 0) return JSON.parse(stdout) as Summary;
  if (code !== FAULT) throw simulationCrashed(options.top, lastLines(stderr));
  const { fault, cycle, registers } = JSON.parse(stdout) as FaultSummary;
  throw simulationFault(options.top, cycle, fault, engineView(registers));
}

/** What the engine says of itself: the registers that explain why it stopped. */
function engineView(registers: Readonly<Record<string, number>>): string {
  const named = ['STATUS', 'JOBS', 'DONE_COUNT'].map(
    (name) => `${name} ${registers[name] ?? 'not answered'}`,
  );
  const error = ERROR_CODES.find(({ code }) => code === registers.ERROR_CODE);
  return [...named, error === undefined ? 'no error code' : `${error.name}: ${error.description}`].join(', ');
}
