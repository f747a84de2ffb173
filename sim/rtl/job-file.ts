/** What the C++ bench is told (bench/job_file.h): where tapes, images and results lie, and how to start a job. */
import { JOB_SLOTS, REGISTERS } from '../../gen/geometry/registers.ts';
import { type JobSizes, MEMORY_BASE, type MemoryLayout } from '../../gen/tape/memory-layout.ts';

/** IRQ_ENABLE: the interrupt rises with errors alone. */
const ERROR_INTERRUPT = 1 << 1;

/** The bytes from the layout's base on: tapes and images, the rest 0. */
export function memoryImage(
  layout: MemoryLayout,
  tapes: readonly Uint8Array[],
  images: readonly Uint8Array[],
): Uint8Array {
  const memory = new Uint8Array(layout.end - MEMORY_BASE);
  for (const [index, tape] of tapes.entries()) memory.set(tape, layout.tapes[index] - MEMORY_BASE);
  for (const [job, image] of images.entries()) memory.set(image, layout.jobs[job].image - MEMORY_BASE);
  return memory;
}

interface SettingSizes extends JobSizes {
  /** Of the result alone. */
  readonly resultBytes: number;
}

export interface BenchSettings {
  readonly tapeBytes: readonly number[];
  /** Of each job. */
  readonly sizes: readonly SettingSizes[];
  readonly latency: number;
  readonly backpressure: number;
  readonly seed: number;
  readonly burstBeats: number;
  readonly watchdog: number;
}

function offsetOf(name: string): number {
  const register = REGISTERS.find((candidate) => candidate.name === name);
  if (register === undefined) throw new Error(`the register map has no ${name}`);
  return register.offset;
}

/** The job file's text. */
export function jobFileText(layout: MemoryLayout, settings: BenchSettings): string {
  const lines = [
    `base ${MEMORY_BASE}`,
    ...layout.tapes.map((tape, index) => `tape ${tape} ${settings.tapeBytes[index]}`),
    `latency ${settings.latency}`,
    `backpressure ${settings.backpressure}`,
    `seed ${settings.seed}`,
    `burst ${settings.burstBeats}`,
    `slots ${JOB_SLOTS}`,
    `watchdog ${settings.watchdog}`,
    ...REGISTERS.filter(({ access }) => access === 'ro').map(
      ({ name, offset }) => `status ${name} ${offset}`,
    ),
  ];
  for (const [job, { tape, image, result }] of layout.jobs.entries()) {
    const { tape: index, imageBytes, resultBytes, bufferBytes } = settings.sizes[job];
    lines.push(`job ${index} ${image} ${imageBytes} ${result} ${resultBytes} ${bufferBytes}`);
    if (job === 0) lines.push(`write ${offsetOf('IRQ_ENABLE')} ${ERROR_INTERRUPT}`);
    lines.push(
      `write ${offsetOf('TAPE_ADDR_LO')} ${tape}`,
      `write ${offsetOf('IMAGE_ADDR_LO')} ${image}`,
      `write ${offsetOf('RESULT_ADDR_LO')} ${result}`,
      `write ${offsetOf('START')} 1`,
    );
  }
  return `${lines.join('\n')}\n`;
}
