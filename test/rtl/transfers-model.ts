/** Random transfers, and the words of each in the order of its buffer. */
import type { Prng } from '../../gen/import/prng.ts';
import {
  type Fields,
  FLAG,
  TRANSFER,
  TRANSFER_RESULT,
  TRANSFER_STORE,
  writeFields,
} from '../../gen/tape/format.ts';
import { fromBytes } from './harness/ports.ts';

/** A descriptor's bytes that a transfer has. */
const TRANSFER_BYTES = 28;

export type TransferFields = Fields<typeof TRANSFER>;

/** Where a word lies in the feature memory; pad words are nowhere. */
export type Place = { readonly bank: number; readonly address: number } | undefined;

export function randomTransfer(random: Prng, lanes: number, addressBits: number): TransferFields {
  const below = (limit: number) => random.next() % limit;
  const [vectors, padWords, rowPixels, rows] = [1 + below(4), below(4), 1 + below(9), 1 + below(4)];
  const isStore = below(2) === 1;
  const isResult = isStore && below(3) === 0;
  return {
    flags: FLAG.transfer | (isStore ? TRANSFER_STORE : 0) | (isResult ? TRANSFER_RESULT : 0),
    ...{ vectors, padWords, rowPixels, rows },
    base: below(2 ** (addressBits - 1)),
    stride: 1 + below(2 ** (addressBits - 4)),
    firstGroup: below(20),
    firstLane: below(lanes),
    offset: isResult ? 0 : 64 * below(256),
    words: rows * (rowPixels * vectors + padWords),
  };
}

export function transferWord(fields: TransferFields): bigint {
  const bytes = new Uint8Array(TRANSFER_BYTES);
  writeFields(bytes, 0, TRANSFER, fields);
  return fromBytes(bytes);
}

export function walk(fields: TransferFields, lanes: number, addressBits: number): Place[] {
  const { vectors, padWords, rowPixels, rows, base, stride, firstGroup, firstLane } = fields;
  const places: Place[] = [];
  let pixel = firstGroup * lanes + firstLane;
  for (let row = 0; row < rows; row++) {
    for (let x = 0; x < rowPixels; x++, pixel++) {
      for (let vector = 0; vector < vectors; vector++) {
        const address = (base + vector * stride + Math.floor(pixel / lanes)) % 2 ** addressBits;
        places.push({ bank: pixel % lanes, address });
      }
    }
    for (let pad = 0; pad < padWords; pad++) places.push(undefined);
  }
  return places;
}
