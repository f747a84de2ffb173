/**
 * The image's packer: for each output pixel of the first convolution, its taps in the order ky, kx, channel,
 * packed to whole vectors (stride and padding are absorbed here), into a circular buffer of the feature memory.
 */
import { tapeImageSize } from '../../gen/diagnostics/tape.ts';
import type { Geometry } from '../../gen/geometry/geometry.ts';
import { WORD_BYTES } from '../../gen/tape/format.ts';
import { IMAGE_CHANNELS } from './check-header.ts';
import type { FeatureMemory } from './memory.ts';
import type { TapeHeader } from './tape.ts';

export class Packer {
  private readonly header: TapeHeader;
  private readonly lanes: number;
  private readonly image: Uint8Array;
  private readonly memory: FeatureMemory;
  private readonly taps: Uint8Array;
  /** Groups of the whole map, and of them completely written. */
  private readonly total: number;
  packed = 0;

  /** `image` is height × width × 3, raw RGB; another size is refused with FF611. */
  constructor(header: TapeHeader, geometry: Geometry, image: Uint8Array, memory: FeatureMemory) {
    if (image.length !== header.imageBytes) throw tapeImageSize(header.imageBytes, image.length);
    this.header = header;
    this.lanes = geometry.pixelLanes;
    this.image = image;
    this.memory = memory;
    this.taps = new Uint8Array(header.vectors * WORD_BYTES);
    this.total = Math.ceil((header.outWidth * header.outHeight) / this.lanes);
  }

  /** Packs as far ahead as the buffer allows when the groups below `freed` are no longer needed. */
  advance(freed: number): void {
    const end = Math.min(freed + this.header.packGroups, this.total);
    for (; this.packed < end; this.packed++) this.packGroup(this.packed);
  }

  private packGroup(group: number): void {
    const { outWidth, outHeight, vectors, packBase, packGroups } = this.header;
    for (let lane = 0; lane < this.lanes; lane++) {
      const pixel = group * this.lanes + lane;
      if (pixel >= outWidth * outHeight) return;
      this.gatherTaps(pixel % outWidth, Math.floor(pixel / outWidth));
      for (let vector = 0; vector < vectors; vector++) {
        const word = packBase + vector * packGroups + (group % packGroups);
        const from = vector * WORD_BYTES;
        this.memory.write(lane, word, 0, this.taps.subarray(from, from + WORD_BYTES));
      }
    }
  }

  private gatherTaps(outX: number, outY: number): void {
    const { kernel, stride, padTop, padLeft, imageWidth, imageHeight } = this.header;
    const padding = [this.header.padRed, this.header.padGreen, this.header.padBlue];
    let at = 0;
    for (let ky = 0; ky < kernel; ky++) {
      const y = outY * stride - padTop + ky;
      for (let kx = 0; kx < kernel; kx++) {
        const x = outX * stride - padLeft + kx;
        const inside = x >= 0 && x < imageWidth && y >= 0 && y < imageHeight;
        const pixel = (y * imageWidth + x) * IMAGE_CHANNELS;
        for (let channel = 0; channel < IMAGE_CHANNELS; channel++) {
          this.taps[at++] = inside ? this.image[pixel + channel] : padding[channel];
        }
      }
    }
  }
}
