/** Stretches of cycles in which something was so; asked for in order of time. */
import { UNKNOWN } from './clock.ts';

export class Intervals {
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];

  /** It was so in the cycles [from, to); begins no earlier than what was added before. */
  add(from: number, to: number): void {
    if (to <= from) return;
    const last = this.ends.length - 1;
    if (last >= 0 && from <= this.ends[last]) this.ends[last] = Math.max(this.ends[last], to);
    else {
      this.starts.push(from);
      this.ends.push(to);
    }
  }

  /** It is so from `cycle` on, until `close`. */
  open(cycle: number): void {
    this.add(cycle, UNKNOWN);
  }

  close(cycle: number): void {
    this.ends[this.ends.length - 1] = cycle;
  }

  /** The stretches within [from, to). What ended before `from` is forgotten. */
  within(from: number, to: number): [from: number, to: number][] {
    let past = 0;
    while (past < this.ends.length && this.ends[past] <= from) past++;
    this.starts.splice(0, past);
    this.ends.splice(0, past);
    const found: [number, number][] = [];
    for (let i = 0; i < this.starts.length && this.starts[i] < to; i++)
      found.push([Math.max(from, this.starts[i]), Math.min(to, this.ends[i])]);
    return found;
  }

  /** Cycles of [from, to) in which it was so. */
  cycles(from: number, to: number): number {
    return this.within(from, to).reduce((sum, [start, end]) => sum + end - start, 0);
  }
}
