/** weight_loader: parameters and weight tiles of each run, out of the ring into the array's shadow registers. */
import type { Geometry } from '../../geometry/geometry.ts';
import { passTiles } from '../nest.ts';
import { parameterWords, tileWords } from '../sections.ts';
import { UNKNOWN, Unit } from './clock.ts';
import { Intervals } from './intervals.ts';
import type { Queue } from './queue.ts';
import type { QueuedRun } from './run-generator.ts';
import type { Timing } from './timing.ts';

/** Run r keeps its parameters where run r - 4 had them. */
const PARAMETER_SLOTS = 4;

interface Hooks {
  /** A tile stands in the shadow registers from `cycle` on. */
  onLoaded(cycle: number): void;
  /** Ring words below `upTo` are seen as released from `cycle` on. */
  onRelease(upTo: number, cycle: number): void;
  /** First cycle in which run `n` is seen to have left the accumulators. */
  drainedFrom(n: number): number;
}

export class WeightLoader extends Unit {
  private readonly timing: Timing;
  private readonly queue: Queue;
  private readonly hooks: Hooks;
  private readonly parameterWords: number;
  private readonly tileWords: number;
  private readonly runs: QueuedRun[] = [];
  /** Tiles of the run loaded; -1 before its parameters. */
  private tile = -1;
  private word = 0;
  /** When each weight word can be read. */
  private readonly arrivals: number[] = [];
  /** First cycle in which it is not busy, and in which the shadow registers are free. */
  private free = 0;
  private shadowFree = 0;
  /** Weight words, counted from the start, that it waits for. */
  private wanted = UNKNOWN;
  /** When it waited for the tape alone. */
  readonly starved = new Intervals();

  constructor(geometry: Geometry, timing: Timing, queue: Queue, hooks: Hooks) {
    super();
    this.timing = timing;
    this.queue = queue;
    this.hooks = hooks;
    this.parameterWords = parameterWords(geometry.outputLanes);
    this.tileWords = tileWords(geometry.outputLanes);
  }

  run(run: QueuedRun): void {
    this.runs.push(run);
    this.wake(run.queued);
  }

  /** So many weight words can be read from `cycle` on. */
  weights(count: number, cycle: number): void {
    this.arrivals.push(cycle);
    if (count === this.wanted) this.wake(cycle);
  }

  /** The tile in the shadow registers became active: they are free from the next cycle on. */
  swapped(cycle: number): void {
    this.shadowFree = cycle + 1;
    this.wake(cycle + 1);
  }

  act(cycle: number): void {
    const run = this.runs[0];
    if (run === undefined) return;
    const ready = Math.max(this.free, this.tile < 0 ? this.slotFree(run) : this.shadowFree);
    if (ready > cycle) {
      this.wake(ready);
      return;
    }
    if (this.tile < 0) this.word = run.section.first;
    const needed = this.word + (this.tile < 0 ? this.parameterWords : this.tileWords);
    const present = this.arrivals[needed - 1] ?? UNKNOWN;
    if (present > cycle) {
      if (this.wanted === UNKNOWN) this.starved.open(ready);
      this.wanted = needed;
      this.wake(present);
      return;
    }
    if (this.wanted !== UNKNOWN) this.starved.close(cycle);
    this.wanted = UNKNOWN;
    this.word = needed;
    if (this.tile < 0) {
      this.tile = 0;
      this.free = cycle + this.timing.parameterBeats;
      this.wake(this.free);
    } else this.loadTile(cycle, run);
  }

  private slotFree(run: QueuedRun): number {
    const slot = run.number < PARAMETER_SLOTS ? 0 : this.hooks.drainedFrom(run.number - PARAMETER_SLOTS);
    return Math.max(run.queued, slot);
  }

  private loadTile(cycle: number, run: QueuedRun): void {
    this.free = cycle + this.timing.tileBeats;
    this.shadowFree = UNKNOWN;
    this.hooks.onLoaded(cycle + this.timing.loadToSwap);
    if (++this.tile < passTiles(run.pass)) return;
    this.tile = -1;
    this.queue.pop(this.free - 1);
    if (run.lastBlock) this.hooks.onRelease(run.section.end, this.free);
    this.runs.shift();
    this.wake(this.free);
  }
}
