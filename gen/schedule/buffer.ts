/** Maps in the job's result buffer: where they lie behind the result, and the transfers to and from there. */
import { JOB_ALIGNMENT } from '../geometry/registers.ts';
import { WORD_BYTES } from '../tape/format.ts';
import type { Band } from './bands.ts';
import type { FusedMap } from './fuse.ts';
import type { Region, Transfer } from './nest.ts';

const ALIGNED_WORDS = JOB_ALIGNMENT / WORD_BYTES;
const aligned = (bytes: number) => Math.ceil(bytes / JOB_ALIGNMENT) * JOB_ALIGNMENT;

interface Place {
  readonly offset: number;
  readonly padWords: number;
  readonly rowBytes: number;
}

/** Gives maps places one behind the other. */
export class MapBuffer {
  private end: number;
  private readonly places = new Map<FusedMap, Place>();

  constructor(resultBytes: number) {
    this.end = aligned(resultBytes);
  }

  /** The rows of a band that are right, from `region`. */
  store(map: FusedMap, region: Region, { part }: Band): Transfer {
    const { offset, padWords, rowBytes } = this.place(map, region.vectors);
    return {
      name: map.name,
      direction: 'store',
      result: false,
      region,
      firstPixel: part.skip * map.width,
      rows: part.rows,
      rowPixels: map.width,
      padWords,
      offset: offset + part.first * rowBytes,
    };
  }

  /** Rows of a map to the start of `region`. */
  load(map: FusedMap, region: Region, { firstRow, rows }: Pick<Band, 'firstRow' | 'rows'>): Transfer {
    const { offset, padWords, rowBytes } = this.place(map, region.vectors);
    return {
      name: map.name,
      direction: 'load',
      result: false,
      region,
      firstPixel: 0,
      rows,
      rowPixels: map.width,
      padWords,
      offset: offset + firstRow * rowBytes,
    };
  }

  private place(map: FusedMap, vectors: number): Place {
    const known = this.places.get(map);
    if (known) return known;
    const words = map.width * vectors;
    const padWords = (ALIGNED_WORDS - (words % ALIGNED_WORDS)) % ALIGNED_WORDS;
    const place = { offset: this.end, padWords, rowBytes: (words + padWords) * WORD_BYTES };
    this.end += place.rowBytes * map.height;
    this.places.set(map, place);
    return place;
  }
}
