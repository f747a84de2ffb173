/** post_unit: requantized groups, run by run, through max_pool or past it into map_writer. */
import type { Geometry } from '../../geometry/geometry.ts';
import { blockPixels, type Stage } from '../nest.ts';
import { MapMarks } from './marks.ts';
import { type PoolWindows, poolWindows } from './pool-windows.ts';
import type { Queue } from './queue.ts';
import type { QueuedRun } from './run-generator.ts';
import { WriteTimes } from './write-times.ts';

/** A group taken → its write on the memory's port; → its mark seen by the map reader. */
const TAKE_TO_WRITE = 2;
const TAKE_TO_MARK = 4;
/** map_writer can begin the next run → the run generator knows that the last one is written back. */
const FREE_TO_FINISHED = 3;
/** A step of the pool → its pixels at map_writer. */
const STEP_TO_PIXELS = 4;
/** In narrow maps a step reads what the one before wrote. */
const NARROW_STEP = 4;

/** Where the runs of a stage write, and what its pool makes of a group. */
interface StageState {
  readonly block: MapMarks | undefined;
  readonly out: MapMarks | undefined;
  readonly windows: PoolWindows | undefined;
}

export class PostUnit {
  /** Called with the cycle from which a run is seen as written back. */
  onFinished: (cycle: number) => void = () => {};
  /** Runs written back, some perhaps in cycles to come, and from when the last one is seen as that. */
  finished = 0;
  finishedFrom = 0;
  private readonly queue: Queue;
  private readonly pixelLanes: number;
  private readonly poolLanes: number;
  private readonly stages = new Map<Stage, PoolWindows>();
  private readonly runs: { readonly run: QueuedRun; readonly state: StageState }[] = [];
  private current: StageState | undefined;

  private readonly writes = new WriteTimes();

  /** map_writer: first cycle in which it can begin a run, and that in which it began the oldest. */
  private writerFree = 0;
  private headFrom = 0;
  private begun: number | undefined;
  private lastTake = -1;
  private group = 0;

  /** max_pool: first cycle in which it can begin a run; when it lets go of the group before, and may step. */
  private poolFree = 0;
  private poolBegun = 0;
  private leaves = -1;
  private stepFrom = 0;
  private held = 0;

  constructor(geometry: Geometry, queue: Queue) {
    this.queue = queue;
    this.pixelLanes = geometry.pixelLanes;
    this.poolLanes = Math.floor((geometry.pixelLanes + 5) / 4);
  }

  /** A stage's first run is queued: its maps are written anew. Returns their marks. */
  beginStage(stage: Stage): StageState {
    const groups = Math.ceil(blockPixels(stage) / this.pixelLanes);
    if (stage.pool && !this.stages.has(stage))
      this.stages.set(stage, poolWindows(stage, stage.pool, this.pixelLanes));
    this.current = {
      block: stage.block && new MapMarks(stage.block.vectors, groups),
      out: stage.out && new MapMarks(stage.out.vectors, groups),
      windows: this.stages.get(stage),
    };
    return this.current;
  }

  run(run: QueuedRun): void {
    this.runs.push({ run, state: this.current! });
    if (this.runs.length === 1) this.begin();
  }

  /** Whether it writes in `cycle`; asked in order of time. */
  writesIn(cycle: number): boolean {
    return this.writes.has(cycle);
  }

  /** The next group comes out of the array in `cycle`; returns the cycle in which it is taken from its queue. */
  take(cycle: number): number {
    const { run, state } = this.runs[0];
    const pooled = isPooled(run);
    const taken = pooled ? this.takePooled(cycle, run, state) : this.takeWhole(cycle, run, state);
    this.lastTake = taken;
    if (++this.group === run.groups) {
      this.runs.shift();
      this.begun = undefined;
      this.finished++;
      this.finishedFrom = this.writerFree + FREE_TO_FINISHED;
      this.onFinished(this.finishedFrom);
      if (this.runs.length > 0) this.begin();
    }
    return taken;
  }

