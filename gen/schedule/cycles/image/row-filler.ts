/** When image words are taken and image rows are complete: rtl/image/row_filler.v, without the pixels. */
import { WORD } from '../../../geometry/geometry.ts';

const PIXEL = 3;

export class RowFiller {
  busy = false;
  /** This cycle it takes a word if there is one. Set by `look`. */
  wordReady = false;
  /** This cycle the last slice of a row goes out. Set by `look`. */
  rowDone = false;
  private readonly sliceColumns: number;
  /** Of the image. */
  private width = 0;
  private height = 0;
  /** Bytes of a row's short last slice, 0 if all are whole. */
  private shortBytes = 0;
  private count = 0;
  private column = 0;
  private row = 0;
  private taken = false;
  private left = 0;

  constructor(packLanes: number) {
    this.sliceColumns = 2 * packLanes;
  }

  start({ width, height }: { readonly width: number; readonly height: number }): void {
    this.width = width;
    this.height = height;
    this.shortBytes = PIXEL * (width % this.sliceColumns);
    this.busy = true;
    this.column = 0;
    this.row = 0;
  }

  /** What it does in this cycle. */
  look(rowFree: boolean): void {
    const { sliceColumns, shortBytes, width, column, count } = this;
    const sliceBytes = PIXEL * sliceColumns;
    const atEnd = column + sliceColumns >= width;
    const bytes = atEnd && shortBytes > 0 ? shortBytes : sliceBytes;
    this.taken = this.busy && rowFree && count >= bytes;
    this.rowDone = this.taken && atEnd;
    const lastRow = this.row + 1 === this.height;
    this.left = !this.taken ? count : this.rowDone && lastRow ? 0 : count - bytes;
    const nextEnds = this.taken ? column + 2 * sliceColumns >= width : atEnd;
    const short = this.busy && lastRow && shortBytes > 0 && nextEnds;
    this.wordReady = this.left < (short ? shortBytes : sliceBytes);
  }

  /** The clock's edge; true if something changed. */
  step(word: boolean): boolean {
    this.count = word ? this.left + WORD : this.left;
    if (this.taken) {
      this.column = this.rowDone ? 0 : this.column + this.sliceColumns;
      if (this.rowDone && ++this.row === this.height) this.busy = false;
    }
    return word || this.taken;
  }
}
