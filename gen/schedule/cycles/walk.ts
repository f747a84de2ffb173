/**
 * The exact count of cycles is a walk over the runs: every weight tile, bank hand-over, drained group, mark
 * and image row gets its cycle, in the order in which the RTL decides them.
 */
import { ACCUMULATOR_BANKS, type Geometry } from '../../geometry/geometry.ts';
import { finishedPixels } from '../blocks.ts';
import { blockPixels, passTiles, type Run, type Schedule, type Stage, walkRuns } from '../nest.ts';
import { parameterWords, sectionWords, tileWords } from '../sections.ts';
import { MapMarks } from './marks.ts';
import type { Packer } from './packer.ts';
import type { TapeStream } from './tape-stream.ts';
import type { Timing } from './timing.ts';

/** Array cycles lost per cause, beside those in which a group was issued. */
export interface StageCycles {
  readonly name: string;
  /** From the end of the stage before to its own last group. */
  readonly begin: number;
  end: number;
  issued: number;
  weights: number;
  bank: number;
  source: number;
  other: number;
}

/** Run r keeps its parameters where run r - 4 had them. */
const PARAMETER_SLOTS = 4;

interface SectionPlace {
  readonly first: number;
  readonly words: number;
}

/** Walks whole images one after the other; keeps the units' states between them. */
export class RunWalk {
  private readonly geometry: Geometry;
  private readonly timing: Timing;
  private readonly tape: TapeStream;
  private readonly packer: Packer;
  private readonly schedule: Schedule;
  /** Weight loader. */
  private loaderFree = 0;
  private swap = 0;
  /** Map reader: the first cycle in which it may decide again. */
  private issueFree = 0;
  /** Drain: the first cycle in which it may take a group, and the groups of the last runs. */
  private drainFree = 0;
  private readonly drained: Float64Array[] = [];
  private generated = 0;
  private readonly taken: number[] = [];
  private ringBase = 0;
  private packedBase = 0;
  private commands = 0;

  constructor(schedule: Schedule, geometry: Geometry, timing: Timing, tape: TapeStream, packer: Packer) {
    this.schedule = schedule;
    this.geometry = geometry;
    this.timing = timing;
    this.tape = tape;
    this.packer = packer;
  }

  /** One image; returns the cycle in which its last group left the accumulators, and the stages' figures. */
  image(): { drained: number; stages: StageCycles[] } {
    let source: MapMarks | undefined;
    const stages = this.schedule.stages.map((stage) => {
      const { figures, marks } = this.stage(stage, source);
      source = marks;
      return figures;
    });
    return { drained: this.drainFree, stages };
  }

  private stage(stage: Stage, source: MapMarks | undefined) {
    const { timing } = this;
    const lanes = this.geometry.pixelLanes;
    const blockGroups = Math.ceil(blockPixels(stage) / lanes);
    const block = stage.block && new MapMarks(stage.block.vectors, blockGroups);
    const out = stage.out && new MapMarks(stage.out.vectors, blockGroups);
    const sections = this.placeSections(stage);
    const finished = finishedPixels(stage.width, stage.height, stage.pool);
    this.generated = Math.max(this.generated, this.tape.commandEnd(this.commands++)) + timing.stageCommand;
    let first = true;
    const figures: StageCycles = {
      name: stage.name,
      begin: this.issueFree,
      end: 0,
      issued: 0,
      weights: 0,
      bank: 0,
      source: 0,
      other: 0,
    };
    let packedSeen = 0;
    for (const run of walkRuns(stage)) {
      const isExpand = run.pass.kind === 'expand';
      const place = isExpand ? sections.expand[run.passIndex] : sections.squeeze[run.passIndex];
      const marks = isExpand ? source : block;
      this.issue(run, place, marks, first, figures);
      this.drain(run, isExpand ? block : out, finished);
      if (isExpand && stage.source.kind === 'image' && run.passIndex === stage.expandPasses.length - 1) {
        packedSeen += run.groups;
        this.packer.free(this.packedBase + packedSeen, this.issueFree);
      }
      first = false;
    }
    figures.end = this.issueFree;
    this.ringBase += sections.words;
    this.packedBase += packedSeen;
    return { figures, marks: out ?? block };
  }

  private placeSections(stage: Stage) {
    let at = this.ringBase;
    const place = (pass: Stage['expandPasses'][number]): SectionPlace => {
      const words = sectionWords(pass, this.geometry.outputLanes);
      at += words;
      return { first: at - words, words };
    };
    const expand = stage.expandPasses.map(place);
    const squeeze = stage.squeezePasses.map(place);
    return { expand, squeeze, words: at - this.ringBase };
  }

