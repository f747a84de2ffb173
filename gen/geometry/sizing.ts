/**
 * Board + wishes → geometry. It never looks at the network, so that two networks compiled for one board and
 * one lane count give the same RTL.
 */
import {
  lanesInvalid,
  macsInvalid,
  nothingFits,
  sizeInvalid,
  tooManyMultipliers,
  tooMuchMemory,
} from '../diagnostics/board.ts';
import { FireforgeError } from '../diagnostics/diagnostic.ts';
import type { Board } from './boards.ts';
import { type Geometry, INPUT_LANES, lanesText, macUnits, QUEUE_BEATS, WORD } from './geometry.ts';
import { engineResources } from './resources.ts';

/** TM × G. */
export interface Lanes {
  readonly outputLanes: number;
  readonly pixelLanes: number;
}

/** What the user may ask for; the board decides the rest. */
export interface Wishes {
  /** AXI data width in bits. */
  readonly port?: number;
  readonly ringKib?: number;
  readonly memoryKib?: number;
  /** Longest burst in beats. */
  readonly burst?: number;
  /** For networks that need transfers; see Geometry. */
  readonly extended?: boolean;
}

/** Output lanes an engine may have, in the order in which splits of the same MAC units are tried. */
const OUTPUT_LANES = [16, 8, 4, 2, 1];
/** Most MAC units and pixel lanes that can be asked for; the tape's lane fields have 8 bits. */
const MOST_MAC_UNITS = 4096;
const MOST_PIXEL_LANES = 255;

/** Accumulator banks are half as deep from this many pixel lanes. */
const SHALLOW_FROM = 8;
const COMMAND_WORDS = 512;
/** Row buffer of the max-pool: v1.0's fire4 needs 256 channels × 27 columns. */
const POOL_BYTES = 8192;
/** Passes of the widest stage with a pool: v1.0's fire8 has 512 channels; wider ones than that from TM = 8. */
const POOL_CHANNELS = 512;
const POOL_PASSES = 128;
/**
 * Two packing lanes from so many output × pixel lanes, and from 4 pixel lanes: one lane takes 2 cycles a pixel of
 * a 3x3 convolution, as the array does for 16 channels on 16 such lanes.
 */
const PACK_TWO_FROM = { lanes: 16, pixelLanes: 4 };
const MAX_SIDE = 512;
const MAX_KERNEL = 7;
/** A 7x7 kernel's rows, and four more for the packer to run ahead. */
const IMAGE_ROWS = MAX_KERNEL + 4;

const PORT_BITS = [32, 64, 128, 256, 512];
/** AXI4: no burst may cross a 4 KiB boundary; and none is longer than the queue of its reader. */
const BURST_BYTES = 4096;

/** `16x8x3` → lanes. Throws FF405. */
export function parseLanes(text: string): Lanes {
  const match = /^(\d+)x(\d+)x(\d+)$/.exec(text);
  if (!match) throw lanesInvalid(text, 'it is not three numbers with an x between');
  const [input, outputLanes, pixelLanes] = match.slice(1).map(Number);
  if (input !== INPUT_LANES) throw lanesInvalid(text, `there are ${INPUT_LANES} input lanes, not ${input}`);
  if (!OUTPUT_LANES.includes(outputLanes)) {
    throw lanesInvalid(text, `${outputLanes} output lanes are not possible`);
  }
  if (pixelLanes < 1) throw lanesInvalid(text, 'there must be a pixel lane');
  if (pixelLanes > MOST_PIXEL_LANES) {
    throw lanesInvalid(text, `it has more than ${MOST_PIXEL_LANES} pixel lanes`);
  }
  if (macUnits({ outputLanes, pixelLanes }) > MOST_MAC_UNITS) {
    throw lanesInvalid(text, `it has more than ${MOST_MAC_UNITS} MAC units`);
  }
  return { outputLanes, pixelLanes };
}

/** The splits of `macs` MAC units, larger TM first. Throws FF406. */
export function splitMacs(macs: number): Lanes[] {
  const valid = Number.isInteger(macs) && macs >= INPUT_LANES && macs % INPUT_LANES === 0;
  if (!valid || macs > MOST_MAC_UNITS) throw macsInvalid(macs, INPUT_LANES, MOST_MAC_UNITS);
  return OUTPUT_LANES.map((outputLanes) => ({
    outputLanes,
    pixelLanes: macs / INPUT_LANES / outputLanes,
  })).filter(({ pixelLanes }) => Number.isInteger(pixelLanes) && pixelLanes <= MOST_PIXEL_LANES);
}

/** All lanes that fit the board, most MAC units first, larger TM first. Throws FF408 if none does, FF407. */
export function candidateLanes(board: Board, wishes: Wishes = {}): Lanes[] {
  const candidates: Lanes[] = [];
  for (let macs = MOST_MAC_UNITS; macs >= INPUT_LANES; macs -= INPUT_LANES) {
    candidates.push(...splitMacs(macs));
  }
  const fitting = candidates.filter((lanes) => !refusal(board, lanes, wishes));
  if (fitting.length > 0) return fitting;
  const smallest = refusal(board, candidates[candidates.length - 1], wishes)!;
  throw ['FF403', 'FF404'].includes(smallest.diagnostic.code) ? nothingFits(board.name, smallest) : smallest;
}

