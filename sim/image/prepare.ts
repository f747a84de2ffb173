import { centreCrop } from './crop.ts';
import { decode } from './decode.ts';
import { resizeBilinear } from './resize.ts';

/** The network's input size, and the square to which the whole photograph is resized before the crop. */
export interface ImageFit {
  readonly resize: number;
  readonly height: number;
  readonly width: number;
}

/**
 * A photograph as the very bytes at IMAGE_ADDR, the same for every witness: height × width × 3, uint8, RGB.
 *
 * @throws FireforgeError FF201 to FF203 for the file, FF206 if `resize` is smaller than the input.
 */
export async function prepareImage(file: string, { resize, height, width }: ImageFit): Promise<Uint8Array> {
  return centreCrop(resizeBilinear(await decode(file), resize, resize), width, height).data;
}
