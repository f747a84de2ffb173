/** run_generator: stage commands become runs, which four queues take in the same cycle. */
import {
  type Command,
  type Pass,
  type Run,
  type Schedule,
  type Stage,
  type Transfer,
  walkRuns,
} from '../nest.ts';
import { sectionWords } from '../sections.ts';
import { Unit } from './clock.ts';
import { Intervals } from './intervals.ts';
import type { Queue } from './queue.ts';

/** Cycles from the states that begin them to the offer of a run (rtl/tape/run_generator.v). */
const COMMAND_TO_RUN = 13;
/** A command seen → it waits for what is before it; that seen as finished → the first run, or the transfer, offered. */
const COMMAND_TO_WAIT = 6;
const WAIT_TO_RUN = COMMAND_TO_RUN - COMMAND_TO_WAIT + 1;
const WAIT_TO_TRANSFER = 1;
/** A transfer's end → its command released. */
const TRANSFER_TO_RELEASE = 1;
const RUN_TO_RUN = 6;
const ENTRY_TO_ENTRY = 4;
/** The stage's last run taken → its command released, and the next one looked for. */
const RUN_TO_RELEASE = 3;
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
  /** A transfer is offered from `cycle` on. */
  onTransfer(transfer: Transfer, cycle: number): void;
}

/** post_unit: runs written back, and from when the last of them is seen as that. */
interface WriteBack {
  readonly finished: number;
  readonly finishedFrom: number;
}

export class RunGenerator extends Unit {
  /** Of each job. */
  private readonly schedules: readonly Schedule[];
  private readonly outputLanes: number;
  private readonly queues: readonly Queue[];
  private readonly post: WriteBack;
  private readonly hooks: Hooks;
  /** When a command waited for those before it, or a transfer was under way. */
  readonly holds = new Intervals();
  private held: { readonly command: Command; readonly from: number } | undefined;
  private transfer: Transfer | undefined;
  /** Jobs whose last command is gone through, and when the results of jobs were written. */
  private ended = 0;
  private readonly results: number[] = [];
  /** When there was no command. */
  readonly waits = new Intervals();
  private waiting = false;
  private readonly commands: number[] = [];
  private job = 0;
  private place = 0;
  private begun = 0;
  private runs: Generator<Run> | undefined;
  private next: Run | undefined;
  private first = false;
  /** First cycle in which the next run is offered, or the next command looked for. */
  private from = 0;
  private number = 0;
  private stageBase = 0;
  private sections = new Map<Pass, Section>();

  constructor(
    schedules: readonly Schedule[],
    outputLanes: number,
    queues: readonly Queue[],
    post: WriteBack,
    hooks: Hooks,
  ) {
    super();
    this.schedules = schedules;
    this.outputLanes = outputLanes;
    this.queues = queues;
    this.post = post;
    this.hooks = hooks;
    this.wake(0);
  }

  /** The next command can be read from `cycle` on. */
  command(cycle: number): void {
    this.commands.push(cycle);
    this.wake(cycle);
  }

  /** The response that ends a job comes in `cycle`. */
  resultWritten(cycle: number): void {
    this.results.push(cycle);
    this.wake(cycle + 1);
  }

  /** The transfer offered last is finished in `cycle`. */
  transferred(cycle: number): void {
    if (this.transfer!.result) this.ended++;
    this.transfer = undefined;
    this.holds.close(cycle + 1);
    this.release(cycle + TRANSFER_TO_RELEASE);
  }

  /** It waits for a command. */
  get idle(): boolean {
    return this.waiting;
  }

  act(cycle: number): void {
    if (this.transfer !== undefined) return;
    if (this.next === undefined && this.held === undefined && !this.begin()) return;
    if (this.held !== undefined && !this.goOn()) return;
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
    const command = this.schedules[this.job].commands[this.place];
    const seen = Math.max(this.from, this.commands[this.begun++]);
    if ('stage' in command && !command.stage.waits) this.beginStage(command.stage, seen + COMMAND_TO_RUN);
    else {
      this.held = { command, from: seen + COMMAND_TO_WAIT };
      this.holds.open(this.held.from);
    }
    return true;
  }

  private beginStage(stage: Stage, from: number): void {
    this.placeSections(stage);
    this.runs = walkRuns(stage);
    this.next = this.runs.next().value as Run;
    this.first = true;
    this.from = from + ENTRY_TO_ENTRY * this.next.entryIndex;
  }

  /** The command that waits goes on if it is known when; true if a run is to be offered then. */
  private goOn(): boolean {
    const { command, from } = this.held!;
    const { post, results, ended } = this;
    if (post.finished < this.number) return false;
    const finished = Math.max(from, post.finishedFrom);
    if ('stage' in command) {
      this.held = undefined;
      this.holds.close(finished + 1);
      this.beginStage(command.stage, finished + WAIT_TO_RUN);
      return true;
    }
    if (results.length < ended) return false;
    const written = ended === 0 ? 0 : results[ended - 1] + 1;
    this.held = undefined;
    this.transfer = command.transfer;
    this.hooks.onTransfer(command.transfer, Math.max(finished, written) + WAIT_TO_TRANSFER);
    return false;
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
    const { stages } = this.schedules[this.job];
    if (run.stage.globalPool && run.stage.index + 1 === stages.length) this.ended++;
    this.release(cycle + RUN_TO_RELEASE + ENTRY_TO_ENTRY * behind);
  }

  private release(cycle: number): void {
    this.hooks.onRelease(cycle);
    this.from = cycle + RELEASE_TO_IDLE;
    if (++this.place === this.schedules[this.job].commands.length) {
      this.place = 0;
      this.job++;
    }
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
