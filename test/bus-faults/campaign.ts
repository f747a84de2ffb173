/** Many trials of one small engine, each with a fault, in one process (bench/campaign_file.h says how it is told). */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { emitVerilog } from '../../gen/emit/verilog.ts';
import { ERROR_CODES, REGISTERS } from '../../gen/geometry/registers.ts';
import { HEADER, readFields, resultBytes, WORD_BYTES } from '../../gen/tape/format.ts';
import { layOutMemory, MEMORY_BASE } from '../../gen/tape/memory-layout.ts';
import { buildModel } from '../../sim/rtl/build.ts';
import { runCommand } from '../../sim/rtl/command.ts';
import { memoryImage } from '../../sim/rtl/job-file.ts';
import type { Subject } from './subject.ts';

const DRIVER = fileURLToPath(new URL('bench', import.meta.url));

/** log2 of the cycles of a watchdog; an engine of an application has 2^24, which no simulation waits for. */
export const WATCHDOG_BITS = 12;
/** A trial that has not ended then hangs: longer than any job here and the watchdog behind it. */
const LIMIT = 100_000;

export interface Outcome {
  /** Name of the error code; `none` for 0. */
  readonly code: string;
  /** Cycles from the first START: of the fault, of the interrupt, of the engine at rest; -1 for none. */
  readonly fault: number;
  readonly error: number;
  readonly idle: number;
  /** `idle`, `hung` (and the engine says so) or `stuck`. */
  readonly end: string;
  /** What DONE_COUNT rose by. */
  readonly done: number;
  /** A letter a job: r right, w wrong with a valid trailer, - no valid trailer. */
  readonly results: string;
  /** The same of the job behind, if there was one. */
  readonly clean: string;
  /** Bursts. */
  readonly reads: number;
  readonly writes: number;
}

/** A driver for an engine's trials; `end` removes what it has written. */
export interface Campaign {
  run(trials: readonly string[]): Promise<Outcome[]>;
  end(): Promise<void>;
}

export async function startCampaign(subject: Subject): Promise<Campaign> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fireforge-faults-'));
  const { top, files } = emitVerilog(subject.geometry);
  for (const [name, text] of files) {
    const short = name.endsWith(`/${top}.v`) ? withShortWatchdog(text) : text;
    await writeFile(path.join(folder, path.basename(name)), short);
  }
  const bench = await buildModel({ rtlDir: folder, top, trace: false, driver: DRIVER });
  const { classes, tapeId, imageBytes } = readFields(subject.tape, 0, HEADER);
  const { tape, images } = subject;
  const sizes = images.map(() => ({ tape: 0, imageBytes, bufferBytes: resultBytes(classes) }));
  const layout = layOutMemory([tape.length, tape.length], sizes);
  const setting = [
    `base ${MEMORY_BASE}`,
    `tape ${layout.tapes[0]} ${tape.length} ${tapeId}`,
    `copy ${layout.tapes[1]}`,
    `burst ${subject.geometry.burstBeats}`,
    `limit ${LIMIT}`,
    ...REGISTERS.map(({ name, offset }) => `register ${name} ${offset}`),
    ...subject.logits.map((logits, i) => {
      const data = new Uint8Array(resultBytes(classes) - WORD_BYTES);
      data.set(new Uint8Array(logits.buffer, logits.byteOffset, logits.byteLength));
      const { image, result } = layout.jobs[i];
      return `job ${image} ${result} ${Buffer.from(data).toString('hex')}`;
    }),
  ];
  const memory = path.join(folder, 'memory.bin');
  await writeFile(memory, memoryImage(layout, [tape, tape], images));
  let number = 0;
  return {
    async run(trials) {
      const file = path.join(folder, `campaign-${number++}.txt`);
      await writeFile(file, [...setting, ...trials.map((trial) => `trial ${trial}`), ''].join('\n'));
      const { code, stdout, stderr } = await runCommand(bench, [file, memory]);
      const lines = stdout.trimEnd().split('\n');
      if (code !== 0) throw new Error(`${stderr}the trial was: ${trials[stdout === '' ? 0 : lines.length]}`);
      return lines.map(parseOutcome);
    },
    end: () => rm(folder, { recursive: true }),
  };
}

function withShortWatchdog(top: string): string {
  const text = top.replace('.GeometryId(', `.WatchdogBits(${WATCHDOG_BITS}), .GeometryId(`);
  if (text === top) throw new Error('the top has no place for the watchdog');
  return text;
}

function parseOutcome(line: string): Outcome {
  const words = line.split(' ');
  const [code, fault, error, idle] = words.slice(0, 4).map(Number);
  const [end, , results, clean] = words.slice(4);
  const [done, reads, writes] = [words[5], words[8], words[9]].map(Number);
  const name = code === 0 ? 'none' : ERROR_CODES.find((entry) => entry.code === code)!.name;
  return { code: name, fault, error, idle, end, done, results, clean, reads, writes };
}
