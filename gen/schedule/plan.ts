/**
 * Integer network + geometry → schedule: fused stages `expand 1x1 ‖ expand 3x3 → (max-pool) → next squeeze`,
 * so that only squeeze maps are stored whole (design: bottleneck fusion).
 */
import { isMapsTooLarge, limitExceeded, unmappedLayer, weightsExceedRing } from '../diagnostics/schedule.ts';
import {
  type Geometry,
  INPUT_LANES,
  MAP_SLOTS,
  POSITION_BITS,
  poolBanks,
  TILE_LOAD_CYCLES,
  WORD,
} from '../geometry/geometry.ts';
import type { IntegerNetwork } from '../quantize/integer-network.ts';
import { allocate, regionWords } from './allocate.ts';
import { blockMajorEntries, evenBlocks, finishedPixels, passMajorEntries } from './blocks.ts';
import { type FusedStage, fuseStages } from './fuse.ts';
import { blockPixels, type Entry, type Region, type Schedule, type Stage } from './nest.ts';
import { layPasses } from './passes.ts';
import { sectionWords } from './sections.ts';

/** A block's squeeze runs behind this many of the next block's passes. */
const SQUEEZE_DELAY = 1;

/** Behind a pool a chunk is squeezed once so many groups have gathered: they hide two tile loads. */
const MINIMUM_CHUNK = 2 * TILE_LOAD_CYCLES;

/** Words of the ring that stay free for the next stage's first tiles while a whole stage is resident. */
const PREFETCH_WORDS = 64;

/** Blocks shrink in steps of this part of a bank's depth, and at most to that part, to fit the feature memory. */
const DEPTH_STEPS = 16;
const LEAST_DEPTH = 1 / 4;

/** The circular buffer of packed pixels, which grows to what is left. */
interface PackedRegion extends Region {
  stride: number;
}

/**
 * Plans every stage and places its regions. Where the maps do not fit, blocks are made smaller, for the block
 * buffer and the packed pixels hold two of them: step by step those of the stage that needs most memory, or
 * those of the packed pixels, whichever are larger, since a tile over few groups does not hide the loading of the
 * next. Throws FF5xx for what the engine cannot run or hold.
 */
export function planSchedule(network: IntegerNetwork, geometry: Geometry): Schedule {
  const fused = fuseStages(network);
  const { width, height } = network.input;
  const image = { width, height };
  const depths = fused.map(() => geometry.accumulatorDepth);
  for (;;) {
    const { packed, stages, regions } = planWithBlocks(fused, depths, geometry);
    try {
      const mapTop = allocate(regions, packed, geometry);
      fillWithPacked(packed, mapTop, fused[0], geometry);
      const commands = stages.map((stage) => ({ stage }));
      return { image, stages, commands, packed, mapTop };
    } catch (error) {
      if (!isMapsTooLarge(error) || !shrinkBlocks(depths, stages, regions, geometry)) throw error;
    }
  }
}

/** Makes the blocks of one stage smaller; false if none can be. Stage 0 stands for the packed pixels too. */
function shrinkBlocks(
  depths: number[],
  stages: readonly Stage[],
  regions: readonly Region[],
  { accumulatorDepth }: Geometry,
): boolean {
  const least = Math.ceil(accumulatorDepth * LEAST_DEPTH);
  const live = (stage: number) =>
    regions
      .filter(({ from, to }) => from <= stage && stage <= to)
      .reduce((sum, region) => sum + regionWords(region), 0);
  const shrinkable = stages
    .filter(({ index }) => depths[index] > least)
    .map(({ index }) => ({ index, words: live(index) }));
  if (shrinkable.length === 0) return false;
  const { index: fullest } = shrinkable.reduce((a, b) => (b.words > a.words ? b : a));
  const chosen = depths[0] > least && depths[0] >= depths[fullest] ? 0 : fullest;
  const blocks = stages[chosen].entries[0].groups;
  const step = Math.max(1, accumulatorDepth / DEPTH_STEPS);
  depths[chosen] = Math.max(least, Math.min(depths[chosen], blocks) - step);
  return true;
}

