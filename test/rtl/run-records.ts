/** What the run generator must say of every run, from the schedule alone. */
import type { Geometry } from '../../gen/geometry/geometry.ts';
import {
  blockPixels,
  expandedPixels,
  type Run,
  type Schedule,
  type Stage,
  walkRuns,
} from '../../gen/schedule/nest.ts';
import { sectionWords } from '../../gen/schedule/sections.ts';

/** What a command may say beside its stage. */
export interface StageVariant {
  readonly keepSections: boolean;
  readonly firstGroup: number;
  readonly firstX: number;
  readonly firstY: number;
}

const flag = (value: boolean) => BigInt(value);
const u16 = (value: number) => BigInt(value & 0xffff);

/** Follows stages and jobs in order; keeps what runs on between them. */
export class RunExpectation {
  private readonly geometry: Geometry;
  private readonly ringMask: bigint;
  private ringBase = 0;
  private packedPlace = '';
  private packedStart = 0;
  private packedCount = 0;

  constructor(geometry: Geometry, ringBits: number) {
    this.geometry = geometry;
    this.ringMask = (1n << BigInt(ringBits)) - 1n;
  }

  /** The records of a stage's runs, by the names of their fields; fields without meaning for a run are absent. */
  stage(stage: Stage, schedule: Schedule, variant: StageVariant): Record<string, bigint>[] {
    const { region } = stage.source;
    if (stage.source.kind === 'image') {
      const place = `${region.base} ${region.stride}`;
      if (place !== this.packedPlace) this.packedStart = 0;
      this.packedPlace = place;
    }
    const sections = this.sections(stage);
    const common = this.ofStage(stage, variant);
    const records = [...walkRuns(stage)].map((run, i) => ({
      ...common,
      ...this.ofRun(run, sections, schedule, variant),
      first: flag(i === 0),
      clear_sets: i === 0 ? clearedSets(stage, schedule) : 0n,
    }));
    if (!variant.keepSections) this.ringBase = sections.end;
    if (stage.source.kind === 'image') {
      const groups = stage.entries.reduce((sum, entry) => sum + entry.groups, 0);
      this.packedStart = (this.packedStart + groups) % region.stride;
      this.packedCount += groups;
    }
    return records;
  }

  private sections(stage: Stage) {
    let at = this.ringBase;
    const place = (pass: Run['pass']) => {
      const first = at;
      at += sectionWords(pass, this.geometry.outputLanes);
      return { first, end: at };
    };
    const expand = stage.expandPasses.map(place);
    const squeeze = stage.squeezePasses.map(place);
    return { expand, squeeze, end: at };
  }

  private ofStage(stage: Stage, variant: StageVariant): Record<string, bigint> {
    const lanes = this.geometry.pixelLanes;
    const { width, height, pool } = stage;
    const floor = (value: number) => Math.floor(value / lanes);
    return {
      width: u16(width),
      height: u16(height),
      pooled_width: u16(pool?.width ?? width),
      pooled_height: u16(pool?.height ?? height),
      step_x: u16(lanes % width),
      step_y: u16(Math.floor(lanes / width)),
      first_x: u16(variant.firstX),
      first_y: u16(variant.firstY),
      // The upper left neighbour is width + 1 pixels back, the next row's left one width - 2 ahead.
      tap_group: u16(floor(-width - 1)),
      tap_lane: u16(-width - 1 - lanes * floor(-width - 1)),
      tap_row_groups: u16(floor(width - 2)),
      tap_row_lanes: u16(width - 2 - lanes * floor(width - 2)),
      last_lanes: u16(((expandedPixels(stage) - 1) % lanes) + 1),
      global: flag(stage.globalPool !== undefined),
      relu: flag(stage.globalPool?.relu ?? false),
      sums_continue: flag(stage.sums?.continues ?? false),
      sums_go_on: flag(stage.sums?.goesOn ?? false),
    };
  }

