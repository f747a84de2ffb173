/** drain, and the way of a group from its last sum through the requantizer to the post unit. */
import { ACCUMULATOR_BANKS } from '../../geometry/geometry.ts';
import { UNKNOWN } from './clock.ts';
import { Intervals } from './intervals.ts';
import type { PostUnit } from './post-unit.ts';
import type { Queue } from './queue.ts';
import type { QueuedRun } from './run-generator.ts';
import type { Timing } from './timing.ts';

/** Groups that post_unit's queue holds. */
const CREDITS = 32;
/** A group taken from the queue → its credit can be spent again. */
const TAKE_TO_CREDIT = 2;
/** Runs whose drained groups somebody may still ask for. */
const KEPT = 16;

interface Hooks {
  /** The last group of a run leaves the accumulators: seen from `cycle` on. */
  onDrained(cycle: number): void;
  /** First cycle in which the last group of a global pool may leave. */
  poolFrom(): number;
  /** The last group of a global pool leaves in `cycle`; its sums are kept or scaled. */
  onPoolEnd(cycle: number, kept: boolean): void;
}

export class Drain {
  private readonly timing: Timing;
  private readonly queue: Queue;
  private readonly post: PostUnit;
  private readonly hooks: Hooks;
  private readonly runs: QueuedRun[] = [];
  /** Per run, modulo KEPT: when its groups leave. */
  private readonly issues: number[][] = Array.from({ length: KEPT }, () => []);
  /** When final groups stood in the accumulators. */
  readonly waits = new Intervals();
  private drained = 0;
  private free = 0;
  private readonly taken: number[] = new Array(CREDITS).fill(-TAKE_TO_CREDIT);
  private groups = 0;

  constructor(timing: Timing, queue: Queue, post: PostUnit, hooks: Hooks) {
    this.timing = timing;
    this.queue = queue;
    this.post = post;
    this.hooks = hooks;
  }

  run(run: QueuedRun): void {
    this.runs.push(run);
    this.issues[run.number % KEPT] = [];
  }

  /** The map reader issued a group of a run's last tile in `cycle`. */
  issued(cycle: number): void {
    const [run] = this.runs;
    const { issueToDrain, drainInterval, drainToArray } = this.timing;
    const issues = this.issues[run.number % KEPT];
    const last = issues.length + 1 === run.groups;
    const credit = this.taken[this.groups % CREDITS] + TAKE_TO_CREDIT;
    let leaves = Math.max(cycle + issueToDrain, this.free, credit);
    const pools = last && run.lastBlock && run.stage.globalPool !== undefined;
    if (pools) leaves = Math.max(leaves, this.hooks.poolFrom());
    this.waits.add(cycle + issueToDrain, leaves + 1);
    this.free = leaves + drainInterval;
    issues.push(leaves);
    this.taken[this.groups++ % CREDITS] = this.post.take(leaves + drainToArray);
    if (!last) return;
    this.runs.shift();
    this.drained++;
    this.queue.pop(leaves);
    if (pools) this.hooks.onPoolEnd(leaves, run.stage.sums?.goesOn ?? false);
    this.hooks.onDrained(leaves + 1);
  }

  /** First cycle in which run `n` is seen to have left the accumulators. */
  drainedFrom(n: number): number {
    if (n < 0) return 0;
    if (n >= this.drained) return UNKNOWN;
    return this.issues[n % KEPT].at(-1)! + 1;
  }

  /** First cycle in which group `group` of run `n` may be issued into the bank of the run three before it. */
  bankFrom(n: number, group: number): number {
    const before = n - ACCUMULATOR_BANKS;
    if (before < 0) return 0;
    const issues = this.issues[before % KEPT];
    return issues[Math.min(group, issues.length - 1)] + 2;
  }
}
