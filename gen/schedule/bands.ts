/** Cuts a stage whose maps do not fit the chip into bands of rows, each a stage of its own on a part of its map. */
import type { FusedStage } from './fuse.ts';
import type { MapPart, PoolShape } from './nest.ts';

export interface Band {
  /** The stage on these rows of its sources alone. */
  readonly stage: FusedStage;
  /** Rows of the sources that it reads. */
  readonly firstRow: number;
  readonly rows: number;
  /** Which rows of what it writes are right: at its edges taps are missing. */
  readonly part: MapPart;
}

/** Rows of the map that a stage writes. */
export function writtenRows({ pool, height }: FusedStage): number {
  return pool ? pool.height : height;
}

/** The whole stage. */
function wholeStage(stage: FusedStage): Band {
  const rows = writtenRows(stage);
  return { stage, firstRow: 0, rows: stage.height, part: { skip: 0, first: 0, rows, height: rows } };
}

/** `count` bands of as even a height as possible, at most one a written row; one is the whole stage. */
export function cutBands(stage: FusedStage, count: number): Band[] {
  if (count === 1) return [wholeStage(stage)];
  const height = writtenRows(stage);
  const step = Math.ceil(height / count);
  const bands: Band[] = [];
  for (let first = 0; first < height; first += step) {
    bands.push(bandOf(stage, first, Math.min(first + step, height)));
  }
  return bands;
}

/** The band that writes the rows `first` … `end - 1`. */
function bandOf(stage: FusedStage, first: number, end: number): Band {
  const { pool, height, slices } = stage;
  const halo = slices.some(({ conv }) => conv.kernel === 3) ? 1 : 0;
  const stride = pool ? 2 : 1;
  // Windows of a pool begin at even rows, so a pooled band begins with a whole window too many.
  const firstRow = Math.max(0, stride * (first - halo));
  const reach = pool ? 2 * (end - 1) + pool.kernel : end;
  const lastRow = Math.min(height, reach + halo);
  const rows = lastRow - firstRow;
  const skip = first - firstRow / stride;
  const isLast = end === writtenRows(stage);
  return {
    stage: {
      ...stage,
      name: `${stage.name}, rows ${first}-${end - 1}`,
      height: rows,
      border: isLast ? stage.border : 0,
      ...(pool && { pool: croppedPool(pool, firstRow, rows, lastRow === height) }),
    },
    firstRow,
    rows,
    part: { skip, first, rows: end - first, height: writtenRows(stage) },
  };
}

function croppedPool(pool: PoolShape, firstRow: number, rows: number, atEnd: boolean): PoolShape {
  return atEnd
    ? { ...pool, height: pool.height - firstRow / 2 }
    : { ...pool, height: Math.floor((rows - pool.kernel) / 2) + 1, partialRow: false };
}
