/** One stage: its passes, its walk over the map, and the regions that it writes. */
import { type Geometry, TILE_LOAD_CYCLES } from '../geometry/geometry.ts';
import type { Band } from './bands.ts';
import { blockMajorEntries, evenBlocks, finishedPixels, passMajorEntries } from './blocks.ts';
import type { LaidStage } from './layout.ts';
import { expandedPixels, type Region, type Stage } from './nest.ts';
import { isResident, weightWords } from './sections.ts';

/** A block's squeeze runs behind this many of the next block's passes. */
const SQUEEZE_DELAY = 1;

/** Behind a pool a chunk is squeezed once so many groups have gathered: they hide two tile loads. */
const MINIMUM_CHUNK = 2 * TILE_LOAD_CYCLES;

export interface StageRequest {
  readonly laid: LaidStage;
  readonly band: Band;
  readonly index: number;
  /** The command's index, for the lives of what it writes. */
  readonly time: number;
  readonly source: Stage['source'];
  readonly waits: boolean;
  /** Most groups of a block. */
  readonly depth: number;
  /** Whether its concatenated map is read by others than its own squeeze, and so kept whole. */
  readonly keepsWide: boolean;
  readonly sums?: Stage['sums'];
}

/** It may be more than the engine holds (limits.ts). */
export function planStage(request: StageRequest, geometry: Geometry): Stage {
  const { laid, band, index, time, source, waits, depth, keepsWide, sums } = request;
  const { pixelLanes, accumulatorDepth } = geometry;
  const fused = band.stage;
  const { expand, squeeze } = laid;
  const fromImage = source.kind === 'image';
  const { border, pool, globalPool } = fused;
  const pixels = expandedPixels(fused);
  const pooledPixels = pool ? pool.width * pool.height : pixels;
  const groups = Math.ceil(pixels / pixelLanes);
  const pooledGroups = Math.ceil(pooledPixels / pixelLanes);

  const passes = [...expand.passes, ...(squeeze?.passes ?? [])];
  const resident = isResident(weightWords(passes, geometry), geometry);
  // A global pool has one sum a class: each pass must see all pixels before the next one begins.
  const blockMajor = fromImage || (resident && groups > depth && !globalPool);

  const walk = blockMajor
    ? blockMajorEntries({
        pixels,
        lanes: pixelLanes,
        depth,
        minimumChunk: Math.min(depth, MINIMUM_CHUNK),
        finished: finishedPixels(fused.width, fused.height, pool),
        pooledPixels,
        gathers: pool !== undefined,
      })
    : {
        entries: passMajorEntries(groups, squeeze ? pooledGroups : 0, accumulatorDepth),
        bufferGroups: pooledGroups,
      };
  const entries =
    blockMajor && !squeeze
      ? evenBlocks(groups, depth).map((n) => ({ groups: n, squeezeGroups: 0 }))
      : walk.entries;
  const circular = squeeze !== undefined && !keepsWide;

  const region = (name: string, vectors: number, stride: number, channels: Int32Array): Region => ({
    ...{ name, vectors, stride, channels },
    base: 0,
    from: time,
    to: time,
  });
  return {
    index,
    name: fused.name,
    order: blockMajor ? 'block-major' : 'pass-major',
    source,
    width: fused.width,
    height: fused.height,
    border,
    part: band.part,
    ...(pool && { pool }),
    ...(globalPool
      ? { globalPool }
      : {
          block: region(
            `${fused.name} (concatenated)`,
            expand.vectors,
            circular ? Math.min(pooledGroups, walk.bufferGroups) : pooledGroups,
            expand.channels,
          ),
        }),
    ...(squeeze && {
      out: region(`${fused.squeeze?.name} (output)`, squeeze.vectors, pooledGroups, squeeze.channels),
    }),
    // A pass is known by its object: bands have their own.
    expandPasses: expand.passes.map((pass) => ({ ...pass })),
    squeezePasses: squeeze?.passes.map((pass) => ({ ...pass })) ?? [],
    entries,
    squeezeDelay: SQUEEZE_DELAY,
    waits,
    ...(sums && { sums }),
  };
}
