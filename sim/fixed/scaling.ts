/** From sums to bytes and logits: requantizing, addition, global average pool. */
import type { IntegerConvolution } from '../../gen/quantize/integer-network.ts';
import { requantize } from '../../gen/quantize/numerics.ts';
import type { SumMap } from './convolution.ts';
import type { ByteMap } from './feature-map.ts';

type Scaling = Pick<IntegerConvolution, 'm' | 's'>;

/** Each sum as a byte. */
export function requantizeMap({ height, width, channels, values }: SumMap, { m, s }: Scaling): ByteMap {
  const bytes = new Uint8Array(values.length);
  for (let pixel = 0; pixel < bytes.length; pixel += channels) {
    for (let c = 0; c < channels; c++) bytes[pixel + c] = requantize(values[pixel + c], m[c], s[c]);
  }
  return { height, width, channels, values: bytes };
}

/** The two terms of an addition, each times its channel's weight, requantized. */
export function addTerms(own: ByteMap, added: ByteMap, { weight, bias, m, s }: IntegerConvolution): ByteMap {
  const { height, width, channels } = own;
  const values = own.values.map((byte, i) => {
    const c = i % channels;
    const row = 2 * channels * c;
    const sum = byte * weight[row + c] + added.values[i] * weight[row + channels + c] + bias[c];
    return requantize(sum, m[c], s[c]);
  });
  return { height, width, channels, values };
}

/** Per channel the sum over all pixels of acc + bias, negative ones as 0 with `relu`. */
export function sumPixels({ channels, values }: SumMap, relu: boolean): Float64Array {
  const totals = new Float64Array(channels);
  for (let pixel = 0; pixel < values.length; pixel += channels) {
    for (let c = 0; c < channels; c++) {
      const sum = values[pixel + c];
      totals[c] += relu ? Math.max(sum, 0) : sum;
    }
  }
  return totals;
}

/** (total * m + 2^(s-1)) >> s per class. The product may leave the integers of a double: BigInt. */
export function scaleTotals(totals: Float64Array, { m, s }: Scaling): Int32Array {
  return Int32Array.from(totals, (total, c) => {
    const half = 1n << BigInt(s[c] - 1);
    return Number((BigInt(total) * BigInt(m[c]) + half) >> BigInt(s[c]));
  });
}
