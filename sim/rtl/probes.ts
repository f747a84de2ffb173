/** The records of bench/probes.h as typed arrays. */

const HEADER_BYTES = 16;
const WRITE = 0;

/** Writes to the feature memory in their order, one element each, and the classifier's sums in theirs. */
export interface Probes {
  /** Number of writes. */
  readonly count: number;
  /** Runs that were finished before the write, over all jobs: the index of the run it belongs to. */
  readonly run: Uint32Array;
  /** Word address, the same in all banks. */
  readonly address: Uint32Array;
  /** Bit g: lane g was written. */
  readonly mask: Uint32Array;
  /** TM-byte piece of the word. */
  readonly sub: Uint8Array;
  /** `dataBytes` = G × TM bytes a write, lane outside. */
  readonly data: Uint8Array;
  readonly dataBytes: number;
  /** Per class and job: the sum over all pixels, before scaling; TM-padding included. */
  readonly sums: Float64Array;
}

/** Decodes the bench's probe file. */
export function decodeProbes(bytes: Uint8Array): Probes {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dataBytes = view.getUint32(0, true);
  const recordBytes = HEADER_BYTES + Math.max(dataBytes, 8);
  const records = Math.floor((bytes.length - 4) / recordBytes);
  const starts = Array.from({ length: records }, (_, index) => 4 + index * recordBytes);
  const writes = starts.filter((at) => bytes[at] === WRITE);
  const sums = starts.filter((at) => bytes[at] !== WRITE);
  const data = new Uint8Array(writes.length * dataBytes);
  for (const [index, at] of writes.entries()) {
    const from = at + HEADER_BYTES;
    data.set(bytes.subarray(from, from + dataBytes), index * dataBytes);
  }
  return {
    count: writes.length,
    run: Uint32Array.from(writes, (at) => view.getUint32(at + 4, true)),
    address: Uint32Array.from(writes, (at) => view.getUint32(at + 8, true)),
    mask: Uint32Array.from(writes, (at) => view.getUint32(at + 12, true)),
    sub: Uint8Array.from(writes, (at) => bytes[at + 1]),
    data,
    dataBytes,
    sums: Float64Array.from(sums, (at) => Number(view.getBigInt64(at + HEADER_BYTES, true))),
  };
}
