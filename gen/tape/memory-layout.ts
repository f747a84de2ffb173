/** Where the simulated host places tapes, images and results; cycles are counted for these addresses. */
import { JOB_ALIGNMENT } from '../geometry/registers.ts';

/** Not 0, so that an address that was never set shows. */
export const MEMORY_BASE = 0x4000_0000;

/** Bytes of what a job reads and writes; jobs may share a tape. */
export interface JobSizes {
  /** Index among the tapes. */
  readonly tape: number;
  readonly imageBytes: number;
  /** Of the result, and of maps that are kept behind it. */
  readonly bufferBytes: number;
}

/** Its three addresses. */
export interface JobPlace {
  readonly tape: number;
  readonly image: number;
  readonly result: number;
}

export interface MemoryLayout {
  readonly tapes: readonly number[];
  readonly jobs: readonly JobPlace[];
  readonly end: number;
}

/**
 * Tapes, images and results one behind the other, each at a multiple of 64 bytes and of nothing more, so
 * that bursts meet 4 KiB boundaries everywhere.
 */
export function layOutMemory(tapeBytes: readonly number[], sizes: readonly JobSizes[]): MemoryLayout {
  let end = MEMORY_BASE + JOB_ALIGNMENT;
  const place = (bytes: number) => {
    const start = end;
    end += Math.ceil(bytes / JOB_ALIGNMENT) * JOB_ALIGNMENT;
    return start;
  };
  const tapes = tapeBytes.map(place);
  const images = sizes.map(({ imageBytes }) => place(imageBytes));
  const results = sizes.map(({ bufferBytes }) => place(bufferBytes));
  const jobs = sizes.map(({ tape }, job) => ({
    tape: tapes[tape],
    image: images[job],
    result: results[job],
  }));
  return { tapes, jobs, end };
}
