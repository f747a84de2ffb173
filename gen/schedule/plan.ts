/**
 * Integer network + geometry → schedule: fused stages `expand 1x1 ‖ expand 3x3 → (max-pool) → next squeeze`,
 * so that only squeeze maps are stored whole (design: bottleneck fusion). Where the maps do not fit the feature
 * memory even so, some go out over the port and come back (docs/rationale/transfers.md).
 */
import type { FireforgeError } from '../diagnostics/diagnostic.ts';
import { engineTooPlain, isMapsTooLarge } from '../diagnostics/schedule.ts';
import type { Geometry } from '../geometry/geometry.ts';
import type { IntegerNetwork } from '../quantize/integer-network.ts';
import { allocate, regionWords } from './allocate.ts';
import { evenBlocks } from './blocks.ts';
import { type CommandPlan, planCommands } from './commands.ts';
import { needsExtension } from './extension.ts';
import { type FusedStage, fuseStages } from './fuse.ts';
import { type LaidStage, layStages, packedSource } from './layout.ts';
import { checkLimits, type Refuse, stop } from './limits.ts';
import type { Region, Schedule, Stage } from './nest.ts';
import { type Residency, spill, stayOnChip } from './residency.ts';

/** Blocks shrink in steps of this part of a bank's depth, and at most to that part, to fit the feature memory. */
const DEPTH_STEPS = 16;
const LEAST_DEPTH = 1 / 4;

/** Percent of the feature memory that are left free in addition when regions do not lie without gaps. */
const RESERVE_STEP = 4;

/** The circular buffer of packed pixels, which grows to what is left. */
export interface PackedRegion extends Region {
  stride: number;
}

/**
 * Plans every stage and places its regions. Throws FF501 for what no engine runs and FF502 for maps that do not fit;
 * all else that this engine cannot hold it refuses, by default by throwing (FF5xx). What was refused is no plan.
 */
export function planSchedule(network: IntegerNetwork, geometry: Geometry, refuse: Refuse = stop): Schedule {
  const laid = layStages(fuseStages(network), geometry);
  let schedule: Schedule;
  try {
    schedule = planResident(network, laid, geometry, refuse);
  } catch (error) {
    if (!isMapsTooLarge(error) || !geometry.extended) throw error;
    schedule = planSpilled(network, laid, geometry, refuse);
  }
  const extension = needsExtension(schedule);
  if (extension && !geometry.extended) refuse(engineTooPlain(network.name, extension));
  return schedule;
}

/**
 * With all maps on the chip. Where they do not fit, blocks are made smaller, for the block buffer and the packed
 * pixels hold two of them: step by step those of the stage that needs most memory, or those of the packed pixels,
 * whichever are larger, since a tile over few groups does not hide the loading of the next.
 */
function planResident(
  network: IntegerNetwork,
  laid: readonly LaidStage[],
  geometry: Geometry,
  refuse: Refuse,
): Schedule {
  const residency = stayOnChip(laid, geometry);
  const depths = [...residency.depths];
  let whole: readonly FireforgeError[] | undefined;
  for (;;) {
    const draft = draftOf(network, laid, { ...residency, depths }, geometry);
    whole ??= exceededLimits(draft.plan.stages, geometry);
    try {
      return place(network, laid, draft, geometry, refuse);
    } catch (error) {
      if (!isMapsTooLarge(error)) throw error;
      if (shrinkBlocks(depths, draft.plan, geometry)) continue;
      // Smaller blocks did not help: what they alone exceed is no reason. Bands may mend the rest.
      if (!geometry.extended) whole.forEach(refuse);
      throw error;
    }
  }
}

function exceededLimits(stages: readonly Stage[], geometry: Geometry): FireforgeError[] {
  const exceeded: FireforgeError[] = [];
  for (const stage of stages) checkLimits(stage, geometry, (error) => exceeded.push(error));
  return exceeded;
}