  /** The weight loader and the map reader over one run. */
  private issue(
    run: Run,
    place: SectionPlace,
    marks: MapMarks | undefined,
    first: boolean,
    figures: StageCycles,
  ): void {
    const { timing } = this;
    const { outputLanes, pixelLanes } = this.geometry;
    const queued = this.taken[this.taken.length - 4] ?? 0;
    this.generated = Math.max(this.generated + timing.runCommand, queued);
    let word = place.first + parameterWords(outputLanes);
    const slotFree = (this.drained[this.drained.length - PARAMETER_SLOTS]?.at(-1) ?? 0) + 1;
    const paramsStart = Math.max(
      this.loaderFree,
      this.generated + 1,
      this.tape.weightArrival(word - 1),
      slotFree,
    );
    this.loaderFree = paramsStart + timing.parameterBeats;

    let at = Math.max(this.issueFree, this.generated + 2);
    if (first) at += timing.stageStart;
    figures.other += at - this.issueFree;
    this.taken.push(at);

    const previous = this.drained[this.drained.length - ACCUMULATOR_BANKS];
    const chased = previous !== undefined && previous[previous.length - 1] >= at;
    const isPacked = run.pass.kind === 'expand' && run.stage.source.kind === 'image';
    const tiles = passTiles(run.pass);
    for (let tile = 0; tile < tiles; tile++) {
      word += tileWords(outputLanes);
      const load = Math.max(this.loaderFree, this.swap + 1, this.tape.weightArrival(word - 1));
      this.loaderFree = load + timing.tileBeats;
      let from = at;
      at = Math.max(at, load + timing.loadToSwap);
      figures.weights += at - from;
      this.swap = at;
      const vector = Math.floor(tile / run.pass.taps);
      const offset = run.pass.taps === 1 ? 0 : tapReach(tile % 9, run.stage.width, pixelLanes);
      const needLast = run.start + run.groups - 1 + offset;
      const mayWait = isPacked || (marks !== undefined && !marks.settled(vector, needLast, at));
      if (!mayWait && !(chased && tile === 0)) at += run.groups;
      else {
        for (let j = 0; j < run.groups; j++) {
          from = at;
          if (tile === 0 && previous && j < previous.length) at = Math.max(at, previous[j] + 1);
          figures.bank += at - from;
          from = at;
          if (isPacked) at = Math.max(at, this.packer.groupTime(this.packedBase + run.start + j));
          else if (marks) at = Math.max(at, marks.time(vector, run.start + j + offset));
          figures.source += at - from;
          if (j === 0) this.swap = at;
          at++;
        }
      }
      figures.issued += run.groups;
      if (run.groups < timing.minimumTile) {
        figures.other += timing.minimumTile - run.groups;
        at += timing.minimumTile - run.groups;
      }
      if (tile === tiles - 1)
        this.tape.release(run.lastBlock ? place.first + place.words : 0, load + timing.tileBeats);
    }
    this.issueFree = at;
  }

  /** The drain of one run: when each group leaves the accumulators, and when its pixels are visible. */
  private drain(run: Run, target: MapMarks | undefined, finished: (pixels: number) => number): void {
    const { timing } = this;
    const lanes = this.geometry.pixelLanes;
    const stretch = Math.max(0, timing.minimumTile - run.groups);
    const lastTile = this.issueFree - stretch - run.groups;
    const times = new Float64Array(run.groups);
    const pooled = run.pass.kind === 'expand' && run.stage.pool !== undefined;
    const pixels = run.stage.width * run.stage.height;
    const total = target?.groups ?? 0;
    let written = pooled ? Math.floor(finished(Math.min(run.start * lanes, pixels)) / lanes) : run.start;
    for (let j = 0; j < run.groups; j++) {
      const time = Math.max(this.drainFree, lastTile + j + timing.issueToDrain);
      this.drainFree = time + timing.drainInterval;
      times[j] = time;
      if (!target || !run.pass.completes) continue;
      const end = Math.min((run.start + j + 1) * lanes, pixels);
      const done = pooled ? finished(end) : end;
      const whole =
        run.pass.kind === 'squeeze' || !pooled
          ? run.start + j + 1
          : end === pixels
            ? total
            : Math.floor(done / lanes);
      const visible = time + (pooled ? timing.drainToPooledMark : timing.drainToMark);
      for (; written < whole; written++) target.mark(run.pass.slot, written, visible);
    }
    this.drained.push(times);
  }
}

/** Groups by which tap `tap` (row by row) reads ahead of the group it is for. */
function tapReach(tap: number, width: number, lanes: number): number {
  const offset = (Math.floor(tap / 3) - 1) * width + (tap % 3) - 1;
  return Math.floor(offset / lanes) + (offset % lanes === 0 ? 0 : 1);
}
