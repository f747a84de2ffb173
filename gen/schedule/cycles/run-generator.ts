/** run_generator: stage commands become runs, which four queues take in the same cycle. */
import { type Pass, type Run, type Schedule, type Stage, walkRuns } from '../nest.ts';
import { sectionWords } from '../sections.ts';
import { Unit } from './clock.ts';
import { Intervals } from './intervals.ts';
import type { Queue } from './queue.ts';

/** Cycles from the states that begin them to the offer of a run (rtl/tape/run_generator.v). */
const COMMAND_TO_RUN = 11;
const RUN_TO_RUN = 4;
const ENTRY_TO_ENTRY = 3;
/** The stage's last run taken → its command released, and the next one looked for. */
const RUN_TO_RELEASE = 2;
const RELEASE_TO_IDLE = 1;

/** A run on its way through the queues. */
export interface QueuedRun extends Run {
  /** Counted over all images. */
  readonly number: number;
  readonly first: boolean;
  /** First cycle in which the queues show it. */
  readonly queued: number;
  /** Its pass's weights in the ring, counted from the start: first word, and behind the last. */
  readonly section: Section;
}

interface Section {
  readonly first: number;
  readonly end: number;
}

interface Hooks {
  onRun(run: QueuedRun): void;
  onRelease(cycle: number): void;
}

export class RunGenerator extends Unit {
  private readonly schedule: Schedule;
  private readonly outputLanes: number;
  private readonly queues: readonly Queue[];
  private readonly hooks: Hooks;
  /** When there was no command. */
  readonly waits = new Intervals();
  private waiting = false;
  private readonly commands: number[] = [];
  private stage = 0;
  private begun = 0;
  private runs: Generator<Run> | undefined;
  private next: Run | undefined;
  private first = false;
  /** First cycle in which the next run is offered, or the next command looked for. */
  private from = 0;
  private number = 0;
  private stageBase = 0;
  private sections = new Map<Pass, Section>();

  constructor(schedule: Schedule, outputLanes: number, queues: readonly Queue[], hooks: Hooks) {
    super();
    this.schedule = schedule;
    this.outputLanes = outputLanes;
    this.queues = queues;
    this.hooks = hooks;
    this.wake(0);
  }

  /** The next command can be read from `cycle` on. */
  command(cycle: number): void {
    this.commands.push(cycle);
    this.wake(cycle);
  }

  act(cycle: number): void {
    if (this.next === undefined && !this.begin()) return;
    let offered = this.from;
    for (const queue of this.queues) offered = Math.max(offered, queue.takesFrom(this.number));
    if (offered > cycle) this.wake(offered);
    else this.emit(cycle);
  }

  private begin(): boolean {
    if (this.begun === this.commands.length) {
      if (!this.waiting) this.waits.open(this.from);
      this.waiting = true;
      return false;
    }
    if (this.waiting) this.waits.close(this.commands[this.begun]);
    this.waiting = false;
    const stage = this.schedule.stages[this.stage];
    this.placeSections(stage);
    this.runs = walkRuns(stage);
    this.next = this.runs.next().value as Run;
    this.first = true;
    const skipped = this.next.entryIndex;
    this.from = Math.max(this.from, this.commands[this.begun++]) + COMMAND_TO_RUN + ENTRY_TO_ENTRY * skipped;
    return true;
  }

  private emit(cycle: number): void {
    const run = this.next!;
    const section = this.sections.get(run.pass)!;
    this.hooks.onRun({ ...run, number: this.number++, first: this.first, queued: cycle + 1, section });
    this.first = false;
    const { value, done } = this.runs!.next();
    if (!done) {
      this.next = value;
      this.from = cycle + RUN_TO_RUN + ENTRY_TO_ENTRY * entriesBetween(run, value);
      this.wake(this.from);
      return;
    }
    this.next = undefined;
    const behind = run.stage.order === 'block-major' ? run.stage.entries.length - 1 - run.entryIndex : 0;
    const release = cycle + RUN_TO_RELEASE + ENTRY_TO_ENTRY * behind;
    this.hooks.onRelease(release);
    this.from = release + RELEASE_TO_IDLE;
    this.stage = (this.stage + 1) % this.schedule.stages.length;
    this.wake(this.from);
  }

  private placeSections(stage: Stage): void {
    let end = this.stageBase;
    this.sections = new Map();
    for (const pass of [...stage.expandPasses, ...stage.squeezePasses]) {
      const first = end;
      end += sectionWords(pass, this.outputLanes);
      this.sections.set(pass, { first, end });
    }
    this.stageBase = end;
  }
}

/** Entries that are read between two runs of a stage. */
function entriesBetween(run: Run, next: Run): number {
  if (next.entryIndex > run.entryIndex) return next.entryIndex - run.entryIndex;
  if (run.stage.order === 'block-major') return 0;
  return 1 + next.entryIndex;
}
