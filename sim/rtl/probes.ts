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
  const start = (record: number) => 4 + record * recordBytes;
  let count = 0;
  for (let record = 0; record < records; record++) if (bytes[start(record)] === WRITE) count++;
  const probes = {
    count,
    run: new Uint32Array(count),
    address: new Uint32Array(count),
    mask: new Uint32Array(count),
    sub: new Uint8Array(count),
    data: new Uint8Array(count * dataBytes),
    dataBytes,
    sums: new Float64Array(records - count),
  };
  let write = 0;
  let sum = 0;
  for (let record = 0; record < records; record++) {
    const at = start(record);
    const content = at + HEADER_BYTES;
    if (bytes[at] !== WRITE) {
      probes.sums[sum++] = Number(view.getBigInt64(content, true));
      continue;
    }
    probes.run[write] = view.getUint32(at + 4, true);
    probes.address[write] = view.getUint32(at + 8, true);
    probes.mask[write] = view.getUint32(at + 12, true);
    probes.sub[write] = bytes[at + 1];
    probes.data.set(bytes.subarray(content, content + dataBytes), write * dataBytes);
    write++;
  }
  return probes;
}
