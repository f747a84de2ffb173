import { centreCrop } from './crop.ts';
import { decode } from './decode.ts';
import { grayPixels } from './gray.ts';
import { resizeBilinear } from './resize.ts';

/** The network's input size, and the square to which the whole photograph is resized before the crop. */
export interface ImageFit {
  readonly resize: number;
  readonly height: number;
  readonly width: number;
  /** Whether the network was trained on gray images: the three channels are then alike. */
  readonly gray?: boolean;
}

/**
 * A photograph as the very bytes at IMAGE_ADDR, the same for every witness: height × width × 3, uint8, RGB.
 *
 * @throws FireforgeError FF201 to FF203 for the file, FF206 if `resize` is smaller than the input.
 */
export async function prepareImage(file: string, fit: ImageFit): Promise<Uint8Array> {
  const { resize, height, width, gray = false } = fit;
  const decoded = await decode(file);
  const image = gray ? { ...decoded, data: grayPixels(decoded.data) } : decoded;
  return centreCrop(resizeBilinear(image, resize, resize), width, height).data;
}
