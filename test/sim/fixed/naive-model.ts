/** The contract once more, value by value in BigInt and formula by formula: slow, for tests of small networks. */
import type { MaxPoolLayer } from '../../../gen/graph/network.ts';
import type { IntegerConvolution, IntegerNetwork } from '../../../gen/quantize/integer-network.ts';

/** A value for every channel, row and column. */
interface Tensor {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  at(c: number, y: number, x: number): bigint;
}

function tensor(channels: number, height: number, width: number, value: Tensor['at']): Tensor {
  const values = new Map<number, bigint>();
  const key = (c: number, y: number, x: number) => (c * height + y) * width + x;
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) values.set(key(c, y, x), value(c, y, x));
  }
  return { channels, height, width, at: (c, y, x) => values.get(key(c, y, x))! };
}

const inside = (map: Tensor, y: number, x: number) => y >= 0 && x >= 0 && y < map.height && x < map.width;
const clamp = (value: bigint) => (value < 0n ? 0n : value > 255n ? 255n : value);
const scale = (value: bigint, m: number, s: number) => (value * BigInt(m) + 2n ** BigInt(s - 1)) >> BigInt(s);

function sums(input: Tensor, conv: IntegerConvolution): Tensor {
  const { kernel, stride, padding, inChannels } = conv;
  const height = Math.floor((input.height + padding.top + padding.bottom - kernel) / stride) + 1;
  const width = Math.floor((input.width + padding.left + padding.right - kernel) / stride) + 1;
  return tensor(conv.outChannels, height, width, (o, y, x) => {
    let sum = BigInt(conv.bias[o]);
    for (let i = 0; i < inChannels; i++) {
      for (let ky = 0; ky < kernel; ky++) {
        for (let kx = 0; kx < kernel; kx++) {
          const [row, column] = [y * stride + ky - padding.top, x * stride + kx - padding.left];
          const value = inside(input, row, column) ? input.at(i, row, column) : BigInt(conv.padValue[i]);
          sum += value * BigInt(conv.weight[((o * inChannels + i) * kernel + ky) * kernel + kx]);
        }
      }
    }
    return sum;
  });
}

const mapped = (map: Tensor, change: (value: bigint, c: number, y: number, x: number) => bigint) =>
  tensor(map.channels, map.height, map.width, (c, y, x) => change(map.at(c, y, x), c, y, x));

const scaled = (input: Tensor, conv: IntegerConvolution) =>
  mapped(sums(input, conv), (sum, c) => scale(sum, conv.m[c], conv.s[c]));

const concatenated = (a: Tensor, b: Tensor) =>
  tensor(a.channels + b.channels, a.height, a.width, (c, y, x) =>
    c < a.channels ? a.at(c, y, x) : b.at(c - a.channels, y, x),
  );

function pooled(input: Tensor, { kernel, stride, padding, ceil }: MaxPoolLayer): Tensor {
  const length = (size: number, before: number, after: number) => {
    const steps = (size + before + after - kernel) / stride;
    const outputs = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
    return ceil && (outputs - 1) * stride >= size + before ? outputs - 1 : outputs;
  };
  const height = length(input.height, padding.top, padding.bottom);
  const width = length(input.width, padding.left, padding.right);
  return tensor(input.channels, height, width, (c, y, x) => {
    let largest = 0n;
    for (let row = y * stride - padding.top; row < y * stride - padding.top + kernel; row++) {
      for (let column = x * stride - padding.left; column < x * stride - padding.left + kernel; column++) {
        if (inside(input, row, column) && input.at(c, row, column) > largest)
          largest = input.at(c, row, column);
      }
    }
    return largest;
  });
}

function channels(map: Tensor, first: number, end: number): number[] {
  const values: number[] = [];
  for (let y = 0; y < map.height; y++) {
    for (let x = 0; x < map.width; x++) {
      for (let c = first; c < end; c++) values.push(Number(map.at(c, y, x)));
    }
  }
  return values;
}

/** Layer tensors by name, and `logits` or `features`. */
export function runNaive(network: IntegerNetwork, image: Uint8Array): Map<string, number[]> {
  const { height, width, channels: colours } = network.input;
  const results = new Map<string, number[]>();
  let map = tensor(colours, height, width, (c, y, x) => BigInt(image[(y * width + x) * colours + c]));
  let writers: readonly IntegerConvolution[] = [];
  const record = () => {
    let first = 0;
    for (const { name, outChannels } of writers) {
      results.set(name, channels(map, first, first + outChannels));
      first += outChannels;
    }
  };
  for (const layer of network.layers) {
    switch (layer.kind) {
      case 'maxpool':
        map = pooled(map, layer);
        break;
      case 'conv':
        map = mapped(scaled(map, layer.conv), clamp);
        writers = [layer.conv];
        break;
      case 'fire': {
        const { squeeze, expand1x1, expand3x3, bypass } = layer;
        const input = map;
        const waist = mapped(scaled(input, squeeze), clamp);
        results.set(squeeze.name, channels(waist, 0, waist.channels));
        const bytes = (conv: IntegerConvolution, source: Tensor) => mapped(scaled(source, conv), clamp);
        map = concatenated(bytes(expand1x1, waist), bytes(expand3x3, waist));
        writers = [expand1x1, expand3x3];
        if (bypass.kind === 'none') break;
        record();
        const added = bypass.kind === 'complex' ? bytes(bypass.conv, input) : input;
        if (bypass.kind === 'complex') results.set(bypass.conv.name, channels(added, 0, added.channels));
        map = bytes(bypass.add, concatenated(map, added));
        writers = [bypass.add];
        break;
      }
      case 'average': {
        const { m, s } = layer;
        const sum = (c: number) =>
          channels(map, c, c + 1).reduce((total, value) => total + BigInt(value), 0n);
        const means = Array.from(m, (factor, c) => Number(scale(sum(c), factor, s[c])));
        results.set('logits', means);
        return results;
      }
      case 'gmp': {
        const whole = map;
        map = tensor(whole.channels, 1, 1, (c) => BigInt(Math.max(...channels(whole, c, c + 1))));
        writers = [];
        break;
      }
      case 'classifier': {
        const { conv, relu } = layer;
        const map10 = sums(map, conv);
        const totals = Array.from({ length: conv.outChannels }, (_, c) =>
          channels(map10, c, c + 1).reduce(
            (sum, value) => sum + BigInt(relu ? Math.max(value, 0) : value),
            0n,
          ),
        );
        results.set(conv.name, totals.map(Number));
        results.set(
          'logits',
          totals.map((total, c) => Number(scale(total, conv.m[c], conv.s[c]))),
        );
        return results;
      }
    }
    // A pool overwrites what was recorded before it.
    record();
  }
  results.set('features', channels(map, 0, map.channels));
  return results;
}
