/** From sums to bytes and logits: requantizing, bypass addition, global average pool. */
import type { IntegerConvolution } from '../../gen/quantize/integer-network.ts';
import { ACTIVATION_MAX, requantize, scaleRounded } from '../../gen/quantize/numerics.ts';
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

/** A term of a bypass addition: signed, not yet clamped; pixel-major, channels last. */
export type Term = Float64Array;

/** Each sum scaled to output steps, signed. */
export function scaleSums({ channels, values }: SumMap, { m, s }: Scaling): Term {
  return Float64Array.from(values, (sum, i) => scaleRounded(sum, m[i % channels], s[i % channels]));
}

/** Each byte scaled to output steps by the one pair of a simple bypass. */
export function scaleBytes({ values }: ByteMap, { m, s }: { m: number; s: number }): Term {
  return Float64Array.from(values, (byte) => scaleRounded(byte, m, s));
}

/** The concatenated terms of the two expands plus those of the bypass, clamped to bytes. */
export function addBypass(
  [first, second]: readonly { readonly channels: number; readonly term: Term }[],
  bypass: Term,
  { height, width }: { height: number; width: number },
): ByteMap {
  const channels = first.channels + second.channels;
  const values = Uint8Array.from(bypass, (added, i) => {
    const pixel = Math.floor(i / channels);
    const c = i % channels;
    const own =
      c < first.channels
        ? first.term[pixel * first.channels + c]
        : second.term[pixel * second.channels + c - first.channels];
    return Math.max(0, Math.min(own + added, ACTIVATION_MAX));
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
