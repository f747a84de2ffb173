/** The max-pool on uint8: square windows of 3 or 2 with stride 2, pixels in flattened order, one state a pass. */
import type { StageDescriptor } from './tape.ts';

/** Windows that a pixel coordinate belongs to: first to last, both included. */
function windows(at: number, kernel: number, count: number): [first: number, last: number] {
  return [Math.max(0, Math.ceil((at - kernel + 1) / 2)), Math.min(count - 1, Math.floor(at / 2))];
}

export class MaxPool {
  private readonly descriptor: StageDescriptor;
  private readonly channels: number;
  /** Running maxima of the two rows of windows that can be open at once, 2 × pooled width × channels. */
  private readonly running: Uint8Array;
  private x = 0;
  private y = 0;

  constructor(descriptor: StageDescriptor, channels: number) {
    this.descriptor = descriptor;
    this.channels = channels;
    this.running = new Uint8Array(2 * descriptor.pooledWidth * channels);
  }

  /** Takes the next pixel, `values[at…]`; returns the pooled pixel that it completes, valid until the next call. */
  push(values: Uint8Array, at: number): Uint8Array | undefined {
    const { poolKernel, pooledWidth, pooledHeight, width } = this.descriptor;
    const [firstRow, lastRow] = windows(this.y, poolKernel, pooledHeight);
    const [firstColumn, lastColumn] = windows(this.x, poolKernel, pooledWidth);
    let complete: Uint8Array | undefined;
    for (let row = firstRow; row <= lastRow; row++) {
      for (let column = firstColumn; column <= lastColumn; column++) {
        const maxima = this.maxima(row, column);
        // A window's first pixel begins it: the memory's old values take no part.
        if (this.x === 2 * column && this.y === 2 * row) maxima.fill(0);
        for (let c = 0; c < this.channels; c++) maxima[c] = Math.max(maxima[c], values[at + c]);
        if (this.completes(row, column)) complete = maxima;
      }
    }
    this.x++;
    if (this.x === width) {
      this.x = 0;
      this.y++;
    }
    return complete;
  }

  private maxima(row: number, column: number): Uint8Array {
    const at = ((row % 2) * this.descriptor.pooledWidth + column) * this.channels;
    return this.running.subarray(at, at + this.channels);
  }

  /** Whether this pixel is the window's last: a partial last column or row ends one pixel early. */
  private completes(row: number, column: number): boolean {
    const { poolKernel, pooledWidth, pooledHeight, partialColumn, partialRow } = this.descriptor;
    const shorter = (partial: boolean, index: number, count: number) =>
      partial && index === count - 1 ? 1 : 0;
    const lastX = 2 * column + poolKernel - 1 - shorter(partialColumn, column, pooledWidth);
    const lastY = 2 * row + poolKernel - 1 - shorter(partialRow, row, pooledHeight);
    return this.x === lastX && this.y === lastY;
  }
}