function planWithBlocks(fused: readonly FusedStage[], depths: readonly number[], geometry: Geometry) {
  const regions: Region[] = [];
  const packed = packedRegion(fused, depths[0], geometry);
  const stages: Stage[] = [];
  let source: Region = packed;
  for (const [index, stage] of fused.entries()) {
    const planned = planStage(stage, index, source, depths[index], geometry);
    for (const region of [planned.block, planned.out]) if (region) regions.push(region);
    stages.push(planned);
    source = planned.out ?? planned.block ?? source;
  }
  return { stages, packed, regions };
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
function packedRegion(fused: readonly FusedStage[], blockDepth: number, geometry: Geometry): PackedRegion {
  const { width, height, convs } = fused[0];
  const groups = Math.ceil((width * height) / geometry.pixelLanes);
  const [block] = evenBlocks(groups, blockDepth);
  const taps = convs[0].kernel ** 2 * convs[0].inChannels;
  const vectors = Math.ceil(taps / INPUT_LANES);
  const channels = Int32Array.from({ length: vectors * INPUT_LANES }, (_, i) => (i < taps ? i : -1));
  return {
    name: 'packed pixels',
    vectors,
    stride: 2 * block,
    base: 0,
    from: 0,
    to: fused.length - 1,
    channels,
  };
}

function planStage(
  fused: FusedStage,
  index: number,
  sourceRegion: Region,
  blockDepth: number,
  geometry: Geometry,
): Stage {
  const { outputLanes, pixelLanes, accumulatorDepth } = geometry;
  const fromImage = index === 0;
  const source = { vectors: sourceRegion.vectors, packed: fromImage };
  const expand = layPasses('expand', fused.convs, source, geometry);
  const squeeze =
    fused.squeeze &&
    layPasses('squeeze', [fused.squeeze], { vectors: expand.vectors, packed: false }, geometry);
  const pixels = fused.width * fused.height;
  const pooledPixels = fused.pool ? fused.pool.width * fused.pool.height : pixels;
  const groups = Math.ceil(pixels / pixelLanes);
  const pooledGroups = Math.ceil(pooledPixels / pixelLanes);

  const passes = [...expand.passes, ...(squeeze?.passes ?? [])];
  const words = passes.reduce((sum, pass) => sum + sectionWords(pass, outputLanes), 0);
  const resident = words + PREFETCH_WORDS <= geometry.ringWords;
  // A global pool has one sum a class: each pass must see all pixels before the next one begins.
  const blockMajor = fromImage || (resident && groups > blockDepth && !fused.globalPool);
  if (fromImage && !resident) {
    throw weightsExceedRing(fused.name, Math.ceil((words * WORD) / 1024), (geometry.ringWords * WORD) / 1024);
  }

  let entries: Entry[];
  let stride = pooledGroups;
  if (blockMajor) {
    const plan = blockMajorEntries({
      pixels,
      lanes: pixelLanes,
      depth: blockDepth,
      minimumChunk: Math.min(blockDepth, MINIMUM_CHUNK),
      finished: finishedPixels(fused.width, fused.height, fused.pool),
      pooledPixels,
      gathers: fused.pool !== undefined,
    });
    entries = squeeze
      ? plan.entries
      : evenBlocks(groups, blockDepth).map((n) => ({ groups: n, squeezeGroups: 0 }));
    if (squeeze) stride = Math.min(pooledGroups, plan.bufferGroups);
  } else entries = passMajorEntries(groups, squeeze ? pooledGroups : 0, accumulatorDepth);

  const lives = (to: number) => ({ base: 0, from: index, to });
  const block: Region = {
    name: `${fused.name} (concatenated)`,
    vectors: expand.vectors,
    stride,
    ...lives(squeeze ? index : index + 1),
    channels: expand.channels,
  };
  const out: Region | undefined = squeeze && {
    name: `${fused.squeeze?.name} (output)`,
    vectors: squeeze.vectors,
    stride: pooledGroups,
    ...lives(index + 1),
    channels: squeeze.channels,
  };
  const stage: Stage = {
    index,
    name: fused.name,
    order: blockMajor ? 'block-major' : 'pass-major',
    source: { kind: fromImage ? 'image' : 'map', region: sourceRegion },
    width: fused.width,
    height: fused.height,
    ...(fused.pool && { pool: fused.pool }),
    ...(fused.globalPool ? { globalPool: fused.globalPool } : { block }),
    ...(out && { out }),
    expandPasses: expand.passes,
    squeezePasses: squeeze?.passes ?? [],
    entries,
    squeezeDelay: SQUEEZE_DELAY,
    waits: false,
  };
  checkLimits(stage, geometry);
  return stage;
}

function checkLimits(stage: Stage, geometry: Geometry): void {
  const passes = stage.expandPasses.length + stage.squeezePasses.length;
  const commandWords = 4 + Math.ceil(stage.entries.length / 4) + Math.ceil(passes / 4);
  const check = (limit: string, needed: number, available: number) => {
    if (needed > available) throw limitExceeded(stage.name, limit, needed, available);
  };
  check('words of command memory', commandWords, geometry.commandWords);
  const slots = Math.max(
    stage.globalPool ? 0 : (stage.block?.vectors ?? 0),
    stage.out?.vectors ?? 0,
    stage.source.region.vectors,
  );
  check('vectors of 16 channels in one map', slots, MAP_SLOTS);
  if (stage.pool) {
    const banks = poolBanks(geometry.pixelLanes);
    const line = Math.ceil(stage.pool.width / banks) * banks;
    check('words of pool row buffer', stage.expandPasses.length * line, geometry.poolWords);
    check('passes of pool history', stage.expandPasses.length, geometry.poolPasses);
  }
  const positions = 2 ** POSITION_BITS;
  const groups = Math.ceil((stage.width * stage.height) / geometry.pixelLanes);
  const reach = stage.expandPasses.some(({ taps }) => taps === 9) ? tapReach(stage, geometry) : 0;
  if (stage.source.kind === 'image') check('pixel groups of the first convolution', groups, positions - 1);
  else check('pixel groups of a map and the row below it', groups + reach, positions / 2);
  const blockGroups = Math.ceil(blockPixels(stage) / geometry.pixelLanes);
  if (stage.block) check('pixel groups in a map', blockGroups, positions / 2);
}

/** Groups by which the last tap of a 3x3 reads ahead. */
function tapReach({ width }: Stage, { pixelLanes }: Geometry): number {
  return Math.ceil((width + 1) / pixelLanes);
}

/** Refuses images and first convolutions beyond the image unit's limits. */
export function checkImageLimits(network: IntegerNetwork, geometry: Geometry): void {
  const { width, height, channels } = network.input;
  if (channels !== 3) {
    throw unmappedLayer(
      'input',
      `the image has ${channels} channels, the image unit reads 3`,
      'convert the model to RGB input',
    );
  }
  const side = Math.max(width, height);
  if (side > geometry.maxSide) throw limitExceeded('input', 'pixels of image side', side, geometry.maxSide);
}
