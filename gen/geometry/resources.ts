/** What an engine of a geometry takes from a board: multipliers and memories, counted, not synthesized. */

import { ACCUMULATOR_BITS } from '../quantize/numerics.ts';
import type { Board, BoardMemory } from './boards.ts';
import {
  ACCUMULATOR_BANKS,
  type Geometry,
  INPUT_LANES,
  KEPT_SUMS,
  macUnits,
  poolBanks,
  QUEUE_BEATS,
  SUM_BITS,
  WORD,
} from './geometry.ts';

/** One memory of the engine: so many copies of depth × width. */
export interface EngineMemory {
  readonly name: string;
  readonly copies: number;
  readonly depth: number;
  /** In bits. */
  readonly width: number;
  /** The ring and the feature memory: worth a board's largest blocks. */
  readonly large: boolean;
}

export interface MemoryUse {
  readonly memory: BoardMemory;
  readonly blocks: number;
}

export interface Resources {
  readonly multipliers: number;
  /** In the order of the board's memories. */
  readonly memories: readonly MemoryUse[];
  /** Accumulators, in distributed memory. */
  readonly distributedBits: number;
}

const RGB_BITS = 24;

/** The engine's memories that are worth block memory, largest first. */
export function engineMemories(geometry: Geometry): EngineMemory[] {
  const { outputLanes, pixelLanes } = geometry;
  const word = WORD * 8;
  const slice = 2 * geometry.packLanes; // pixels of a row memory's word
  const banks = poolBanks(pixelLanes);
  return [
    { name: 'feature memory', copies: pixelLanes, depth: geometry.mapWords, width: word, large: true },
    { name: 'weight ring', copies: 1, depth: geometry.ringWords, width: word, large: true },
    {
      name: 'image rows',
      copies: geometry.imageRows,
      depth: Math.ceil(geometry.maxSide / slice),
      width: RGB_BITS * slice,
      large: false,
    },
    {
      name: 'pool rows',
      copies: banks,
      depth: geometry.poolWords / banks,
      width: 8 * outputLanes,
      large: false,
    },
    {
      name: 'burst queues',
      copies: 2 + geometry.extended,
      depth: QUEUE_BEATS,
      width: geometry.portBits,
      large: false,
    },
    { name: 'command memory', copies: 1, depth: geometry.commandWords, width: word, large: false },
    { name: 'kept sums', copies: geometry.extended, depth: KEPT_SUMS, width: SUM_BITS, large: false },
  ];
}

/** Blocks of `board`'s kind that one memory takes, at the width that takes the fewest. */
export function blocksFor(memory: EngineMemory, block: BoardMemory): number {
  let fewest = Number.POSITIVE_INFINITY;
  for (let width = block.widest; width >= block.narrowest; width /= 2) {
    const depth = (block.kbit * 1024) / width;
    fewest = Math.min(fewest, Math.ceil(memory.width / width) * Math.ceil(memory.depth / depth));
  }
  return memory.copies * fewest;
}

/**
 * Multipliers: the array's (the MACs of a column's two output lanes share one where the board's are wide
 * enough; with TM = 1 a column has one), and one requantizer lane a column. The accumulators are shallow enough
 * for distributed memory.
 */
export function engineResources(geometry: Geometry, board: Board): Resources {
  const { outputLanes, pixelLanes, accumulatorDepth } = geometry;
  const { macs, requantizer } = board.multipliers;
  const columns = Math.ceil(outputLanes / 2) * pixelLanes;
  const array = macs === 2 ? INPUT_LANES * columns : macUnits(geometry);
  const blocks = board.memories.map(() => 0);
  for (const memory of engineMemories(geometry)) {
    const place = memoryFor(memory, board, blocks);
    blocks[place] += blocksFor(memory, board.memories[place]);
  }
  return {
    multipliers: array + requantizer * columns,
    memories: board.memories.map((memory, index) => ({ memory, blocks: blocks[index] })),
    distributedBits: ACCUMULATOR_BANKS * accumulatorDepth * ACCUMULATOR_BITS * outputLanes * pixelLanes,
  };
}

/** Large memories go into the first kind that still has room for them, all else into the last kind. */
function memoryFor(memory: EngineMemory, board: Board, used: readonly number[]): number {
  const last = board.memories.length - 1;
  if (!memory.large) return last;
  const place = board.memories.findIndex(
    (block, index) => used[index] + blocksFor(memory, block) <= block.count,
  );
  return place < 0 ? last : place;
}
