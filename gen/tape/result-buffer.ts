/** What a job's result buffer holds, by its tape: the result, and behind it maps on their way. */
import * as format from './format.ts';

export interface ResultBuffer {
  /** Of the result: its padded data and the trailer. */
  readonly resultBytes: number;
  /** Of all of it. */
  readonly bytes: number;
}

const { WORD_BYTES } = format;

/** Packets that are no transfers, or reach behind the tape's end, say nothing. */
export function resultBuffer(tape: Uint8Array): ResultBuffer {
  let result = format.resultBytes(format.readFields(tape, 0, format.HEADER).classes);
  let end = 0;
  let at = format.HEADER_BYTES;
  while (at + format.PACKET_HEADER_BYTES + format.DESCRIPTOR_BYTES <= tape.length) {
    const { type, wordsLow, wordsHigh } = format.readFields(tape, at, format.PACKET);
    if (type === format.PACKET_TRANSFER) {
      const { flags, offset, words } = format.readFields(tape, at + WORD_BYTES, format.TRANSFER);
      if (flags & format.TRANSFER_RESULT) result = (words + 1) * WORD_BYTES;
      else end = Math.max(end, offset + words * WORD_BYTES);
    }
    at += format.PACKET_HEADER_BYTES + (wordsLow + 2 ** 16 * wordsHigh) * WORD_BYTES;
  }
  return { resultBytes: result, bytes: Math.max(result, end) };
}
