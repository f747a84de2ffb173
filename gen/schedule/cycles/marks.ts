/** When each group of each slot of a map becomes visible as written. */

/** What a run reads: whether and when it may. */
export interface Marks {
  /** Whether everything written so far to `slot` was visible before `time` and the whole range is written. */
  settled(slot: number, last: number, time: number): boolean;
  /** Cycle from which a read of `group` is allowed. */
  time(slot: number, group: number): number;
}

/** A map that needs no marks, for all of it is written. */
export const WRITTEN: Marks = { settled: () => true, time: () => 0 };

/** One map: per slot the visibility time of every group, and the latest of the slot. */
export class MapMarks implements Marks {
  private readonly times: Float64Array[];
  private readonly latest: Float64Array;
  readonly groups: number;

  constructor(slots: number, groups: number) {
    this.groups = groups;
    this.times = Array.from({ length: slots }, () => new Float64Array(groups).fill(Number.POSITIVE_INFINITY));
    this.latest = new Float64Array(slots);
  }

  mark(slot: number, group: number, time: number): void {
    this.times[slot][group] = time;
    if (time > this.latest[slot]) this.latest[slot] = time;
  }

  settled(slot: number, last: number, time: number): boolean {
    return this.latest[slot] <= time && this.times[slot][Math.min(last, this.groups - 1)] <= time;
  }

  /** Groups before the first need nothing, behind the last all. */
  time(slot: number, group: number): number {
    return group < 0 ? 0 : this.times[slot][Math.min(group, this.groups - 1)];
  }
}