/** Sends more and more maps over the port until the rest fits. */
function planSpilled(
  network: IntegerNetwork,
  laid: readonly LaidStage[],
  geometry: Geometry,
  refuse: Refuse,
): Schedule {
  const packedWords = (depth: number) => regionWords(packedRegion(laid[0].fused, depth, geometry));
  for (let reserve = 0; ; reserve += RESERVE_STEP) {
    const residency = spill(laid, geometry, packedWords, reserve);
    try {
      return place(network, laid, draftOf(network, laid, residency, geometry), geometry, refuse);
    } catch (error) {
      if (!isMapsTooLarge(error)) throw error;
    }
  }
}

interface Draft {
  readonly plan: CommandPlan;
  readonly packed: PackedRegion;
}

function draftOf(
  network: IntegerNetwork,
  laid: readonly LaidStage[],
  residency: Residency,
  geometry: Geometry,
): Draft {
  const packed = packedRegion(laid[0].fused, residency.depths[0], geometry);
  return { packed, plan: planCommands(laid, residency, packed, network.output, geometry) };
}

/** Gives all regions their place. Throws FF502 if there is none; limits that stages exceed are refused. */
function place(
  network: IntegerNetwork,
  laid: readonly LaidStage[],
  { plan, packed }: Draft,
  geometry: Geometry,
  refuse: Refuse,
): Schedule {
  const { width, height } = network.input;
  const mapTop = allocate(plan.regions, packed, geometry);
  exceededLimits(plan.stages, geometry).forEach(refuse);
  fillWithPacked(packed, mapTop, laid[0].fused, geometry);
  const { stages, commands } = plan;
  return { image: { width, height }, stages, commands, packed, mapTop, output: network.output };
}

const leastDepth = ({ accumulatorDepth }: Geometry) => Math.ceil(accumulatorDepth * LEAST_DEPTH);

/** Makes the blocks of one stage smaller; false if none can be. Stage 0 stands for the packed pixels too. */
function shrinkBlocks(depths: number[], plan: CommandPlan, geometry: Geometry): boolean {
  const { accumulatorDepth } = geometry;
  const least = leastDepth(geometry);
  const live = (time: number) =>
    plan.regions
      .filter(({ from, to }) => from <= time && time <= to)
      .reduce((sum, region) => sum + regionWords(region), 0);
  const shrinkable = plan.stageTimes
    .filter(({ fused }) => depths[fused] > least)
    .map(({ fused, time, stage }) => ({ fused, stage, words: live(time) }));
  if (shrinkable.length === 0) return false;
  const { fused: fullest } = shrinkable.reduce((a, b) => (b.words > a.words ? b : a));
  const chosen = depths[0] > least && depths[0] >= depths[fullest] ? 0 : fullest;
  const { stage } = plan.stageTimes.find(({ fused }) => fused === chosen)!;
  const step = Math.max(1, accumulatorDepth / DEPTH_STEPS);
  depths[chosen] = Math.max(least, Math.min(depths[chosen], stage.entries[0].groups) - step);
  return true;
}

/** What no map uses holds more packed pixels, at most an image: the next one is packed while this one runs. */
function fillWithPacked(packed: PackedRegion, mapTop: number, fused: FusedStage, geometry: Geometry): void {
  const image = Math.ceil((fused.width * fused.height) / geometry.pixelLanes);
  packed.stride = Math.max(
    packed.stride,
    Math.min(image, Math.floor((geometry.mapWords - mapTop) / packed.vectors)),
  );
  packed.base = geometry.mapWords - regionWords(packed);
}

/** Two blocks of packed pixels at least: one read by the array, one filled by the packer. */
function packedRegion(fused: FusedStage, blockDepth: number, geometry: Geometry): PackedRegion {
  const groups = Math.ceil((fused.width * fused.height) / geometry.pixelLanes);
  const [block] = evenBlocks(groups, blockDepth);
  const { vectors, channels } = packedSource(fused);
  return {
    name: 'packed pixels',
    vectors,
    stride: 2 * block,
    base: 0,
    from: 0,
    to: Number.MAX_SAFE_INTEGER,
    channels,
  };
}