  private ofRun(
    run: Run,
    sections: ReturnType<RunExpectation['sections']>,
    schedule: Schedule,
    variant: StageVariant,
  ): Record<string, bigint> {
    const { stage, pass, passIndex, groups } = run;
    const isExpand = pass.kind === 'expand';
    const section = (isExpand ? sections.expand : sections.squeeze)[passIndex];
    const ring = (address: number) => BigInt(address) & this.ringMask;
    const lastPass = passIndex === stage.expandPasses.length - 1;
    const passMajor = stage.order === 'pass-major';
    return {
      expand: flag(isExpand),
      groups: BigInt(groups),
      section: ring(section.first),
      section_end: ring(section.end),
      tiles: BigInt(pass.vectors * pass.taps),
      release: flag(run.lastBlock && !variant.keepSections),
      vectors: BigInt(pass.vectors),
      taps9: flag(pass.taps === 9),
      packed: flag(isExpand && stage.source.kind === 'image'),
      free: flag(isExpand && stage.source.kind === 'image' && lastPass),
      block_end: flag(isExpand && (passMajor || lastPass)),
      map_end: flag(isExpand && passMajor && run.lastBlock),
      map_start: flag(isExpand && run.start === 0),
      last_block: flag(run.lastBlock),
      ...(pass.taps === 1 && { tap_group: 0n, tap_lane: 0n }),
      row: BigInt(passIndex),
      slot: BigInt(pass.slot),
      sub: BigInt(pass.sub),
      completes: flag(pass.completes),
      pool: flag(isExpand && stage.pool !== undefined),
      kernel2: flag(stage.pool?.kernel === 2),
      partial_x: flag(stage.pool?.partialColumn ?? false),
      partial_y: flag(stage.pool?.partialRow ?? false),
      ...this.source(run, schedule, variant),
      ...this.destination(run, schedule),
    };
  }

  private source({ stage, pass, start }: Run, schedule: Schedule, variant: StageVariant) {
    const lanes = this.geometry.pixelLanes;
    const sets = markSets(stage, schedule);
    const isSqueeze = pass.kind === 'squeeze';
    const region = isSqueeze ? stage.block! : stage.source.region;
    const isPacked = !isSqueeze && stage.source.kind === 'image';
    const isMap = !isSqueeze && !isPacked;
    const count = isSqueeze ? start : isPacked ? this.packedCount + start : variant.firstGroup + start;
    const pos = isSqueeze
      ? start % region.stride
      : isPacked
        ? (this.packedStart + start) % region.stride
        : count;
    const { width, height } = stage;
    const pixels = isSqueeze ? blockPixels(stage) : stage.waits ? 0 : width * height;
    const second = isSqueeze ? undefined : stage.source.second;
    return {
      source_start: u16(region.base + pass.firstVector * region.stride + pos),
      source_stride: u16(second ? second.base - region.base : region.stride),
      source_pos: u16(pos),
      source_wrap: isMap ? 0n : u16(region.stride),
      source_count: u16(count),
      source_total: u16(Math.ceil(pixels / lanes)),
      source_set: BigInt(isSqueeze ? sets.block : sets.source),
    };
  }

  private destination({ stage, pass, start }: Run, schedule: Schedule): Record<string, bigint> {
    const sets = markSets(stage, schedule);
    const region = pass.kind === 'squeeze' ? stage.out : stage.block;
    if (!region) return {};
    const common = {
      dest_base: u16(region.base + pass.slot * region.stride),
      dest_wrap: u16(region.stride),
      dest_set: BigInt(pass.kind === 'squeeze' ? sets.out : sets.block),
    };
    // A pool counts its own outputs.
    if (pass.kind === 'expand' && stage.pool) return common;
    return { ...common, dest_pos: u16(start % region.stride), dest_count: u16(start) };
  }
}

/** Sets go round: a stage's source is what the one before wrote last; block and out are the next two. */
function markSets(stage: Stage, schedule: Schedule): { source: number; block: number; out: number } {
  const before = schedule.stages[stage.index - 1];
  let source = 0;
  if (before) {
    const sets = markSets(before, schedule);
    source = before.out ? sets.out : sets.block;
  }
  return { source, block: (source + 1) % 4, out: (source + 2) % 4 };
}

function clearedSets(stage: Stage, schedule: Schedule): bigint {
  const { block, out } = markSets(stage, schedule);
  return (1n << BigInt(block)) | (1n << BigInt(out));
}
