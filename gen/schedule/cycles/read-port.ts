/**
 * axi_read_arbiter and the memory behind it: image bursts before those of loads (read_merge), both before tape
 * bursts, beats in the order of addresses.
 */
import { OUTSTANDING_BURSTS } from '../../geometry/geometry.ts';
import type { BurstReader } from './burst-reader.ts';
import { Unit } from './clock.ts';
import type { Memory } from './memory.ts';

export class ReadPort extends Unit {
  private readonly memory: Memory;
  /** The first goes first. */
  private readers: readonly BurstReader[] = [];
  /** When a burst's address was taken, and the last beats of the bursts that may still be open. */
  private accepted = -1;
  private readonly lastBeats: number[] = new Array(OUTSTANDING_BURSTS).fill(-1);
  private bursts = 0;

  constructor(memory: Memory) {
    super();
    this.memory = memory;
  }

  connect(...readers: readonly BurstReader[]): void {
    this.readers = readers;
  }

  /** A reader offers a burst from `cycle` on. */
  offered(cycle: number): void {
    this.wake(Math.max(cycle, this.slotFrom));
  }

  /** The address register is free, and a burst may be outstanding more. */
  private get slotFrom(): number {
    return Math.max(this.accepted, this.lastBeats[this.bursts % OUTSTANDING_BURSTS] + 1);
  }

  act(cycle: number): void {
    const { slotFrom } = this;
    if (slotFrom <= cycle) {
      const reader = this.readers.find(({ offer }) => offer <= cycle);
      if (reader !== undefined) this.start(cycle, reader);
    }
    const next = Math.min(...this.readers.map(({ offer }) => offer));
    this.wake(Math.max(next, this.slotFrom, cycle + 1));
  }

  private start(cycle: number, reader: BurstReader): void {
    const beats = reader.issue(cycle);
    this.accepted = this.memory.acceptAddress(cycle + 1);
    let beat = this.memory.firstBeat(this.accepted);
    for (let i = 0; i < beats; i++) {
      if (i > 0) beat = this.memory.nextBeat();
      reader.beat(beat);
    }
    this.lastBeats[this.bursts++ % OUTSTANDING_BURSTS] = beat;
    reader.beatsKnown();
  }
}
