/** When the host's jobs reach the engine: the host keeps the queue full (sim/rtl/bench/control.h). */
import { JOB_SLOTS } from '../../geometry/registers.ts';
import { UNKNOWN } from './clock.ts';

/** A register is written every so many cycles. */
const WRITE_CYCLES = 3;
/** Writes for a job: three addresses, then START. */
const JOB_WRITES = 4;
/** From START's handshake to the job at the queue's output: the strobe, then the queue. */
const START_TO_JOB = 2;
/** The host looks for room this long after a result. */
const ROOM_CYCLES = 32;

export class Jobs {
  /** Handshake of each job's START. */
  private readonly starts: number[] = [];

  constructor() {
    for (let job = 0; job < JOB_SLOTS; job++) this.starts.push(job * JOB_WRITES * WRITE_CYCLES);
  }

  /** First cycle in which the parser sees job `n`. */
  validFrom(n: number): number {
    return n < this.starts.length ? this.starts[n] + START_TO_JOB : UNKNOWN;
  }

  /** The response that ends a job came in `cycle`. */
  finished(cycle: number): void {
    const before = this.starts[this.starts.length - 1];
    const room = Math.max(cycle + ROOM_CYCLES, before + WRITE_CYCLES);
    this.starts.push(room + (JOB_WRITES - 1) * WRITE_CYCLES);
  }
}
