/** Pools on bytes. */
import type { MaxPoolLayer } from '../../gen/graph/network.ts';
import { poolLength } from '../../gen/graph/shapes.ts';
import type { ByteMap } from './feature-map.ts';

/** Cells outside the map, in padding or behind the edge of a ceil-mode window, take no part. */
export function maxPool(input: ByteMap, pool: MaxPoolLayer): ByteMap {
  const { kernel, stride, padding } = pool;
  const { channels } = input;
  const height = poolLength(input.height, pool, padding.top, padding.bottom);
  const width = poolLength(input.width, pool, padding.left, padding.right);
  const values = new Uint8Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const output = (y * width + x) * channels;
      const top = y * stride - padding.top;
      const left = x * stride - padding.left;
      for (let row = Math.max(top, 0); row < Math.min(top + kernel, input.height); row++) {
        for (let column = Math.max(left, 0); column < Math.min(left + kernel, input.width); column++) {
          const pixel = (row * input.width + column) * channels;
          for (let c = 0; c < channels; c++) {
            if (input.values[pixel + c] > values[output + c]) values[output + c] = input.values[pixel + c];
          }
        }
      }
    }
  }
  return { height, width, channels, values };
}

/** The largest byte of each channel, as a map of one pixel. */
export function globalMaxPool({ channels, values }: ByteMap): ByteMap {
  const largest = new Uint8Array(channels);
  for (const [index, value] of values.entries()) {
    if (value > largest[index % channels]) largest[index % channels] = value;
  }
  return { height: 1, width: 1, channels, values: largest };
}

/** Per channel the sum of all bytes. */
export function sumBytes({ channels, values }: ByteMap): Float64Array {
  const totals = new Float64Array(channels);
  for (const [index, value] of values.entries()) totals[index % channels] += value;
  return totals;
}
