/** The sums of a convolution, plainly: for every output pixel, every tap, every input channel. */
import type { IntegerConvolution } from '../../gen/quantize/integer-network.ts';
import { ACCUMULATOR_MAX, ACCUMULATOR_MIN } from '../../gen/quantize/numerics.ts';
import type { ByteMap } from './feature-map.ts';

/** acc + bias of a whole output map, pixel-major, channels last. */
export interface SumMap {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly values: Int32Array;
}

const outputLength = (length: number, before: number, after: number, kernel: number, stride: number) =>
  Math.floor((length + before + after - kernel) / stride) + 1;

/**
 * A tap outside the map reads the pad value of its channel, like one more pixel.
 *
 * @throws Error if a sum does not fit the accumulator, which the quantizer proved impossible.
 */
export function convolve(input: ByteMap, conv: IntegerConvolution): SumMap {
  const { kernel, stride, padding, outChannels } = conv;
  const height = outputLength(input.height, padding.top, padding.bottom, kernel, stride);
  const width = outputLength(input.width, padding.left, padding.right, kernel, stride);
  const values = new Int32Array(height * width * outChannels);
  const weights = weightsByTap(conv);
  const outside = Uint8Array.from(conv.padValue);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const start = (y * width + x) * outChannels;
      const sums = values.subarray(start, start + outChannels);
      sums.set(conv.bias);
      for (let tap = 0; tap < kernel * kernel; tap++) {
        const row = y * stride + Math.floor(tap / kernel) - padding.top;
        const column = x * stride + (tap % kernel) - padding.left;
        const inside = row >= 0 && row < input.height && column >= 0 && column < input.width;
        const pixel = inside ? (row * input.width + column) * input.channels : 0;
        accumulate(sums, inside ? input.values : outside, pixel, weights[tap]);
      }
    }
  }
  checkSums(values, conv);
  return { height, width, channels: outChannels, values };
}

/** Adds one pixel's products: input channel i times its weight for each output channel. */
function accumulate(
  sums: Int32Array,
  source: Uint8Array,
  pixel: number,
  weights: readonly Int32Array[],
): void {
  for (let i = 0; i < weights.length; i++) {
    const activation = source[pixel + i];
    if (activation === 0) continue;
    const row = weights[i];
    for (let o = 0; o < sums.length; o++) sums[o] += activation * row[o];
  }
}

/** The weights as the loops meet them: per tap and input channel, a row over the output channels. */
function weightsByTap({ inChannels, outChannels, kernel, weight }: IntegerConvolution): Int32Array[][] {
  const taps = kernel * kernel;
  return Array.from({ length: taps }, (_, tap) =>
    Array.from({ length: inChannels }, (_, i) =>
      Int32Array.from({ length: outChannels }, (_, o) => weight[(o * inChannels + i) * taps + tap]),
    ),
  );
}

function checkSums(values: Int32Array, { name, outChannels }: IntegerConvolution): void {
  const bad = values.findIndex((sum) => sum < ACCUMULATOR_MIN || sum > ACCUMULATOR_MAX);
  if (bad < 0) return;
  throw new Error(
    `internal error: ${name}: channel ${bad % outChannels}: sum ${values[bad]} does not fit the accumulator`,
  );
}