/** Those of the candidates that fit the board, in order. If none does, throws why the first does not. */
export function fittingLanes(board: Board, candidates: readonly Lanes[], wishes: Wishes = {}): Lanes[] {
  const fitting = candidates.filter((lanes) => !refusal(board, lanes, wishes));
  if (fitting.length === 0) throw refusal(board, candidates[0], wishes)!;
  return fitting;
}

/** Why lanes do not fit, if they do not. */
function refusal(board: Board, lanes: Lanes, wishes: Wishes): FireforgeError | undefined {
  try {
    geometryFor(board, lanes, wishes);
    return undefined;
  } catch (error) {
    if (error instanceof FireforgeError) return error;
    throw error;
  }
}

/** The engine of these lanes on the board. Throws FF403 and FF404 by how much it does not fit, FF407. */
export function geometryFor(board: Board, lanes: Lanes, wishes: Wishes = {}): Geometry {
  const { outputLanes, pixelLanes } = lanes;
  const { port } = board;
  const wider = port.widerAbove && macUnits(lanes) > port.widerAbove.macUnits;
  const portBits = wishes.port ?? (wider ? port.widerAbove.bits : port.bits);
  const burstBeats = wishes.burst ?? Math.min(port.burst, burstLimit(portBits));
  const ringKib = wishes.ringKib ?? board.defaults.ringKib;
  const memoryKib = wishes.memoryKib ?? board.defaults.memoryKib;
  checkPort(portBits, burstBeats);
  checkMemories(ringKib, memoryKib);
  const geometry: Geometry = {
    outputLanes,
    pixelLanes,
    multiplierBits: board.multipliers.bits,
    accumulatorDepth: pixelLanes < SHALLOW_FROM ? 64 : 32,
    portBits,
    burstBeats,
    ringWords: (ringKib * 1024) / WORD,
    mapWords: Math.floor((memoryKib * 1024) / WORD / pixelLanes),
    commandWords: COMMAND_WORDS,
    poolWords: POOL_BYTES / outputLanes,
    poolPasses: Math.max(POOL_PASSES, POOL_CHANNELS / outputLanes),
    packLanes: packLanes(lanes),
    imageRows: IMAGE_ROWS,
    maxSide: MAX_SIDE,
    maxKernel: MAX_KERNEL,
    extended: wishes.extended ? 1 : 0,
  };
  requireFit(geometry, board);
  return geometry;
}

function packLanes({ outputLanes, pixelLanes }: Lanes): 1 | 2 {
  const { lanes, pixelLanes: fewest } = PACK_TWO_FROM;
  return pixelLanes >= fewest && outputLanes * pixelLanes >= lanes ? 2 : 1;
}

function requireFit(geometry: Geometry, board: Board): void {
  const { multipliers, memories } = engineResources(geometry, board);
  const engine = lanesText(geometry);
  const { name, count } = board.multipliers;
  if (multipliers > count) throw tooManyMultipliers(board.name, engine, name, multipliers, count);
  for (const { memory, blocks } of memories) {
    if (blocks > memory.count) throw tooMuchMemory(board.name, engine, memory.name, blocks, memory.count);
  }
}

const burstLimit = (portBits: number) => Math.min(QUEUE_BEATS, (BURST_BYTES * 8) / portBits);

function checkPort(portBits: number, burstBeats: number): void {
  if (!PORT_BITS.includes(portBits)) {
    throw sizeInvalid(
      '--port',
      portBits,
      'an AXI port has no such width',
      `Give ${PORT_BITS.join(', ')} bits.`,
    );
  }
  const most = burstLimit(portBits);
  const isPower = Number.isInteger(Math.log2(burstBeats));
  if (!isPower || burstBeats > most) {
    throw sizeInvalid(
      '--burst',
      burstBeats,
      `a burst of a ${portBits}-bit port has 1 to ${most} beats, a power of two`,
      'Give 16 for what every port, AXI3 included, allows.',
    );
  }
}

/** Addresses of the feature memory on the tape have 16 bits. */
const MAX_MEMORY_KIB = 1024;
const MAX_RING_KIB = 4096;

function checkMemories(ringKib: number, memoryKib: number): void {
  if (!Number.isInteger(Math.log2(ringKib)) || ringKib < 1 || ringKib > MAX_RING_KIB) {
    throw sizeInvalid(
      '--ring',
      ringKib,
      `the weight ring must be a power of two of KiB, at most ${MAX_RING_KIB}`,
      'Give e.g. 64 or 128.',
    );
  }
  if (!Number.isInteger(memoryKib) || memoryKib < 1 || memoryKib > MAX_MEMORY_KIB) {
    throw sizeInvalid(
      '--memory',
      memoryKib,
      `the feature memory must be a whole number of KiB, at most ${MAX_MEMORY_KIB}`,
      'Give e.g. 256.',
    );
  }
}
