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

  /** The records of a stage's runs, by port name; ports without meaning for a run are absent. */
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
      run_first_o: flag(i === 0),
      run_clear_sets_o: i === 0 ? clearedSets(stage, schedule) : 0n,
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
      run_width_o: u16(width),
      run_height_o: u16(height),
      run_pooled_width_o: u16(pool?.width ?? width),
      run_pooled_height_o: u16(pool?.height ?? height),
      run_step_x_o: u16(lanes % width),
      run_step_y_o: u16(Math.floor(lanes / width)),
      run_first_x_o: u16(variant.firstX),
      run_first_y_o: u16(variant.firstY),
      // The upper left neighbour is width + 1 pixels back, the next row's left one width - 2 ahead.
      run_tap_group_o: u16(floor(-width - 1)),
      run_tap_lane_o: u16(-width - 1 - lanes * floor(-width - 1)),
      run_tap_row_groups_o: u16(floor(width - 2)),
      run_tap_row_lanes_o: u16(width - 2 - lanes * floor(width - 2)),
      run_last_lanes_o: u16(((expandedPixels(stage) - 1) % lanes) + 1),
      run_global_o: flag(stage.globalPool !== undefined),
      run_relu_o: flag(stage.globalPool?.relu ?? false),
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
      run_expand_o: flag(isExpand),
      run_groups_o: BigInt(groups),
      run_section_o: ring(section.first),
      run_section_end_o: ring(section.end),
      run_tiles_o: BigInt(pass.vectors * pass.taps),
      run_release_o: flag(run.lastBlock && !variant.keepSections),
      run_vectors_o: BigInt(pass.vectors),
      run_taps9_o: flag(pass.taps === 9),
      run_packed_o: flag(isExpand && stage.source.kind === 'image'),
      run_free_o: flag(isExpand && stage.source.kind === 'image' && lastPass),
      run_block_end_o: flag(isExpand && (passMajor || lastPass)),
      run_map_end_o: flag(isExpand && passMajor && run.lastBlock),
      run_map_start_o: flag(isExpand && run.start === 0),
      run_last_block_o: flag(run.lastBlock),
      run_row_o: BigInt(passIndex),
      run_slot_o: BigInt(pass.slot),
      run_sub_o: BigInt(pass.sub),
      run_completes_o: flag(pass.completes),
      run_pool_o: flag(isExpand && stage.pool !== undefined),
      run_kernel2_o: flag(stage.pool?.kernel === 2),
      run_partial_x_o: flag(stage.pool?.partialColumn ?? false),
      run_partial_y_o: flag(stage.pool?.partialRow ?? false),
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
    const pixels = isSqueeze ? blockPixels(stage) : expandedPixels(stage);
    return {
      run_source_start_o: u16(region.base + pos),
      run_source_stride_o: u16(region.stride),
      run_source_pos_o: u16(pos),
      run_source_wrap_o: isMap ? 0n : u16(region.stride),
      run_source_count_o: u16(count),
      run_source_total_o: u16(Math.ceil(pixels / lanes)),
      run_source_set_o: BigInt(isSqueeze ? sets.block : sets.source),
    };
  }

  private destination({ stage, pass, start }: Run, schedule: Schedule): Record<string, bigint> {
    const sets = markSets(stage, schedule);
    const region = pass.kind === 'squeeze' ? stage.out : stage.block;
    if (!region) return {};
    const total = Math.ceil(blockPixels(stage) / this.geometry.pixelLanes);
    const common = {
      run_dest_base_o: u16(region.base + pass.slot * region.stride),
      run_dest_wrap_o: u16(region.stride),
      run_dest_total_o: u16(total),
      run_dest_set_o: BigInt(pass.kind === 'squeeze' ? sets.out : sets.block),
    };
    // A pool counts its own outputs.
    if (pass.kind === 'expand' && stage.pool) return common;
    return { ...common, run_dest_pos_o: u16(start % region.stride), run_dest_count_o: u16(start) };
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
