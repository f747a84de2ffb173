/**
 * Pillow's BILINEAR resize, to the bit (src/libImaging/Resample.c): a triangle filter whose support grows
 * with the reduction, coefficients in fixed point, rows first and then columns, 8 bits after each pass. A
 * pass that would keep its size is skipped. Rows come first always, as in Pillow 11; Pillow 13 takes the
 * order of less work, columns first for some tall images.
 */
import { RGB_CHANNELS, type RgbImage } from './rgb-image.ts';

/** Fraction bits of a coefficient: 32 less 8 for the sample and 2 for sign and overshoot. */
const PRECISION_BITS = 32 - 8 - 2;

/** The taps of one output sample: `weights` at PRECISION_BITS, for inputs `first` and on. */
interface Taps {
  readonly first: number;
  readonly weights: Int32Array;
}

/** Resizes the whole image to width × height. */
export function resizeBilinear(image: RgbImage, width: number, height: number): RgbImage {
  const rows = image.width === width ? image : resizeRows(image, width);
  return image.height === height ? rows : resizeColumns(rows, height);
}

function filterTaps(inputLength: number, outputLength: number): Taps[] {
  const scale = inputLength / outputLength;
  const support = Math.max(scale, 1);
  return Array.from({ length: outputLength }, (_, index) => {
    const center = (index + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const end = Math.min(inputLength, Math.trunc(center + support + 0.5));
    // Multiplied by the inverse, not divided: the last bit of a double decides some roundings.
    const inverse = 1 / support;
    const triangle = Array.from({ length: end - first }, (_, tap) =>
      Math.max(0, 1 - Math.abs((tap + first - center + 0.5) * inverse)),
    );
    const sum = triangle.reduce((total, weight) => total + weight, 0);
    const weights = triangle.map((weight) => Math.trunc(0.5 + (weight / sum) * 2 ** PRECISION_BITS));
    return { first, weights: Int32Array.from(weights) };
  });
}

function resizeRows({ width: inputWidth, height, data }: RgbImage, width: number): RgbImage {
  const output = new Uint8Array(height * width * RGB_CHANNELS);
  const taps = filterTaps(inputWidth, width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const source = (y * inputWidth + taps[x]!.first) * RGB_CHANNELS;
      weighPixel(data, source, RGB_CHANNELS, taps[x]!.weights, output, (y * width + x) * RGB_CHANNELS);
    }
  }
  return { width, height, data: output };
}

function resizeColumns({ width, height: inputHeight, data }: RgbImage, height: number): RgbImage {
  const output = new Uint8Array(height * width * RGB_CHANNELS);
  const taps = filterTaps(inputHeight, height);
  const rowStride = width * RGB_CHANNELS;
  for (let y = 0; y < height; y++) {
    const { first, weights } = taps[y]!;
    for (let x = 0; x < width; x++) {
      const column = x * RGB_CHANNELS;
      weighPixel(data, first * rowStride + column, rowStride, weights, output, y * rowStride + column);
    }
  }
  return { width, height, data: output };
}

/** One output pixel: the weighted sum of input pixels `stride` bytes apart, rounded to 8 bits. */
function weighPixel(
  data: Uint8Array,
  source: number,
  stride: number,
  weights: Int32Array,
  output: Uint8Array,
  target: number,
): void {
  for (let channel = 0; channel < RGB_CHANNELS; channel++) {
    let sum = 1 << (PRECISION_BITS - 1);
    let position = source + channel;
    for (let tap = 0; tap < weights.length; tap++) {
      sum += data[position]! * weights[tap]!;
      position += stride;
    }
    output[target + channel] = Math.min(sum >> PRECISION_BITS, 255);
  }
}
