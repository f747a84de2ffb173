/** Where the simulated host places tape, images and results; cycles are counted for these addresses. */
import { JOB_ALIGNMENT } from '../geometry/registers.ts';

/** Not 0, so that an address that was never set shows. */
export const MEMORY_BASE = 0x4000_0000;

export interface MemoryLayout {
  readonly tape: number;
  readonly images: readonly number[];
  readonly results: readonly number[];
  readonly end: number;
}

/**
 * Tape, images and results one behind the other, each at a multiple of 64 bytes and of nothing more, so
 * that bursts meet 4 KiB boundaries everywhere.
 */
export function layOutMemory(
  tapeBytes: number,
  imageBytes: number,
  resultBytes: number,
  jobs: number,
): MemoryLayout {
  let end = MEMORY_BASE + JOB_ALIGNMENT;
  const place = (bytes: number) => {
    const start = end;
    end += Math.ceil(bytes / JOB_ALIGNMENT) * JOB_ALIGNMENT;
    return start;
  };
  const tape = place(tapeBytes);
  const images = Array.from({ length: jobs }, () => place(imageBytes));
  const results = Array.from({ length: jobs }, () => place(resultBytes));
  return { tape, images, results, end };
}
