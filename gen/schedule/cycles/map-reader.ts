/** map_reader: issues one group of pixels a cycle into the array, or waits, and keeps the books of why. */
import type { Geometry } from '../../geometry/geometry.ts';
import { passTiles } from '../nest.ts';
import { type Register, UNKNOWN, Unit } from './clock.ts';
import type { Drain } from './drain.ts';
import type { Marks } from './marks.ts';
import type { Queue } from './queue.ts';
import type { QueuedRun } from './run-generator.ts';
import type { Timing } from './timing.ts';

/** A run as it reaches the map reader, with the marks of what it reads. */
export interface SourcedRun extends QueuedRun {
  /** Absent for packed pixels. */
  readonly source: Marks | undefined;
}

type Wait = 'weights' | 'bank' | 'source' | 'start';
export type Spent = Wait | 'issued' | 'idle';

interface Hooks {
  onSwap(cycle: number): void;
  /** The cycles [from, to) went to `cause`, in the run or, when idle, before it. */
  onSpent(run: SourcedRun, cause: Spent, from: number, to: number): void;
  /** So many packed groups, counted from the start, are seen as freed from `cycle` on. */
  onFreed(groups: number, cycle: number): void;
}

export class MapReader extends Unit {
  private readonly timing: Timing;
  private readonly pixelLanes: number;
  private readonly queue: Queue;
  private readonly drain: Drain;
  private readonly packed: Register;
  private readonly hooks: Hooks;
  private readonly runs: SourcedRun[] = [];
  private present: SourcedRun | undefined;
  private tiles = 0;
  private tile = 0;
  private group = 0;
  /** First cycle in which it could issue, or end the tile. */
  private from = 0;
  private ending = false;
  private loadedFrom = UNKNOWN;
  private packedBase = 0;
  private freed = 0;
  /** What it waits for, and the cycle before which all cycles are accounted for. */
  private waiting: Wait = 'start';
  private accounted = 0;

  constructor(
    geometry: Geometry,
    timing: Timing,
    queue: Queue,
    drain: Drain,
    packed: Register,
    hooks: Hooks,
  ) {
    super();
    this.timing = timing;
    this.pixelLanes = geometry.pixelLanes;
    this.queue = queue;
    this.drain = drain;
    this.packed = packed;
    this.hooks = hooks;
  }

  run(run: SourcedRun): void {
    this.runs.push(run);
    if (this.present === undefined) this.wake(run.queued);
  }

  /** It has no run. */
  get idle(): boolean {
    return this.present === undefined;
  }

  /** The tile in the array's shadow registers can be swapped in from `cycle` on. */
  loaded(cycle: number): void {
    this.loadedFrom = cycle;
    this.wake(cycle);
  }

  act(cycle: number): void {
    if (this.present === undefined) this.takeRun(cycle);
    else if (cycle < this.from) this.wake(this.from);
    else if (this.ending) this.endTile(cycle);
    else this.issue(cycle);
  }

  /** The queue's head becomes the run being issued. */
  private takeRun(cycle: number): void {
    const [run] = this.runs;
    if (run === undefined || run.queued > cycle) {
      if (run !== undefined) this.wake(run.queued);
      return;
    }
    this.runs.shift();
    this.queue.pop(cycle);
    this.present = run;
    this.spend('idle', cycle + 1);
    this.tiles = passTiles(run.pass);
    this.tile = 0;
    this.group = 0;
    this.from = cycle + 1 + (run.first ? this.timing.stageStart : 0);
    this.spend('start', this.from);
    this.wake(this.from);
  }

  private issue(cycle: number): void {
    const run = this.present!;
    if (this.waits(run, cycle)) return;
    if (this.group === 0) {
      this.loadedFrom = UNKNOWN;
      this.hooks.onSwap(cycle);
    }
    const groups = this.unhindered(run, cycle);
    this.spend('issued', cycle + groups);
    if (this.tile === this.tiles - 1) for (let i = 0; i < groups; i++) this.drain.issued(cycle + i);
    this.group += groups;
    this.from = cycle + groups;
    if (this.group === run.groups) {
      this.ending = true;
      this.from = cycle + groups - 1 + Math.max(0, this.timing.minimumTile - run.groups);
    }
    if (this.from > cycle) this.wake(this.from);
    else this.endTile(cycle);
  }

  /** Whether the group cannot be issued in `cycle`, asked in the order of the RTL; arranges to be woken. */
  private waits(run: SourcedRun, cycle: number): boolean {
    this.spend(this.waiting, cycle);
    if (this.group === 0 && this.waitsFor('weights', this.loadedFrom, cycle)) return true;
    if (this.tile === 0 && this.waitsFor('bank', this.drain.bankFrom(run.number, this.group), cycle))
      return true;
    return this.waitsFor('source', this.sourceFrom(run, this.group, cycle), cycle);
  }

  private waitsFor(cause: Wait, from: number, cycle: number): boolean {
    if (from <= cycle) return false;
    this.waiting = cause;
    this.wake(from);
    return true;
  }

  /** First cycle in which what `group` reads is written. */
  private sourceFrom(run: SourcedRun, group: number, cycle: number): number {
    const need = run.start + group;
    if (run.source === undefined) return this.packed.at(cycle) > this.packedBase + need ? 0 : UNKNOWN;
    return run.source.time(this.vector(run), need + this.reach(run));
  }

  private vector(run: SourcedRun): number {
    return Math.floor(this.tile / run.pass.taps);
  }

  /** Groups by which the tile's tap reads ahead of the group it is for. */
  private reach(run: SourcedRun): number {
    if (run.pass.taps === 1) return 0;
    const tap = this.tile % 9;
    const offset = (Math.floor(tap / 3) - 1) * run.stage.width + (tap % 3) - 1;
    return Math.ceil(offset / this.pixelLanes);
  }

  /** Groups that can be issued one after the other from `cycle` on, for all that is known now. */
  private unhindered(run: SourcedRun, cycle: number): number {
    const rest = run.groups - this.group;
    const last = run.groups - 1;
    if (this.tile === 0 && this.drain.bankFrom(run.number, last) > cycle) return 1;
    if (run.source === undefined)
      return Math.min(rest, this.packed.at(cycle) - this.packedBase - run.start - this.group);
    return run.source.settled(this.vector(run), run.start + last + this.reach(run), cycle) ? rest : 1;
  }

  private endTile(cycle: number): void {
    const run = this.present!;
    this.ending = false;
    this.group = 0;
    this.spend('start', cycle + 1);
    this.from = cycle + 1;
    if (++this.tile < this.tiles) {
      this.wake(this.from);
      return;
    }
    this.present = undefined;
    const { stage } = run;
    const frees = stage.source.kind === 'image' && run.pass.kind === 'expand';
    if (frees && run.passIndex === stage.expandPasses.length - 1) {
      this.freed += run.groups;
      this.hooks.onFreed(this.freed, cycle + 1);
      if (run.lastBlock) this.packedBase = this.freed;
    }
    this.takeRun(cycle);
  }

  private spend(cause: Spent, to: number): void {
    if (to > this.accounted) this.hooks.onSpent(this.present!, cause, this.accounted, to);
    this.accounted = Math.max(this.accounted, to);
  }
}
