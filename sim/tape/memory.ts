/**
 * The feature memory by its addresses, and the marks that say how far each map is written. Nothing here
 * knows a map: two maps on the same words spoil one another, as they would on the chip.
 */
import { type Geometry, MAP_SLOTS } from '../../gen/geometry/geometry.ts';
import { WORD_BYTES } from '../../gen/tape/format.ts';

/** G banks of `mapWords` words; consecutive pixels of a map lie in consecutive banks at the same address. */
export class FeatureMemory {
  private readonly bytes: Uint8Array;
  private readonly words: number;

  constructor(geometry: Pick<Geometry, 'pixelLanes' | 'mapWords'>) {
    this.words = geometry.mapWords;
    this.bytes = new Uint8Array(geometry.pixelLanes * this.words * WORD_BYTES);
  }

  /** Writes `data` (part of a word) at byte `byte` of a bank's word. */
  write(bank: number, word: number, byte: number, data: Uint8Array): void {
    this.bytes.set(data, (bank * this.words + word) * WORD_BYTES + byte);
  }

  /** Copies a word to `target`. */
  read(bank: number, word: number, target: Uint8Array): void {
    const from = (bank * this.words + word) * WORD_BYTES;
    target.set(this.bytes.subarray(from, from + WORD_BYTES));
  }

  /** Copies a word minus 128, the way it enters a multiplier, to `target[at…]`. */
  fetchSigned(bank: number, word: number, target: Int8Array, at: number): void {
    const from = (bank * this.words + word) * WORD_BYTES;
    for (let i = 0; i < WORD_BYTES; i++) target[at + i] = this.bytes[from + i] - 128;
  }
}

/** Mark sets, and vectors a set: the number of groups of each vector that are completely written. */
const MARK_SETS = 4;

export class Marks {
  private readonly counts = new Uint32Array(MARK_SETS * MAP_SLOTS);

  clear(set: number): void {
    this.counts.fill(0, set * MAP_SLOTS, (set + 1) * MAP_SLOTS);
  }

  /** Groups up to and including `group` of the vector are written. */
  advance(set: number, slot: number, group: number): void {
    this.counts[set * MAP_SLOTS + slot] = group + 1;
  }

  /** Groups written of the least written of the first `vectors` vectors. */
  complete(set: number, vectors: number): number {
    const first = set * MAP_SLOTS;
    return Math.min(...this.counts.subarray(first, first + vectors));
  }
}
