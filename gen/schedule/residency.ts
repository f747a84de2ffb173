/** Which maps stay on the chip, which stages run in bands of rows, and how deep their blocks are. */
import { mapsTooLarge } from '../diagnostics/schedule.ts';
import { ACCUMULATOR_LATENCY, type Geometry, WORD } from '../geometry/geometry.ts';
import { regionWords } from './allocate.ts';
import { cutBands, writtenRows } from './bands.ts';
import type { FusedMap } from './fuse.ts';
import type { LaidStage } from './layout.ts';
import { planStage } from './stage.ts';

/** One element a laid stage. */
export interface Residency {
  readonly depths: readonly number[];
  /** Bands of rows; 1: the stage runs whole. */
  readonly bands: readonly number[];
  /** Maps that go over the port though the stages that read and write them run whole. */
  readonly away: ReadonlySet<FusedMap>;
}

export function stayOnChip(laid: readonly LaidStage[], { accumulatorDepth }: Geometry): Residency {
  return { depths: laid.map(() => accumulatorDepth), bands: laid.map(() => 1), away: new Set() };
}

/** Depths that are tried for a stage in bands, as parts of a bank's: smaller blocks before more bands cost less. */
const DEPTHS = [1, 1 / 2, 1 / 4];
const IMAGE_DEPTH_STEP = 3 / 4;

/**
 * Every stage gets the fewest bands with which its own maps fit, and a map that waits for a later stage goes away
 * where it does not fit beside those between. `reserve` percent of the memory are left free, since regions do not
 * always lie without gaps. Throws FF502 for a stage for which no number of bands is enough.
 */
export function spill(
  laid: readonly LaidStage[],
  geometry: Geometry,
  packedWords: (depth: number) => number,
  reserve: number,
): Residency {
  const free = Math.floor(geometry.mapWords * (1 - reserve / 100));
  const require = (stage: LaidStage, words: number) => {
    const kib = (count: number) => Math.ceil((count * geometry.pixelLanes * WORD) / 1024);
    const needed = words + geometry.mapWords - free;
    if (words > free) throw mapsTooLarge(stage.fused.name, kib(needed), kib(geometry.mapWords));
  };
  const [first, ...others] = laid;
  const image = imageDepth(first, geometry, packedWords, free);
  require(first, image.words);
  const depths = [image.depth];
  const bands = [1];
  const packed = packedWords(image.depth);
  const room = free - packed;
  for (const stage of others) {
    const found = fewestBands(stage, geometry, room);
    require(stage, found.words + packed);
    depths.push(found.depth);
    bands.push(found.bands);
  }
  const away = new Set<FusedMap>();
  for (const { map, from, to } of waitingMaps(laid)) {
    const words = mapWords(map, laid[from], geometry);
    const stages = laid.slice(from, to + 1);
    const crowded = stages.some(
      (stage, i) => stageWords(stage, bands[from + i], depths[from + i], geometry) + words > room,
    );
    if (crowded) away.add(map);
  }
  return { depths, bands, away };
}

/**
 * The first convolution is not cut, but its blocks shrink further than others: down to where a tile's groups still
 * cover the accumulators' latency. They cost time from 16 groups down, since a tile takes as long to load.
 */
function imageDepth(
  stage: LaidStage,
  geometry: Geometry,
  packedWords: (depth: number) => number,
  free: number,
): { depth: number; words: number } {
  let depth = Math.ceil(geometry.accumulatorDepth * DEPTHS[DEPTHS.length - 1]);
  for (;;) {
    const words = packedWords(depth) + stageWords(stage, 1, depth, geometry);
    if (words <= free || depth <= ACCUMULATOR_LATENCY) return { depth, words };
    depth = Math.max(ACCUMULATOR_LATENCY, Math.floor(depth * IMAGE_DEPTH_STEP));
  }
}

interface Division {
  readonly bands: number;
  readonly depth: number;
  readonly words: number;
}

/** The fewest bands that fit the room, with blocks as deep as they then may be; or the division that needs least. */
function fewestBands(stage: LaidStage, geometry: Geometry, room: number): Division {
  const heights = writtenRows(stage.fused);
  const division = (bands: number, part: number): Division => {
    const depth = Math.ceil(geometry.accumulatorDepth * part);
    return { bands, depth, words: stageWords(stage, bands, depth, geometry) };
  };
  const least = DEPTHS[DEPTHS.length - 1];
  let [low, high] = [1, heights];
  let fitting = division(high, least);
  if (fitting.words > room) return fitting;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const tried = division(middle, least);
    if (tried.words <= room) [high, fitting] = [middle, tried];
    else low = middle + 1;
  }
  for (const part of DEPTHS) {
    const tried = division(fitting.bands, part);
    if (tried.words <= room) return tried;
  }
  return fitting;
}

/** Words that a stage's own maps take in each bank, of its largest band. */
function stageWords(laid: LaidStage, count: number, depth: number, geometry: Geometry): number {
  const { fused } = laid;
  const bands = cutBands(fused, count);
  const band = bands.reduce((a, b) => (b.rows > a.rows ? b : a));
  const groups = Math.ceil((band.rows * fused.width) / geometry.pixelLanes);
  const vectors = Math.max(...laid.expand.passes.map((pass) => pass.firstVector + pass.vectors));
  const perSource = fused.sources.length === 2 ? vectors - 1 : vectors;
  const stage = planStage(
    {
      ...{ laid, band, index: 0, time: 0, depth },
      source: { kind: fused.sources.length === 0 ? 'image' : 'map', region: placeholder(vectors) },
      waits: true,
      keepsWide: count > 1 && fused.squeeze === undefined,
    },
    geometry,
  );
  const written = [stage.block, stage.out].filter((region) => region !== undefined);
  const words = written.reduce((sum, region) => sum + regionWords(region), 0);
  return fused.sources.length * perSource * groups + words;
}

const placeholder = (vectors: number) => ({
  ...{ name: '', vectors, stride: 0, base: 0, from: 0, to: 0 },
  channels: new Int32Array(),
});

/** Maps that are read later than by the next stage. */
function waitingMaps(laid: readonly LaidStage[]): { map: FusedMap; from: number; to: number }[] {
  return laid.flatMap(({ fused }, from) =>
    [fused.wide, fused.out].flatMap((map) => {
      const to = laid.findLastIndex((later) => map && later.fused.sources.includes(map));
      return map && to > from + 1 ? [{ map, from, to }] : [];
    }),
  );
}

function mapWords({ width, height }: FusedMap, { expand }: LaidStage, { pixelLanes }: Geometry): number {
  return Math.ceil((width * height) / pixelLanes) * expand.vectors;
}
