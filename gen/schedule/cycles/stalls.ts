/**
 * Where the array's cycles went, by stage: issued, or lost to one of the causes that the STALL registers count
 * (gen/geometry/registers.ts), decided as rtl/engine.v decides it.
 */
import { STALLS } from '../../geometry/registers.ts';
import type { Schedule, Stage } from '../nest.ts';
import type { Intervals } from './intervals.ts';
import type { SourcedRun, Spent } from './map-reader.ts';

export type Stall = Lowercase<(typeof STALLS)[number]['name']>;

export const STALL_NAMES = STALLS.map(({ name }) => name.toLowerCase() as Stall);

/** Cycles of a stage over all images of a run. */
export interface StageCycles {
  readonly name: string;
  /** Cycles in which a group was issued. */
  issued: number;
  /** Cycles in which none was, by cause. */
  readonly stalls: Record<Stall, number>;
}

/** What the units say of themselves. */
interface Witnesses {
  readonly loaderStarved: Intervals;
  readonly drainWaits: Intervals;
  readonly imageLacksRows: Intervals;
  readonly generatorWaits: Intervals;
  readonly generatorHolds: Intervals;
  readonly parserIdle: Intervals;
}

export class StallBook {
  readonly stages: readonly StageCycles[];
  private readonly witnesses: Witnesses;
  private accounted = 0;

  constructor(schedule: Schedule, witnesses: Witnesses) {
    this.stages = schedule.stages.map(({ name }) => ({
      name,
      issued: 0,
      stalls: Object.fromEntries(STALL_NAMES.map((cause) => [cause, 0])) as Record<Stall, number>,
    }));
    this.witnesses = witnesses;
  }

  /** The cycles [from, to) of a run, or before it. */
  spent(run: SourcedRun, spent: Spent, from: number, to: number): void {
    this.accounted = to;
    const stage = this.stages[run.stage.index];
    if (spent === 'issued') stage.issued += to - from;
    else this.add(run.stage, spent, run.source === undefined, from, to);
  }

  /** The last result is written at the end of cycle `done`. */
  end(last: Stage, done: number): void {
    this.add(last, 'idle', false, this.accounted, done);
  }

  private add(
    { index }: Stage,
    spent: Exclude<Spent, 'issued'>,
    isPacked: boolean,
    from: number,
    to: number,
  ): void {
    const { stalls } = this.stages[index];
    const { loaderStarved, drainWaits, imageLacksRows } = this.witnesses;
    const split = (witness: Intervals, so: Stall, otherwise: Stall) => {
      const cycles = witness.cycles(from, to);
      stalls[so] += cycles;
      stalls[otherwise] += to - from - cycles;
    };
    if (spent === 'weights') split(loaderStarved, 'tape', 'tile');
    else if (spent === 'bank') split(drainWaits, 'requantizer', 'bank');
    else if (spent === 'start') stalls.fill += to - from;
    else if (spent === 'idle') this.addIdle(stalls, from, to);
    else if (isPacked) split(imageLacksRows, 'image', 'packer');
    else stalls.data += to - from;
  }

  /**
   * No run: none is being made, for there is no command, and perhaps no job that could bring one; or for a map is
   * on its way.
   */
  private addIdle(stalls: Record<Stall, number>, from: number, to: number): void {
    let left = to - from;
    for (const [start, end] of this.witnesses.generatorWaits.within(from, to)) {
      const idle = this.witnesses.parserIdle.cycles(start, end);
      stalls.drain += idle;
      stalls.tape += end - start - idle;
      left -= end - start;
    }
    const held = this.witnesses.generatorHolds.cycles(from, to);
    stalls.data += held;
    stalls.fill += left - held;
  }
}
