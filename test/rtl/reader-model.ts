/** The map reader as its header and docs/developer/engine.md describe it, cycle by cycle. */
import { ACCUMULATOR_BANKS, ACCUMULATOR_LATENCY } from '../../gen/geometry/geometry.ts';
import { blockPixels, passTiles, type Run } from '../../gen/schedule/nest.ts';

/** A run as the reader gets it, with what lies outside the stage. */
export interface ReaderRun {
  readonly run: Run;
  /** First run of its stage: sets to clear, as a mask. */
  readonly clears?: number;
  readonly firstGroup: number;
  /** Groups of packed pixels before this image. */
  readonly packedBefore: number;
  /** Where in the circular packed buffer this image starts. */
  readonly packedStart: number;
}

/** What a lane must get: a word of a bank, 0, or anything behind the map's end. */
export type LaneWord = { readonly bank: number; readonly address: number } | 'zero' | 'any';

export interface Read {
  readonly swap: boolean;
  readonly first: boolean;
  readonly last: boolean;
  readonly bank: number;
  readonly group: number;
  readonly lanes: readonly LaneWord[];
}

export interface Surroundings {
  readonly loaded: boolean;
  /** Runs drained since the start, groups of the next one. */
  readonly drainedRuns: number;
  readonly drainedGroups: number;
  /** Groups written of the vector looked at, or packed since the start. */
  readonly written: number;
}

export interface Decision {
  clears: number;
  /** A group could be read if nothing had to be waited for. */
  ready: boolean;
  read?: Read;
  wait?: 'weights' | 'bank' | 'source' | undefined;
}

export class ReaderModel {
  freed = 0;
  issued = 0;
  private readonly lanes: number;
  private readonly extended: boolean;
  private readonly queue: { run: ReaderRun; at: number }[] = [];
  private current: ReaderRun | undefined;
  private takenAt = 0;
  private from = 0;
  private tile = 0;
  private group = 0;
  private stretch = 0;

  constructor(lanes: number, extended = false) {
    this.lanes = lanes;
    this.extended = extended;
  }

  push(run: ReaderRun, cycle: number): void {
    this.queue.push({ run, at: cycle });
  }

  /** The source vector that is looked at. */
  get look(): { run: ReaderRun; vector: number } | undefined {
    if (!this.current) return undefined;
    return { run: this.current, vector: Math.floor(this.tile / this.current.run.pass.taps) };
  }

  cycle(cycle: number, around: Surroundings): Decision {
    const decision: Decision = { clears: 0, ready: false };
    let free = this.current === undefined;
    if (this.current) {
      if (cycle === this.takenAt + 2) decision.clears = this.current.clears ?? 0;
      if (this.stretch > 0) free = --this.stretch === 0 && this.endTile();
      else if (cycle >= this.from) {
        decision.ready = true;
        decision.wait = this.waits(around);
        if (!decision.wait) {
          decision.read = this.read();
          free = this.endGroup();
        }
      }
    }
    if (free && this.queue.length > 0 && this.queue[0].at < cycle) {
      this.current = this.queue.shift()!.run;
      this.takenAt = cycle;
      // Lane coordinates of a new stage are walked to, pixel by pixel.
      this.from = cycle + 1 + (this.current.clears === undefined ? 0 : this.lanes + 2);
    }
    return decision;
  }

  /** What the next group waits for, in the order of blame. */
  private waits(around: Surroundings): Decision['wait'] {
    const { run, packedBefore } = this.current!;
    if (this.group === 0 && !around.loaded) return 'weights';
    const before = this.issued - ACCUMULATOR_BANKS;
    const drained =
      around.drainedRuns > before || (around.drainedRuns === before && around.drainedGroups > this.group);
    if (this.tile === 0 && before >= 0 && !drained) return 'bank';
    if (run.pass.kind === 'expand' && run.stage.source.kind === 'image') {
      return around.written > packedBefore + run.start + this.group ? undefined : 'source';
    }
    const lastPixel = (this.first() + this.group + 1) * this.lanes - 1 + this.tapPixels();
    const total = Math.ceil(this.sourcePixels() / this.lanes);
    const needed = Math.min(Math.floor(lastPixel / this.lanes) + 1, total);
    return around.written >= needed ? undefined : 'source';
  }

  /** First group of the run in its source map. */
  private first(): number {
    const { run, firstGroup } = this.current!;
    return run.start + (run.pass.kind === 'expand' ? firstGroup : 0);
  }

  private sourcePixels(): number {
    const { stage, pass } = this.current!.run;
    return pass.kind === 'expand' ? stage.width * stage.height : blockPixels(stage);
  }

  private tap(): { dx: number; dy: number } {
    const { taps } = this.current!.run.pass;
    const tap = this.tile % taps;
    return taps === 1 ? { dx: 0, dy: 0 } : { dx: (tap % 3) - 1, dy: Math.floor(tap / 3) - 1 };
  }

  private tapPixels(): number {
    const { dx, dy } = this.tap();
    return dy * this.current!.run.stage.width + dx;
  }

  private read(): Read {
    const { run } = this.current!;
    const tiles = passTiles(run.pass);
    return {
      swap: this.group === 0,
      first: this.tile === 0,
      last: this.tile === tiles - 1,
      bank: this.issued % ACCUMULATOR_BANKS,
      group: this.group,
      lanes: Array.from({ length: this.lanes }, (_, lane) => this.lane(lane)),
    };
  }

  private lane(lane: number): LaneWord {
    const { run, packedStart } = this.current!;
    const { stage, pass } = run;
    const { vector } = this.look!;
    const pixel = (this.first() + this.group) * this.lanes + lane;
    const isBehind = pass.kind === 'expand' && pixel >= stage.width * stage.height;
    if (isBehind && this.extended && pass.taps === 1) return 'zero';
    if (pass.kind === 'squeeze' || stage.source.kind === 'image') {
      const { base, stride } = pass.kind === 'squeeze' ? stage.block! : stage.source.region;
      const start = pass.kind === 'squeeze' ? run.start : packedStart + run.start;
      return { bank: lane, address: base + vector * stride + ((start + this.group) % stride) };
    }
    const { base, stride } = stage.source.region;
    if (isBehind) return 'any';
    const { dx, dy } = this.tap();
    const [x, y] = [(pixel % stage.width) + dx, Math.floor(pixel / stage.width) + dy];
    if (x < 0 || x >= stage.width || y < 0 || y >= stage.height) return 'zero';
    const source = y * stage.width + x;
    const group = Math.floor(source / this.lanes);
    return { bank: source % this.lanes, address: base + vector * stride + group };
  }

  /** True when the run ends with it. */
  private endGroup(): boolean {
    const { groups } = this.current!.run;
    this.group++;
    if (this.group < groups) return false;
    this.stretch = Math.max(0, ACCUMULATOR_LATENCY - groups);
    return this.stretch === 0 && this.endTile();
  }

  private endTile(): boolean {
    const { run } = this.current!;
    this.group = 0;
    this.tile++;
    if (this.tile < passTiles(run.pass)) return false;
    this.tile = 0;
    this.issued++;
    const packed = run.pass.kind === 'expand' && run.stage.source.kind === 'image';
    if (packed && run.passIndex === run.stage.expandPasses.length - 1) this.freed += run.groups;
    this.current = undefined;
    return true;
  }
}
