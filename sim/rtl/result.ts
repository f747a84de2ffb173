/** The bytes at RESULT_ADDR: padded logits, then the trailer {tape id, job number, status, CRC-32 of the data}. */
import { crc32 } from 'node:zlib';
import { RESULT_OK, WORD_BYTES } from '../../gen/tape/format.ts';

export interface Trailer {
  readonly tapeId: number;
  readonly job: number;
  readonly status: number;
  readonly crc: number;
}

export interface EngineResult {
  /** One a class. */
  readonly logits: Int32Array;
  /** All before the trailer. */
  readonly data: Uint8Array;
  readonly trailer: Trailer;
  /** Whether the trailer names the tape and the job, its status is right, and its CRC is that of the data. */
  readonly ok: boolean;
}

/** Reads the result of job number `job`, which ran the tape of this header; `bytes` are all of it. */
export function parseResult(
  bytes: Uint8Array,
  { classes, tapeId }: { readonly classes: number; readonly tapeId: number },
  job: number,
): EngineResult {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dataBytes = bytes.length - WORD_BYTES;
  const data = bytes.subarray(0, dataBytes);
  const trailerWord = (index: number) => view.getUint32(dataBytes + 4 * index, true);
  const trailer = {
    tapeId: trailerWord(0),
    job: trailerWord(1),
    status: trailerWord(2),
    crc: trailerWord(3),
  };
  const ok =
    trailer.tapeId === tapeId &&
    trailer.job === job &&
    trailer.status === RESULT_OK &&
    trailer.crc === crc32(data);
  const logits = Int32Array.from({ length: classes }, (_, c) => view.getInt32(4 * c, true));
  return { logits, data, trailer, ok };
}
