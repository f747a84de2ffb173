/** Weight sections: parameters and tiles of one pass, in the bytes that the ring holds. */
import { type Geometry, INPUT_LANES, WORD } from '../geometry/geometry.ts';
import type { IntegerConvolution } from '../quantize/integer-network.ts';
import type { Pass, Region } from '../schedule/nest.ts';
import { parameterWords, sectionWords } from '../schedule/sections.ts';

/**
 * The array multiplies by x - 128, so that two weights can share one multiplier; a masked tap is raw 0.
 * So 128·Σw is one constant a channel, and it is added to the bias (modulo the accumulator's width).
 */
const ACTIVATION_OFFSET = 128;

/** Σw of output channel `o`. */
function weightSum(conv: IntegerConvolution, o: number): number {
  const length = conv.inChannels * conv.kernel ** 2;
  let sum = 0;
  for (let i = o * length; i < (o + 1) * length; i++) sum += conv.weight[i];
  return sum;
}

/**
 * Index into a channel's OIHW weights for each lane of each tile (vectors outside, taps inside), -1 for
 * padding: `tiles × 16`. The same for every output channel of a pass.
 */
function tileIndices(pass: Pass, source: Region): Int32Array {
  const { conv, taps, vectors, firstVector } = pass;
  const [, second] = conv.diagonal ?? [];
  const area = conv.kernel ** 2;
  // The second vector of an addition is the same one of the second map, whose channels come behind the first's.
  const channelAt = (v: number, lane: number) => {
    if (second === undefined) return source.channels[(firstVector + v) * INPUT_LANES + lane];
    const channel = source.channels[firstVector * INPUT_LANES + lane];
    return channel < 0 ? channel : channel + v * second;
  };
  const indices = new Int32Array(vectors * taps * INPUT_LANES);
  for (let v = 0; v < vectors; v++) {
    for (let tap = 0; tap < taps; tap++) {
      for (let lane = 0; lane < INPUT_LANES; lane++) {
        const at = channelAt(v, lane);
        // A packed pixel's lane is (ky·k + kx)·C + channel; a map's lane is a channel.
        const packed = taps === 1 && area > 1;
        const channel = packed ? at % conv.inChannels : at;
        const position = packed ? Math.floor(at / conv.inChannels) : tap;
        indices[(v * taps + tap) * INPUT_LANES + lane] = at < 0 ? -1 : channel * area + position;
      }
    }
  }
  return indices;
}

/** Writes the section of `pass` into `bytes` at `offset`; returns its length in bytes. */
export function writeSection(
  bytes: Uint8Array,
  offset: number,
  pass: Pass,
  source: Region,
  geometry: Geometry,
): number {
  const { outputLanes } = geometry;
  const { conv, firstChannel, channels } = pass;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const perWord = Math.min(2, outputLanes);
  for (let c = 0; c < channels; c++) {
    const o = firstChannel + c;
    const word = offset + Math.floor(c / perWord) * WORD;
    const half = c % perWord;
    view.setInt32(word + 4 * half, conv.bias[o] + ACTIVATION_OFFSET * weightSum(conv, o), true);
    view.setUint16(word + 8 + 2 * half, conv.m[o], true);
    view.setUint8(word + 12 + half, conv.s[o]);
  }
  // Padding channels: m = 0 makes them 0 whatever their sums; a shift must still be in range.
  for (let c = channels; c < outputLanes; c++)
    view.setUint8(offset + Math.floor(c / perWord) * WORD + 12 + (c % perWord), 1);

  const weights = new Int8Array(bytes.buffer, bytes.byteOffset + offset + parameterWords(outputLanes) * WORD);
  const length = conv.inChannels * conv.kernel ** 2;
  const indices = tileIndices(pass, source);
  for (let row = 0; row < indices.length; row++) {
    if (indices[row] < 0) continue;
    for (let c = 0; c < channels; c++) {
      weights[row * outputLanes + c] = conv.weight[(firstChannel + c) * length + indices[row]];
    }
  }
  return sectionWords(pass, outputLanes) * WORD;
}
