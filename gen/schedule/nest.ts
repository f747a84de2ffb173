/**
 * The loop nests: each stage described once. The tape's commands, the buffer sizes, the cycle count, the
 * report's timeline and the comparison of RTL writes are all read from here, and nothing derives the same
 * number twice.
 *
 *     for entry (block of pixel groups)        block-major; pass and entry swapped when pass-major
 *       for pass (tile of TM output channels)  unroll: TM output lanes
 *         for vector (16 input channels)       unroll: 16 input lanes, summed
 *           for tap (1 or 9)
 *             for group (G pixels)             unroll: G pixel lanes; pipeline: one group a cycle
 */
import type { IntegerConvolution, NetworkOutput } from '../quantize/integer-network.ts';

/** A feature map (or circular buffer) in the feature memory; the same words in every bank. */
export interface Region {
  readonly name: string;
  /** Vectors of 16 channels. */
  readonly vectors: number;
  /** Groups of one vector: the whole map, or the length of a circular buffer. */
  readonly stride: number;
  /** First word in each bank; set by the allocator. */
  base: number;
  /** First and last command (index) during which it holds live data; the last is known when all are planned. */
  readonly from: number;
  to: number;
  /**
   * Channel of the (concatenated) tensor that lane i of vector v holds, at v*16 + i; -1 where a lane is
   * padding. The block buffer lies in order of production, so that the squeeze can start on what was made first.
   */
  readonly channels: Int32Array;
}

/** One tile of TM output channels. */
export interface Pass {
  readonly kind: 'expand' | 'squeeze';
  readonly conv: IntegerConvolution;
  readonly firstChannel: number;
  /** Useful output channels, at most TM. */
  readonly channels: number;
  /** Taps of the array: 9 for a 3x3 on a map, 1 for a 1x1 or for packed pixels. */
  readonly taps: 1 | 9;
  /** k-tiles a tap. */
  readonly vectors: number;
  /** First of the source vectors that it reads. */
  readonly firstVector: number;
  /** Destination vector, and which TM bytes of it. */
  readonly slot: number;
  readonly sub: number;
  /** Whether this pass completes its slot. */
  readonly completes: boolean;
}

/** One block of the walk: groups to expand, then (delayed) a chunk of finished groups to squeeze. */
export interface Entry {
  readonly groups: number;
  readonly squeezeGroups: number;
}

export interface PoolShape {
  readonly kernel: 2 | 3;
  readonly width: number;
  readonly height: number;
  /** Whether the last pooled column or row has a window that reaches over the edge. */
  readonly partialColumn: boolean;
  readonly partialRow: boolean;
}

/** Of the rows that a stage writes the first `skip` are not right, the next `rows` are `first` … of the whole map. */
export interface MapPart {
  readonly skip: number;
  readonly first: number;
  readonly rows: number;
  /** Of the whole map. */
  readonly height: number;
}

export interface Stage {
  readonly index: number;
  /** E.g. `fire3 + pool3 + fire4/squeeze1x1`. */
  readonly name: string;
  readonly order: 'block-major' | 'pass-major';
  /** What the expand passes read: the packed image, a map, or vector for vector two maps that are added. */
  readonly source: { readonly kind: 'image' | 'map'; readonly region: Region; readonly second?: Region };
  /** The expanded map before pooling. */
  readonly width: number;
  readonly height: number;
  /** Pixels behind the map that a padded classifier sums too; they read 0. */
  readonly border: number;
  /** Where the rows that it writes lie in the whole map. */
  readonly part: MapPart;
  readonly pool?: PoolShape;
  /** Classifier: sums over all pixels instead of a stored map. */
  readonly globalPool?: { readonly relu: boolean; readonly classes: number };
  /** The concatenated (pooled) map; absent with a global pool. */
  readonly block?: Region;
  /** The squeeze's output map. */
  readonly out?: Region;
  readonly expandPasses: readonly Pass[];
  readonly squeezePasses: readonly Pass[];
  readonly entries: readonly Entry[];
  /** Expand passes of a block before the pending squeeze chunk runs. */
  readonly squeezeDelay: number;
  /** It begins when all before it is finished, and its source needs no marks. */
  readonly waits: boolean;
  /** A global pool over a part of the map: whether its sums begin with kept ones, and are kept. */
  readonly sums?: { readonly continues: boolean; readonly goesOn: boolean };
}

