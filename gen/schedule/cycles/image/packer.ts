/** When complete windows are taken and their vectors written: rtl/image/packer.v, without the taps. */

export interface PackedShape {
  readonly vectors: number;
  readonly bufferBase: number;
  readonly bufferGroups: number;
}

export class Packer {
  /** This cycle it takes a window. Set by `look`. */
  ready = false;
  /** Groups packed, of all images. */
  packed = 0;
  /** Vectors written, of all images. */
  written = 0;
  private readonly pixelLanes: number;
  /** Of the image being packed. */
  private shape: PackedShape | undefined;
  private writing = false;
  private begun = 0;
  private used = 0;
  private room = false;
  private pixelLane = 0;
  /** Of each packing lane the vectors left, and whether they are the last ones of a group. */
  private readonly left: number[];
  private readonly endsGroup: boolean[];
  private turn = 0;
  private lanesBusy = 0;

  constructor(pixelLanes: number, packLanes: number) {
    this.pixelLanes = pixelLanes;
    this.left = new Array(packLanes).fill(0);
    this.endsGroup = new Array(packLanes).fill(false);
  }

  get idle(): boolean {
    return this.lanesBusy === 0;
  }

  /** Whether an image may follow: in the same buffer, or when that is empty. */
  mayStart({ bufferBase, bufferGroups }: PackedShape): boolean {
    const { shape } = this;
    return this.used === 0 || (shape?.bufferBase === bufferBase && shape.bufferGroups === bufferGroups);
  }

  /** The image begins. */
  place(shape: PackedShape): void {
    this.shape = shape;
  }

  /** What it does in this cycle. */
  look(writeBusy: boolean): void {
    this.writing = !writeBusy;
    const left = this.left[this.turn];
    this.ready = (left === 0 || (left === 1 && this.writing)) && this.room;
  }

  /** The clock's edge; true if something changed. */
  step(take: boolean, last: boolean, freed: number): boolean {
    const { left } = this;
    let changed = take;
    if (this.writing && this.lanesBusy > 0) {
      changed = true;
      for (let lane = 0; lane < left.length; lane++) {
        if (left[lane] === 0) continue;
        this.written++;
        if (--left[lane] > 0) continue;
        this.lanesBusy--;
        if (this.endsGroup[lane]) this.packed++;
      }
    }
    let groupEnd = 0;
    if (take) {
      groupEnd = last || this.pixelLane === this.pixelLanes - 1 ? 1 : 0;
      this.pixelLane = groupEnd ? 0 : this.pixelLane + 1;
      left[this.turn] = this.shape!.vectors;
      this.lanesBusy++;
      this.endsGroup[this.turn] = groupEnd === 1;
      this.turn = this.turn + 1 === left.length ? 0 : this.turn + 1;
    }
    const room = this.used + groupEnd < (this.shape?.bufferGroups ?? 0);
    const used = this.begun - freed + groupEnd;
    if (used !== this.used || room !== this.room) changed = true;
    this.used = used;
    this.room = room;
    this.begun += groupEnd;
    return changed;
  }
}
