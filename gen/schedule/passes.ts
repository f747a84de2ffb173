/** Cuts convolutions into passes and lays their outputs into slots, in order of production. */
import { type Geometry, INPUT_LANES } from '../geometry/geometry.ts';
import type { IntegerConvolution } from '../quantize/integer-network.ts';
import type { Pass } from './nest.ts';

interface Source {
  readonly vectors: number;
  readonly packed: boolean;
}

/** Where the tiles of one convolution go: its first channel in the concatenated tensor. */
interface Half {
  readonly conv: IntegerConvolution;
  readonly firstOutput: number;
}

export interface LaidPasses {
  readonly passes: Pass[];
  readonly vectors: number;
  /** Channel of the concatenated tensor in each lane of each slot, -1 for padding. */
  readonly channels: Int32Array;
}

/**
 * The passes of several convolutions side by side, taken in turn: a 1x1 pass over 16 channels is a single
 * k-tile and would starve behind its own drain, so 3x3 and 1x1 passes alternate (3x3 first).
 */
export function layPasses(
  kind: Pass['kind'],
  convs: readonly IntegerConvolution[],
  source: Source,
  geometry: Geometry,
): LaidPasses {
  const { outputLanes } = geometry;
  let firstOutput = 0;
  const halves: Half[] = convs.map((conv) => {
    const half = { conv, firstOutput };
    firstOutput += conv.outChannels;
    return half;
  });
  const order: { half: Half; tile: number }[] = [];
  const inTurn = [...halves].sort((a, b) => b.conv.kernel - a.conv.kernel);
  const tiles = (half: Half) => Math.ceil(half.conv.outChannels / outputLanes);
  for (let tile = 0; tile < Math.max(...halves.map(tiles)); tile++) {
    for (const half of inTurn) if (tile < tiles(half)) order.push({ half, tile });
  }

  const slots = new Map<string, number>();
  const channels: number[] = [];
  const passes = order.map(({ half, tile }): Pass => {
    const { conv } = half;
    const firstChannel = tile * outputLanes;
    const vector = Math.floor(firstChannel / INPUT_LANES);
    const key = `${conv.name}/${vector}`;
    let slot = slots.get(key);
    if (slot === undefined) {
      slot = slots.size;
      slots.set(key, slot);
      for (let i = 0; i < INPUT_LANES; i++) {
        const channel = vector * INPUT_LANES + i;
        channels.push(channel < conv.outChannels ? half.firstOutput + channel : -1);
      }
    }
    const end = firstChannel + outputLanes;
    return {
      kind,
      conv,
      firstChannel,
      channels: Math.min(outputLanes, conv.outChannels - firstChannel),
      taps: conv.kernel === 3 && !source.packed ? 9 : 1,
      vectors: source.vectors,
      firstVector: 0,
      slot,
      sub: (firstChannel % INPUT_LANES) / outputLanes,
      completes: end % INPUT_LANES === 0 || end >= conv.outChannels,
    };
  });
  return { passes, vectors: slots.size, channels: Int32Array.from(channels) };
}