/** Rows of a map between the feature memory and the job's result buffer. It waits for all before it. */
export interface Transfer {
  readonly name: string;
  readonly direction: 'load' | 'store';
  /** A store of the result's data, else of scratch. */
  readonly result: boolean;
  readonly region: Region;
  /** First pixel in the region. */
  readonly firstPixel: number;
  readonly rows: number;
  readonly rowPixels: number;
  /** Zero words behind each row in the buffer. */
  readonly padWords: number;
  /** Bytes from RESULT_ADDR, a multiple of 64. */
  readonly offset: number;
}

/** What the tape tells the engine to do, in its order. */
export type Command = { readonly stage: Stage } | { readonly transfer: Transfer };

/** 16-byte words of a transfer, padding included. */
export function transferWords({ region, rows, rowPixels, padWords }: Transfer): number {
  return rows * (rowPixels * region.vectors + padWords);
}

/** The whole network on one geometry. */
export interface Schedule {
  readonly stages: readonly Stage[];
  /** The stages and the transfers between them. */
  readonly commands: readonly Command[];
  /** The image in pixels. */
  readonly image: { readonly width: number; readonly height: number };
  /** Circular buffer of packed conv1 pixels: `stride` groups, `vectors` a pixel. */
  readonly packed: Region;
  /** First word that no map uses. */
  readonly mapTop: number;
  /** What leaves the chip. */
  readonly output: NetworkOutput;
}

/** One run: one pass over one block. Positions count groups from the stage's start, unwrapped. */
export interface Run {
  readonly stage: Stage;
  readonly pass: Pass;
  readonly passIndex: number;
  readonly entryIndex: number;
  readonly start: number;
  readonly groups: number;
  /** The last block this pass sees. */
  readonly lastBlock: boolean;
}

/** Pixels that the expand passes walk. */
export function expandedPixels({
  width,
  height,
  border,
}: Pick<Stage, 'width' | 'height' | 'border'>): number {
  return width * height + border;
}

/** Pixels of the concatenated map behind the pool. */
export function blockPixels(stage: Stage): number {
  return stage.pool ? stage.pool.width * stage.pool.height : expandedPixels(stage);
}

/** Weight tiles of a pass: vectors outside, taps inside. */
export function passTiles(pass: Pass): number {
  return pass.vectors * pass.taps;
}

/** The runs of a stage in the order in which they are issued. */
export function* walkRuns(stage: Stage): Generator<Run> {
  const lastExpand = stage.entries.findLastIndex((entry) => entry.groups > 0);
  const lastSqueeze = stage.entries.findLastIndex((entry) => entry.squeezeGroups > 0);
  const starts: number[] = [];
  const squeezeStarts: number[] = [];
  let start = 0;
  let squeezeStart = 0;
  for (const entry of stage.entries) {
    starts.push(start);
    squeezeStarts.push(squeezeStart);
    start += entry.groups;
    squeezeStart += entry.squeezeGroups;
  }
  const expand = (passIndex: number, e: number): Run => ({
    stage,
    pass: stage.expandPasses[passIndex],
    passIndex,
    entryIndex: e,
    start: starts[e],
    groups: stage.entries[e].groups,
    lastBlock: e === lastExpand,
  });
  const squeeze = (passIndex: number, e: number): Run => ({
    stage,
    pass: stage.squeezePasses[passIndex],
    passIndex,
    entryIndex: e,
    start: squeezeStarts[e],
    groups: stage.entries[e].squeezeGroups,
    lastBlock: e === lastSqueeze,
  });
  const { entries, expandPasses, squeezePasses } = stage;
  if (stage.order === 'pass-major') {
    for (const p of expandPasses.keys()) {
      for (const [e, entry] of entries.entries()) if (entry.groups > 0) yield expand(p, e);
    }
    for (const p of squeezePasses.keys()) {
      for (const [e, entry] of entries.entries()) if (entry.squeezeGroups > 0) yield squeeze(p, e);
    }
    return;
  }
  for (const [e, entry] of entries.entries()) {
    const chunk = entry.squeezeGroups > 0 ? [...squeezePasses.keys()] : [];
    if (entry.groups === 0) for (const p of chunk) yield squeeze(p, e);
    else {
      for (const p of expandPasses.keys()) {
        yield expand(p, e);
        if (p + 1 === stage.squeezeDelay) for (const q of chunk) yield squeeze(q, e);
      }
    }
  }
}
