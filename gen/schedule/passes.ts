/** Cuts convolutions into passes and lays their outputs into slots, in order of production. */
import { type Geometry, INPUT_LANES } from '../geometry/geometry.ts';
import type { IntegerConvolution } from '../quantize/integer-network.ts';
import type { Slice } from './fuse.ts';
import type { Pass } from './nest.ts';

/** What passes read. */
export interface PassSource {
  readonly vectors: number;
  readonly packed: boolean;
  /** Channel in each lane of each vector, -1 for padding; of both maps of an addition alike. */
  readonly channels: Int32Array;
}

export interface LaidPasses {
  readonly passes: Pass[];
  readonly vectors: number;
  /** Channel of the concatenated tensor in each lane of each slot, -1 for padding. */
  readonly channels: Int32Array;
}

/**
 * The passes of several slices side by side, taken in turn: a 1x1 pass over 16 channels is a single
 * k-tile and would starve behind its own drain, so 3x3 and 1x1 passes alternate (3x3 first).
 */
export function layPasses(
  kind: Pass['kind'],
  slices: readonly Slice[],
  source: PassSource,
  { outputLanes }: Pick<Geometry, 'outputLanes'>,
): LaidPasses {
  let firstOutput = 0;
  const parts = slices.map((slice, index) => {
    const part = { ...slice, index, firstOutput };
    firstOutput += slice.channels;
    return part;
  });
  type Part = (typeof parts)[number];
  const order: { part: Part; tile: number }[] = [];
  const inTurn = [...parts].sort((a, b) => a.turn - b.turn);
  const tiles = ({ channels }: Part) => Math.ceil(channels / outputLanes);
  for (let tile = 0; tile < Math.max(...parts.map(tiles)); tile++) {
    for (const part of inTurn) if (tile < tiles(part)) order.push({ part, tile });
  }

  const slots = new Map<string, number>();
  const channels: number[] = [];
  const passes = order.map(({ part, tile }): Pass => {
    const first = tile * outputLanes;
    const vector = Math.floor(first / INPUT_LANES);
    const key = `${part.index}/${vector}`;
    let slot = slots.get(key);
    if (slot === undefined) {
      slot = slots.size;
      slots.set(key, slot);
      for (let i = 0; i < INPUT_LANES; i++) {
        const channel = vector * INPUT_LANES + i;
        channels.push(channel < part.channels ? part.firstOutput + channel : -1);
      }
    }
    const end = first + outputLanes;
    const { conv } = part;
    const firstChannel = part.firstChannel + first;
    const count = Math.min(outputLanes, part.channels - first);
    return {
      kind,
      conv,
      firstChannel,
      channels: count,
      taps: conv.kernel === 3 && !source.packed ? 9 : 1,
      ...(conv.diagonal
        ? diagonalVectors(conv, firstChannel, count, source)
        : { firstVector: 0, vectors: source.vectors }),
      slot,
      sub: (first % INPUT_LANES) / outputLanes,
      completes: end % INPUT_LANES === 0 || end >= part.channels,
    };
  });
  return { passes, vectors: slots.size, channels: Int32Array.from(channels) };
}

/** The vectors that hold the channels which a tile of a diagonal convolution reads; of an addition one of each map. */
function diagonalVectors(
  { diagonal, inChannels }: IntegerConvolution,
  firstChannel: number,
  count: number,
  source: PassSource,
): { firstVector: number; vectors: number } {
  const offsets = diagonal!;
  const [offset] = offsets;
  const held = Array.from({ length: count }, (_, c) =>
    Math.floor(source.channels.indexOf(firstChannel + c + offset) / INPUT_LANES),
  );
  const firstVector = Math.min(...held);
  const vectors = Math.max(...held) - firstVector + 1;
  if (offsets.length === 1) return { firstVector, vectors };
  if (vectors > 1 || offsets[1] * 2 !== inChannels) {
    throw new Error('internal error: a tile of an addition must lie in one vector of each map');
  }
  return { firstVector, vectors: 2 };
}

/** The same passes with their slots in the order of another layout of the same vectors, or undefined if there is none. */
export function arrange(laid: LaidPasses, channels: Int32Array): LaidPasses | undefined {
  const vector = (of: Int32Array, slot: number) =>
    of.subarray(slot * INPUT_LANES, (slot + 1) * INPUT_LANES).join();
  const places = new Map(
    Array.from({ length: channels.length / INPUT_LANES }, (_, slot) => [vector(channels, slot), slot]),
  );
  const moved = Array.from({ length: laid.vectors }, (_, slot) => places.get(vector(laid.channels, slot)));
  if (channels.length !== laid.channels.length || moved.includes(undefined)) return undefined;
  return { ...laid, channels, passes: laid.passes.map((pass) => ({ ...pass, slot: moved[pass.slot]! })) };
}
