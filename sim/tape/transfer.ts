/** Transfers: read from a command, checked against the geometry, carried out on memory and buffer. */
import { tapeFieldImplausible, tapeTruncated } from '../../gen/diagnostics/tape.ts';
import type { Geometry } from '../../gen/geometry/geometry.ts';
import { JOB_ALIGNMENT } from '../../gen/geometry/registers.ts';
import {
  DESCRIPTOR_BYTES,
  FLAG,
  readFields,
  TRANSFER,
  TRANSFER_RESULT,
  TRANSFER_STORE,
  WORD_BYTES,
} from '../../gen/tape/format.ts';
import type { FeatureMemory } from './memory.ts';
import type { TapeHeader, TapeTransfer } from './tape.ts';

/** Throws FF604 and FF606 for what cannot be carried out. */
export function parseTransfer(
  payload: Uint8Array,
  index: number,
  header: TapeHeader,
  geometry: Geometry,
): TapeTransfer {
  const part = `transfer ${index}`;
  const require = (holds: boolean, reason: string) => {
    if (!holds) throw tapeFieldImplausible(part, reason);
  };
  if (payload.length !== DESCRIPTOR_BYTES) throw tapeTruncated(part, DESCRIPTOR_BYTES, payload.length);
  require(geometry.extended === 1, 'the engine has no transfers');
  const fields = readFields(payload, 0, TRANSFER);
  const known = FLAG.transfer | TRANSFER_STORE | TRANSFER_RESULT;
  require((fields.flags & ~known) === 0 &&
    (fields.flags & FLAG.transfer) !== 0, 'flags has an unknown bit set');
  const store = (fields.flags & TRANSFER_STORE) !== 0;
  const result = (fields.flags & TRANSFER_RESULT) !== 0;
  require(store || !result, 'a load cannot be the result');
  const { vectors, padWords, base, stride, firstGroup, firstLane, rowPixels, rows, offset, words } = fields;
  require(vectors > 0 && rowPixels > 0 && rows > 0, 'it moves nothing');
  require(words === rows * (rowPixels * vectors + padWords), `${words} words are not those of its rows`);
  require(offset % JOB_ALIGNMENT === 0, `offset ${offset} is not a multiple of ${JOB_ALIGNMENT}`);
  require(firstLane < geometry.pixelLanes, `there is no lane ${firstLane}`);
  const pixels = firstLane + rows * rowPixels;
  const end = base + (vectors - 1) * stride + firstGroup + Math.ceil(pixels / geometry.pixelLanes);
  require(end <= header.mapTop, `it reaches word ${end} of ${header.mapTop}`);
  return { ...fields, store, result };
}

/** The job's result buffer, as far as transfers have filled it. */
export class TransferBuffer {
  private bytes = new Uint8Array();

  /** Bytes of the result's data, once stored. */
  result: Uint8Array | undefined;

  /** Carries out a transfer. */
  move(transfer: TapeTransfer, memory: FeatureMemory, lanes: number): void {
    const { store, result, offset, words } = transfer;
    this.reserve(offset + words * WORD_BYTES);
    const at = this.bytes.subarray(offset, offset + words * WORD_BYTES);
    const { rows, rowPixels, vectors, padWords, base, stride, firstGroup, firstLane } = transfer;
    let word = 0;
    for (let pixel = firstLane; pixel < firstLane + rows * rowPixels; pixel++) {
      const group = firstGroup + Math.floor(pixel / lanes);
      for (let v = 0; v < vectors; v++, word++) {
        const part = at.subarray(word * WORD_BYTES, (word + 1) * WORD_BYTES);
        const address = base + v * stride + group;
        if (store) memory.read(pixel % lanes, address, part);
        else memory.write(pixel % lanes, address, 0, part);
      }
      if ((pixel - firstLane + 1) % rowPixels !== 0) continue;
      if (store) at.fill(0, word * WORD_BYTES, (word + padWords) * WORD_BYTES);
      word += padWords;
    }
    if (result) this.result = at.slice();
  }

  private reserve(bytes: number): void {
    if (bytes <= this.bytes.length) return;
    const grown = new Uint8Array(bytes);
    grown.set(this.bytes);
    this.bytes = grown;
  }
}
