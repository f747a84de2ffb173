/**
 * The geometry: everything the RTL depends on, and all that another network must fit. It is decided once
 * (sizing.ts) and only read afterwards.
 */
import { createHash } from 'node:crypto';

/** The reduction is over this many input channels at once; every channel count of the family is a multiple. */
export const INPUT_LANES = 16;
/** Accumulator banks: one filled, one handed over, one drained. */
export const ACCUMULATOR_BANKS = 3;
/** Cycles between two additions to the same accumulator. */
export const ACCUMULATOR_LATENCY = 4;
/** Cycles that loading one weight tile takes: one input lane a cycle. */
export const TILE_LOAD_CYCLES = INPUT_LANES;
/** AXI read bursts in flight at most. */
export const OUTSTANDING_BURSTS = 8;
/** Beats that each burst reader queues: eight bursts of 16. */
export const QUEUE_BEATS = 128;
/** Width of a position in a map, in pixel groups; read positions are signed, since taps reach before the map. */
export const POSITION_BITS = 16;
/** Bytes of a memory word: one vector of 16 channels. */
export const WORD = 16;
/** Vectors a map can have at most: slots of a mark set. */
export const MAP_SLOTS = 64;
/** Sums of a global pool that an extended engine can keep from stage to stage, and their bits. */
export const KEPT_SUMS = 2048;
export const SUM_BITS = 40;
/** Logits of a result at most: their count has 16 bits. */
export const MAX_CLASSES = 65535;

export interface Geometry {
  /** TM: output channels computed at once, a power of two up to 16. */
  readonly outputLanes: number;
  /** G: consecutive pixels computed at once. */
  readonly pixelLanes: number;
  /** Signed width of the multiplier's wide port: 25 or 27 packs two MACs, 18 does not. */
  readonly multiplierBits: 18 | 25 | 27;
  /** Pixel groups of one accumulator bank. */
  readonly accumulatorDepth: number;
  /** AXI4 data width in bits. */
  readonly portBits: number;
  /** Longest AXI burst in beats. */
  readonly burstBeats: number;
  /** Weight ring in 16-byte words, a power of two. */
  readonly ringWords: number;
  /** Feature memory in 16-byte words a bank. */
  readonly mapWords: number;
  /** Command memory in 16-byte words. */
  readonly commandWords: number;
  /** Running maxima of the max-pool in words of TM bytes. */
  readonly poolWords: number;
  /** Passes a stage may have (pool history). */
  readonly poolPasses: number;
  /** Columns of the image read, and vectors of packed pixels written, in a cycle. */
  readonly packLanes: 1 | 2;
  /** Image rows buffered, and the widest image. */
  readonly imageRows: number;
  readonly maxSide: number;
  readonly maxKernel: number;
  /**
   * 1 if the engine moves maps between the feature memory and the port, reads a part of a map's vectors in a
   * pass, and sums a global pool over several stages (docs/rationale/transfers.md). Plain engines have none of it.
   */
  readonly extended: 0 | 1;
}

/** MAC units: input × output × pixel lanes. */
export function macUnits(geometry: Pick<Geometry, 'outputLanes' | 'pixelLanes'>): number {
  return INPUT_LANES * geometry.outputLanes * geometry.pixelLanes;
}

/** Banks of the max-pool's row buffer: the windows that may end in half a group, as a power of two (max_pool.v). */
export function poolBanks(pixelLanes: number): number {
  return 2 ** Math.ceil(Math.log2(Math.floor((pixelLanes + 5) / 4)));
}

/** Written as the command line writes it: input × output × pixel lanes. */
export function lanesText(geometry: Pick<Geometry, 'outputLanes' | 'pixelLanes'>): string {
  return `${INPUT_LANES}x${geometry.outputLanes}x${geometry.pixelLanes}`;
}

/** SHA-256 of the geometry, hex. Its first 32 bits stand in the tape's header and the identity registers. */
export function geometryHash(geometry: Geometry): string {
  const sorted = Object.fromEntries(Object.entries(geometry).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
}

/** The hash's first 32 bits as a number. */
export function geometryId(geometry: Geometry): number {
  return Number.parseInt(geometryHash(geometry).slice(0, 8), 16);
}