  /** map_writer (and the pool) begin the oldest run. */
  private begin(): void {
    const { run } = this.runs[0];
    this.group = 0;
    const head = Math.max(run.queued, this.headFrom);
    // The pool may begin while map_writer still writes the pooled run before, but not beside a run without pool.
    this.poolBegun = Math.max(head, this.poolFree, this.lastTake + 1);
    this.begun = Math.max(head, this.writerFree);
    this.headFrom = this.begun + 1;
    this.queue.pop(this.begun);
    if (isPooled(run)) {
      const coordinates = run.first ? this.pixelLanes + 2 : 1;
      this.leaves = this.poolBegun + coordinates;
      this.held = 0;
    }
  }

  private takeWhole(cycle: number, run: QueuedRun, state: StageState): number {
    const taken = Math.max(cycle + 1, this.begun! + 1, this.lastTake + 1);
    if (this.group + 1 === run.groups) this.writerFree = taken + 1;
    const target = run.pass.kind === 'expand' ? state.block : state.out;
    if (target === undefined) return taken;
    this.writes.add(taken + TAKE_TO_WRITE);
    if (run.pass.completes) target.mark(run.pass.slot, run.start + this.group, taken + TAKE_TO_MARK);
    return taken;
  }

  private takePooled(cycle: number, run: QueuedRun, state: StageState): number {
    const windows = state.windows!;
    const group = run.start + this.group;
    const first = this.group === 0;
    const taken = first ? Math.max(cycle + 1, this.leaves + 1) : Math.max(cycle + 1, this.leaves);
    const ends = this.group + 1 === run.groups;
    const narrow = run.stage.pool!.width < NARROW_STEP * this.poolLanes;
    const most = narrow ? 1 : this.poolLanes;
    let step = taken;
    let window = windows.firsts[group];
    const end = window + windows.counts[group];
    do {
      step = Math.max(step + 1, this.stepFrom);
      const next = Math.min(end, window + most);
      if (narrow && next > window) this.stepFrom = step + NARROW_STEP;
      const last = ends && next === end;
      this.writePixels(step + STEP_TO_PIXELS, windows.pixels[window], windows.pixels[next], last, run, state);
      window = next;
    } while (window < end);
    this.leaves = step;
    if (ends) this.poolFree = step + 1;
    return taken;
  }

  /** map_writer gathers the pooled pixels [from, to) into groups; `last` ends the run. */
  private writePixels(
    cycle: number,
    from: number,
    to: number,
    last: boolean,
    run: QueuedRun,
    { block, windows }: StageState,
  ): void {
    const lanes = this.pixelLanes;
    const group = Math.floor(from / lanes);
    const boundary = (group + 1) * lanes;
    const total = windows!.total;
    const atEnd = from < to && to >= boundary;
    const lastPixel = from < to && to === total;
    const after = to - boundary;
    const complete = atEnd || (lastPixel && to <= boundary);
    this.held += to - from;
    const writes = complete || (last && this.held > 0);
    if (writes) {
      this.writes.add(cycle + TAKE_TO_WRITE);
      this.held = atEnd ? after : 0;
      if (complete && run.pass.completes) block!.mark(run.pass.slot, group, cycle + TAKE_TO_MARK);
    }
    // What lies in the group behind is written in the next cycle, if nothing else of the run will complete it.
    const flush = atEnd && after > 0 && (last || lastPixel);
    if (flush) {
      this.writes.add(cycle + 1 + TAKE_TO_WRITE);
      this.held = 0;
      if (lastPixel && run.pass.completes) block!.mark(run.pass.slot, group + 1, cycle + 1 + TAKE_TO_MARK);
    }
    if (last) this.writerFree = cycle + (flush ? 2 : 1);
  }
}

function isPooled(run: QueuedRun): boolean {
  return run.pass.kind === 'expand' && run.stage.pool !== undefined;
}
