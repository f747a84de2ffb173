/** When each group of packed conv1 pixels is in the feature memory: image rows, window, buffer space. */
import { type Geometry, WORD } from '../../geometry/geometry.ts';
import type { Timing } from './timing.ts';

export interface PackedImage {
  readonly width: number;
  readonly height: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padTop: number;
  readonly outWidth: number;
  readonly outHeight: number;
  readonly vectors: number;
}

/** Cycles between two rows of output pixels: the window fills anew. */
const ROW_TURN = 2;

/**
 * Packs one image after the other. `groupTime(n)` is the cycle from which group n (counted over all images)
 * is visible as packed; `freed` must have been told for the groups a buffer length before.
 */
export class Packer {
  private readonly geometry: Geometry;
  private readonly timing: Timing;
  private readonly image: PackedImage;
  private readonly bufferGroups: number;
  private readonly imageStarts: number[] = [];
  private readonly groupTimes: number[] = [];
  private readonly frees: { upTo: number; time: number }[] = [];
  private freeIndex = 0;
  private time = 0;
  private rowTimes: number[] = [];
  private rowFrees: number[] = [];
  private fillTime = 0;
  private imageIndex = -1;
  private row = 0;
  private column = 0;

  constructor(geometry: Geometry, timing: Timing, image: PackedImage, bufferGroups: number) {
    this.geometry = geometry;
    this.timing = timing;
    this.image = image;
    this.bufferGroups = bufferGroups;
  }

  /** The first bytes of the next image arrive from this cycle on. */
  startImage(time: number): void {
    this.imageStarts.push(time);
  }

  free(upTo: number, time: number): void {
    this.frees.push({ upTo, time });
  }

  groupTime(n: number): number {
    while (this.groupTimes.length <= n) this.packGroup();
    return this.groupTimes[n];
  }

  private packGroup(): void {
    const { outWidth, outHeight, stride, vectors } = this.image;
    if (this.imageIndex < 0 || this.row === outHeight) {
      this.imageIndex++;
      this.row = 0;
      this.column = 0;
      this.rowTimes = [];
      this.rowFrees = [];
      this.fillTime = Math.max(this.fillTime, this.imageStarts[this.imageIndex]);
    }
    const perPixel = Math.max(stride, vectors);
    const n = this.groupTimes.length;
    if (n >= this.bufferGroups) this.time = Math.max(this.time, this.freeTime(n - this.bufferGroups + 1));
    for (let lane = 0; lane < this.geometry.pixelLanes && this.row < outHeight; lane++) {
      if (this.column === 0) this.startRow();
      this.time += perPixel;
      if (++this.column === outWidth) this.endRow();
    }
    this.groupTimes.push(this.time + this.timing.packedVisible);
  }

  private startRow(): void {
    const { kernel, stride, padTop, height } = this.image;
    const last = Math.min(height - 1, this.row * stride - padTop + kernel - 1);
    this.time = Math.max(this.time, this.rowTime(last)) + ROW_TURN + Math.max(0, kernel - stride);
  }

  private endRow(): void {
    this.row++;
    this.column = 0;
    const { stride, padTop, height, outHeight } = this.image;
    const upTo = this.row === outHeight ? height : Math.min(height, this.row * stride - padTop);
    while (this.rowFrees.length < upTo) this.rowFrees.push(this.time);
  }

  /** One pixel a cycle goes into the row memories, or what the port brings. */
  private rowTime(row: number): number {
    const portPixels = Math.min(1, this.geometry.portBits / 8 / 3);
    while (this.rowTimes.length <= row) {
      const r = this.rowTimes.length;
      const space = this.rowFrees[r - this.geometry.imageRows] ?? 0;
      this.fillTime = Math.max(this.fillTime, space) + Math.ceil(this.image.width / portPixels);
      this.rowTimes.push(this.fillTime);
    }
    return this.rowTimes[row];
  }

  private freeTime(upTo: number): number {
    while (this.freeIndex < this.frees.length && this.frees[this.freeIndex].upTo < upTo) this.freeIndex++;
    return (this.frees[this.freeIndex]?.time ?? Number.POSITIVE_INFINITY) + 1;
  }
}

/** 16-byte words of an image. */
export function imageWords(width: number, height: number): number {
  return Math.ceil((width * height * 3) / WORD);
}
