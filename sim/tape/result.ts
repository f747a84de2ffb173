/** From the classifier's sums to the bytes at RESULT_ADDR. */
import { crc32 } from 'node:zlib';
import { RESULT_OK, WORD_BYTES } from '../../gen/tape/format.ts';
import type { TapePass } from './tape.ts';

/**
 * logit = (sum·m + 2^(s−1)) >> s of every output channel of `passes`, of which the first `classes` count.
 * In exact integers: sums have up to 41 bits and m has 16.
 */
export function scaleLogits(sums: Float64Array, passes: readonly TapePass[], classes: number): Int32Array {
  const outputLanes = passes[0].section.bias.length;
  return Int32Array.from({ length: classes }, (_, index) => {
    const { section } = passes[Math.floor(index / outputLanes)];
    const m = BigInt(section.m[index % outputLanes]);
    const s = BigInt(section.s[index % outputLanes]);
    return Number(BigInt.asIntN(32, (BigInt(sums[index]) * m + (1n << (s - 1n))) >> s));
  });
}

/** The logits padded to whole words. */
export function logitBytes(logits: Int32Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((logits.length * 4) / WORD_BYTES) * WORD_BYTES);
  const view = new DataView(bytes.buffer);
  logits.forEach((logit, index) => {
    view.setInt32(index * 4, logit, true);
  });
  return bytes;
}

/** Whole words and behind them the trailer {tape id, job number, status, CRC-32 of the data}. */
export function withTrailer(data: Uint8Array, tapeId: number, job: number): Uint8Array {
  const result = new Uint8Array(data.length + WORD_BYTES);
  result.set(data);
  const view = new DataView(result.buffer);
  [tapeId, job, RESULT_OK, crc32(data)].forEach((value, index) => {
    view.setUint32(data.length + index * 4, value, true);
  });
  return result;
}
