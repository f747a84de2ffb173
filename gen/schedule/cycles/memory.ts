/**
 * The memory for which cycles are promised (docs/reference/cycles.md): reads served whole and in order after a
 * fixed latency, responses after the same. With back-pressure every channel withholds its ready or valid in some
 * of the cycles, drawn here as it is there, but not from the same numbers.
 */
import { Prng } from '../../import/prng.ts';

export class Memory {
  private readonly latency: number;
  private readonly probability: number;
  private readonly random: Prng;
  private lastBeat = -1;
  private lastWrite = -1;
  private lastResponse = -1;

  /** `backpressure` in percent of cycles. */
  constructor(latency: number, backpressure = 0, seed = 0) {
    this.latency = latency;
    this.probability = backpressure / 100;
    this.random = new Prng(seed);
  }

  /** First cycle from `cycle` on in which a channel does not withhold. */
  private ready(cycle: number): number {
    if (this.probability === 0) return cycle;
    let at = cycle;
    while (this.random.uniform() < this.probability) at++;
    return at;
  }

  /** When an address valid from `cycle` on is taken; of reads and writes alike. */
  acceptAddress(cycle: number): number {
    return this.ready(cycle);
  }

  firstBeat(accepted: number): number {
    this.lastBeat = this.ready(Math.max(accepted + 1 + this.latency, this.lastBeat + 1));
    return this.lastBeat;
  }

  nextBeat(): number {
    this.lastBeat = this.ready(this.lastBeat + 1);
    return this.lastBeat;
  }

  /** When a beat of write data, valid from `cycle` on, is taken. */
  writeBeat(cycle: number): number {
    this.lastWrite = this.ready(Math.max(cycle, this.lastWrite + 1));
    return this.lastWrite;
  }

  /** The response to a burst whose last beat was taken in `last`. */
  response(last: number): number {
    this.lastResponse = this.ready(Math.max(last + 1 + this.latency, this.lastResponse + 1));
    return this.lastResponse;
  }
}
