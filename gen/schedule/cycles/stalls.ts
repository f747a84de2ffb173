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
  private readonly books: ReadonlyMap<Stage, StageCycles>;
  private readonly last: Stage;
  private readonly witnesses: Witnesses;
  private accounted = 0;

  /** `queue`: the schedule of each job. */
  constructor(queue: readonly Schedule[], witnesses: Witnesses) {
    const stages = [...new Set(queue)].flatMap((schedule) => schedule.stages);
    this.books = new Map(stages.map((stage) => [stage, emptyBook(stage)]));
    this.last = queue[queue.length - 1].stages.at(-1)!;
    this.witnesses = witnesses;
  }

  /** Of each schedule, in the order in which they first come. */
  get stages(): readonly StageCycles[] {
    return [...this.books.values()];
  }

  /** The cycles [from, to) of a run, or before it. */
  spent(run: SourcedRun, spent: Spent, from: number, to: number): void {
    this.accounted = to;
    if (spent === 'issued') this.books.get(run.stage)!.issued += to - from;
    else this.add(run.stage, spent, run.source === undefined, from, to);
  }

  /** The last result is written at the end of cycle `done`. */
  end(done: number): void {
    this.add(this.last, 'idle', false, this.accounted, done);
  }

  private add(
    stage: Stage,
    spent: Exclude<Spent, 'issued'>,
    isPacked: boolean,
    from: number,
    to: number,
  ): void {
    const { stalls } = this.books.get(stage)!;
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

function emptyBook({ name }: Stage): StageCycles {
  const stalls = Object.fromEntries(STALL_NAMES.map((cause) => [cause, 0])) as Record<Stall, number>;
  return { name, issued: 0, stalls };
}
