/** When window rows are entered, columns read and image rows given back: rtl/image/row_walker.v. */

export interface WindowShape {
  readonly height: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padTop: number;
  readonly outWidth: number;
  readonly outHeight: number;
}

const NO_IMAGE: WindowShape = {
  height: 0,
  kernel: 1,
  stride: 1,
  padTop: 0,
  outWidth: 0,
  outHeight: 0,
};

const IDLE = 0;
const PLACE = 1;
const REACH = 2;
const ENTER = 3;
const COLUMNS = 4;
const RELEASE = 5;

export class RowWalker {
  /** Of the image being packed. */
  private shape: WindowShape = NO_IMAGE;
  private readonly imageRows: number;
  private readonly two: boolean;
  private state = IDLE;
  private stored = 0;
  private released = 0;
  private releasable = 0;
  private y = 0;
  private reach = 0;
  private nextReached = false;
  private rowsLeft = 0;
  private columnsLeft = 0;
  private pixelsLeft = 0;

  constructor(imageRows: number, packLanes: number) {
    this.imageRows = imageRows;
    this.two = packLanes > 1;
  }

  /** The next image, before it starts. */
  place(shape: WindowShape): void {
    this.shape = shape;
  }

  get idle(): boolean {
    return this.state === IDLE;
  }
  get rowFree(): boolean {
    return this.stored !== this.imageRows;
  }
  get columnValid(): boolean {
    return this.state === COLUMNS;
  }
  /** With this column the window of a pixel is complete. */
  get complete(): boolean {
    return this.columnsLeft === 1;
  }
  /** And that pixel is the last of the image. */
  get last(): boolean {
    return this.columnsLeft === 1 && this.pixelsLeft === 1 && this.rowsLeft === 1;
  }
  /** It stands before a window row some image rows of which are missing, or has no image. */
  get lacksRows(): boolean {
    return this.state === IDLE || (this.state === ENTER && !this.reached);
  }

  private get reached(): boolean {
    return this.stored + this.released >= this.reach;
  }

  /** The clock's edge; true if something changed. */
  step(start: boolean, rowFilled: boolean, quiet: boolean, advance: boolean): boolean {
    const { two, state, y, reached } = this;
    const { kernel, stride, height, outWidth } = this.shape;
    const column = state === COLUMNS && advance;
    const pixel = column && this.columnsLeft === 1;
    const rowEnd = pixel && this.pixelsLeft === 1;
    const turn = two && rowEnd && this.nextReached && this.rowsLeft !== 1;

    const next = this.nextState(start, (two || quiet) && reached, rowEnd && !turn);
    let changed = this.keepRows(rowFilled) || column || next !== state;
    if (state === REACH || (two && state === COLUMNS)) {
      const reach = Math.min(height, y + kernel + (state === REACH ? 0 : stride));
      if (reach !== this.reach) changed = true;
      this.reach = reach;
    }
    if (reached !== this.nextReached) changed = true;
    this.nextReached = reached;

    this.state = next;

    if (state === PLACE) {
      this.y = -this.shape.padTop;
      this.rowsLeft = this.shape.outHeight;
    } else if (column) {
      this.columnsLeft = pixel ? (two ? 1 : stride) : this.columnsLeft - (two ? 2 : 1);
      if (pixel) this.pixelsLeft--;
      if (rowEnd) {
        this.y = y + stride;
        this.rowsLeft--;
      }
    }
    if (state === ENTER || turn) {
      this.columnsLeft = kernel;
      this.pixelsLeft = outWidth;
    }
    return changed;
  }

  private nextState(start: boolean, mayEnter: boolean, rowEnd: boolean): number {
    switch (this.state) {
      case IDLE:
        return start ? PLACE : IDLE;
      case PLACE:
        return REACH;
      case REACH:
        return ENTER;
      case ENTER:
        return mayEnter ? COLUMNS : ENTER;
      case COLUMNS:
        if (!rowEnd) return COLUMNS;
        return this.rowsLeft === 1 ? RELEASE : REACH;
      default:
        return this.released === this.shape.height ? IDLE : RELEASE;
    }
  }

  /** The books of the row buffer. */
  private keepRows(rowFilled: boolean): boolean {
    const { state, y } = this;
    const { height } = this.shape;
    const release = this.stored !== 0 && this.released !== this.releasable;
    let changed = rowFilled || release;
    this.stored += Number(rowFilled) - Number(release);
    if (state === PLACE) {
      this.released = 0;
      this.releasable = 0;
      return true;
    }
    if (release) this.released++;
    let releasable = this.releasable;
    if (state === RELEASE) releasable = height;
    else if ((state === REACH || state === COLUMNS) && y > 0) releasable = Math.min(y, height);
    if (releasable !== this.releasable) changed = true;
    this.releasable = releasable;
    return changed;
  }
}
