import type { Geometry } from '../../geometry/geometry.ts';
import { type Register, Unit } from './clock.ts';
export interface ImageShape {
  width: number;
  height: number;
  kernel: number;
  stride: number;
  padTop: number;
  padLeft: number;
  outWidth: number;
  outHeight: number;
  vectors: number;
  bufferGroups: number;
}
export interface ImageInputs {
  geometry: Pick<Geometry, 'pixelLanes' | 'imageRows'>;
  shape: ImageShape;
  words: { available(c: number): boolean; take(c: number): void };
  writeBusy(c: number): boolean;
  freed: Register;
  packed: Register;
}
const IDLE = 0,
  PLACE = 1,
  REACH = 2,
  ENTER = 3,
  COLUMNS = 4,
  RELEASE = 5;
export class ImageUnit extends Unit {
  i: ImageInputs;
  busy = false;
  count = 0;
  row = 0;
  pair = 0;
  waiting = false;
  state = IDLE;
  stored = 0;
  released = 0;
  releasable = 0;
  y = 0;
  reach = 0;
  rowsLeft = 0;
  columnsLeft = 0;
  pixelsLeft = 0;
  readValid = false;
  readComplete = false;
  readLast = false;
  colValid = false;
  colComplete = false;
  colLast = false;
  winValid = false;
  winLast = false;
  left = 0;
  lane = 0;
  used = 0;
  begun = 0;
  endsGroup = false;
  packedCount = 0;
  startAt = -1;
  constructor(i: ImageInputs) {
    super();
    this.i = i;
  }
  configReady(_c: number) {
    return !this.busy && !this.waiting;
  }
  start(c: number) {
    this.startAt = c;
    this.wake(c);
  }
  act(t: number) {
    const { shape: s, geometry: g } = this.i;
    const cfg = this.startAt === t;
    const before = [
      this.busy,
      this.count,
      this.row,
      this.pair,
      this.waiting,
      this.state,
      this.stored,
      this.released,
      this.releasable,
      this.reach,
      this.columnsLeft,
      this.pixelsLeft,
      this.readValid,
      this.colValid,
      this.winValid,
      this.left,
      this.used,
    ];
    // packer
    const write = this.left > 0 && !this.i.writeBusy(t);
    const blocked = this.left > 0 && !write;
    const lastWrite = write && this.left === 1;
    const tapsReady = (this.left === 0 || lastWrite) && this.used < s.bufferGroups;
    const advance = !this.winValid || tapsReady;
    const take = this.winValid && tapsReady;
    const groupEnd = take && (this.lane === g.pixelLanes - 1 || this.winLast);
    const quiet = !this.readValid;
    const walkerIdle = this.state === IDLE,
      packerIdle = this.left === 0,
      windowIdle = quiet && !this.colValid && !this.winValid;
    const pack = this.waiting && walkerIdle && windowIdle && packerIdle;
    // walker
    const reached = this.stored + this.released >= this.reach;
    const enter = this.state === ENTER && quiet && reached;
    const column = this.state === COLUMNS && advance;
    const pixel = column && this.columnsLeft === 1;
    const rowEnd = pixel && this.pixelsLeft === 1;
    const complete = this.columnsLeft === 1,
      last = complete && this.pixelsLeft === 1 && this.rowsLeft === 1;
    const releaseRow = this.stored !== 0 && this.released !== this.releasable;
    // filler
    const rowFree = this.stored !== g.imageRows;
    const pairColumns = 2 * this.pair + 2,
      fRowEnd = pairColumns >= s.width,
      single = fRowEnd && s.width % 2 === 1;
    const fTake = this.busy && rowFree && (this.count >= 6 || (single && this.count >= 3));
    const lastRow = this.row + 1 === s.height;
    const imageEnd = fTake && fRowEnd && lastRow;
    const kept = imageEnd ? 0 : !fTake ? this.count : single ? this.count - 3 : this.count - 6;
    const nextEnds = this.busy && lastRow && s.width % 2 === 1 && pairColumns + (fTake ? 2 : 0) >= s.width;
    const wordReady = kept < (nextEnds ? 3 : 6);
    const refill = wordReady && this.i.words.available(t);
    if (refill) this.i.words.take(t);
    const rowDone = fTake && fRowEnd;
    // ---- next
    if (lastWrite && this.endsGroup) {
      this.packedCount++;
      this.i.packed.set(this.packedCount, t + 1);
    }
    const usedNext = this.begun - this.i.freed.at(t) + (groupEnd ? 1 : 0);
    if (groupEnd) this.begun++;
    this.used = usedNext;
    if (take) {
      this.left = s.vectors;
      this.endsGroup = groupEnd;
      this.lane = groupEnd ? 0 : this.lane + 1;
    } else if (write) this.left--;
    if (advance) {
      this.winLast = this.colLast;
      this.winValid = this.colValid && this.colComplete;
      this.colValid = this.readValid;
      this.colComplete = this.readComplete;
      this.colLast = this.readLast;
      this.readValid = this.state === COLUMNS;
      this.readComplete = complete;
      this.readLast = last;
    }
    this.count = refill ? kept + 16 : kept;
    if (cfg) {
      this.busy = true;
      this.pair = 0;
      this.row = 0;
    } else if (fTake) {
      this.pair = fRowEnd ? 0 : this.pair + 1;
      if (fRowEnd) this.row++;
      this.busy = !imageEnd;
    }
    if (cfg) this.waiting = true;
    else if (pack) this.waiting = false;
    const st = this.state,
      wasY = this.y,
      bottom = this.y + s.kernel;
    switch (st) {
      case IDLE:
        if (pack) this.state = PLACE;
        break;
      case PLACE:
        this.state = REACH;
        break;
      case REACH:
        this.state = ENTER;
        break;
      case ENTER:
        if (enter) this.state = COLUMNS;
        break;
      case COLUMNS:
        if (rowEnd) this.state = this.rowsLeft === 1 ? RELEASE : REACH;
        break;
      default:
        if (this.released === s.height) this.state = IDLE;
    }
    switch (st) {
      case PLACE:
        this.y = -s.padTop;
        this.rowsLeft = s.outHeight;
        break;
      case REACH:
        this.reach = Math.min(bottom, s.height);
        break;
      case ENTER:
        this.columnsLeft = s.kernel;
        this.pixelsLeft = s.outWidth;
        break;
      default:
        if (column) {
          this.columnsLeft = pixel ? s.stride : this.columnsLeft - 1;
          if (pixel) this.pixelsLeft--;
          if (rowEnd) {
            this.y += s.stride;
            this.rowsLeft--;
          }
        }
    }
    if (rowDone !== releaseRow) this.stored += rowDone ? 1 : -1;
    if (st === PLACE) {
      this.released = 0;
      this.releasable = 0;
    } else {
      if (releaseRow) this.released++;
      if (st === RELEASE) this.releasable = s.height;
      else if (st === REACH && wasY > 0) this.releasable = Math.min(wasY, s.height);
    }
    const after = [
      this.busy,
      this.count,
      this.row,
      this.pair,
      this.waiting,
      this.state,
      this.stored,
      this.released,
      this.releasable,
      this.reach,
      this.columnsLeft,
      this.pixelsLeft,
      this.readValid,
      this.colValid,
      this.winValid,
      this.left,
      this.used,
    ];
    if (blocked || before.some((b, k) => b !== after[k]) || rowDone) this.wake(t + 1);
  }
}
