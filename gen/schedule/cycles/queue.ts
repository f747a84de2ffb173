/** The queues between units (rtl/cell/fifo.v), seen from the cycles in which words leave them. */
import { UNKNOWN } from './clock.ts';

/** A queue of `depth` words. Words are numbered from 0; they leave in order, possibly in a cycle to come. */
export class Queue {
  /** Called with the cycle from which there is room for one more. */
  onRoom: (cycle: number) => void = () => {};
  private readonly depth: number;
  /** A word has left → there is room for one more. */
  private readonly popToRoom: number;
  private readonly pops: number[] = [];

  constructor(depth: number, popToRoom = 1) {
    this.depth = depth;
    this.popToRoom = popToRoom;
  }

  pop(cycle: number): void {
    this.pops.push(cycle);
    this.onRoom(cycle + this.popToRoom);
  }

  /** First cycle in which the queue takes word `n`. */
  takesFrom(n: number): number {
    return n < this.depth ? 0 : (this.pops[n - this.depth] ?? UNKNOWN) + this.popToRoom;
  }
}
