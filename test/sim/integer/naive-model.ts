/** The numeric contract in the plainest words, on BigInt, one pixel at a time. Independent of gen and sim. */
import type { IntegerConvolution, IntegerNetwork } from '../../../gen/quantize/integer-network.ts';

/** A feature map of any integers, row-major with the channels last. */
interface NaiveMap {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly values: bigint[];
}

type Rounding = (sum: bigint, channel: number) => bigint;

function at(map: NaiveMap, y: number, x: number, channel: number): bigint | undefined {
  if (y < 0 || x < 0 || y >= map.height || x >= map.width) return undefined;
  return map.values[(y * map.width + x) * map.channels + channel]!;
}

function scale(value: bigint, m: number, s: number): bigint {
  return (value * BigInt(m) + 2n ** BigInt(s - 1)) >> BigInt(s);
}

function clamp(value: bigint): bigint {
  return value < 0n ? 0n : value > 255n ? 255n : value;
}

function convolve(map: NaiveMap, conv: IntegerConvolution, round: Rounding): NaiveMap {
  const { kernel, stride, padding } = conv;
  const height = Math.floor((map.height + padding.top + padding.bottom - kernel) / stride) + 1;
  const width = Math.floor((map.width + padding.left + padding.right - kernel) / stride) + 1;
  const values: bigint[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let o = 0; o < conv.outChannels; o++) {
        let sum = BigInt(conv.bias[o]!);
        let index = o * conv.inChannels * kernel * kernel;
        for (let i = 0; i < conv.inChannels; i++) {
          for (let ky = 0; ky < kernel; ky++) {
            for (let kx = 0; kx < kernel; kx++) {
              const tap = at(map, y * stride + ky - padding.top, x * stride + kx - padding.left, i);
              sum += (tap ?? BigInt(conv.padValue[i]!)) * BigInt(conv.weight[index++]!);
            }
          }
        }
        values.push(round(sum, o));
      }
    }
  }
  return { height, width, channels: conv.outChannels, values };
}

function quantized(map: NaiveMap, conv: IntegerConvolution): NaiveMap {
  return convolve(map, conv, (sum, c) => clamp(scale(sum, conv.m[c]!, conv.s[c]!)));
}

function concat(a: NaiveMap, b: NaiveMap): NaiveMap {
  const values: bigint[] = [];
  for (let pixel = 0; pixel < a.height * a.width; pixel++) {
    values.push(...a.values.slice(pixel * a.channels, (pixel + 1) * a.channels));
    values.push(...b.values.slice(pixel * b.channels, (pixel + 1) * b.channels));
  }
  return { ...a, channels: a.channels + b.channels, values };
}

function channelsOf(map: NaiveMap, first: number, count: number): number[] {
  return map.values.flatMap((value, index) => {
    const channel = index % map.channels;
    return channel >= first && channel < first + count ? [Number(value)] : [];
  });
}

/** Windows start every stride while they start inside the map (all pools of these tests are ceil-mode, unpadded). */
function maxPool(map: NaiveMap, kernel: number, stride: number): NaiveMap {
  const outputs = (length: number) => {
    const count = Math.ceil((length - kernel) / stride) + 1;
    return (count - 1) * stride < length ? count : count - 1;
  };
  const [height, width] = [outputs(map.height), outputs(map.width)];
  const values: bigint[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < map.channels; c++) {
        let largest = 0n;
        for (let ky = 0; ky < kernel; ky++) {
          for (let kx = 0; kx < kernel; kx++) {
            const cell = at(map, y * stride + ky, x * stride + kx, c);
            if (cell !== undefined && cell > largest) largest = cell;
          }
        }
        values.push(largest);
      }
    }
  }
  return { height, width, channels: map.channels, values };
}

/** Layer tensors by name, and the logits under `logits`. */
export function runNaively(network: IntegerNetwork, image: Uint8Array): Map<string, number[]> {
  const tensors = new Map<string, number[]>();
  let map: NaiveMap = { ...network.input, values: Array.from(image, BigInt) };
  let parts: { name: string; outChannels: number }[] = [];
  const record = (of: NaiveMap) => {
    let first = 0;
    for (const { name, outChannels } of parts) {
      tensors.set(name, channelsOf(of, first, outChannels));
      first += outChannels;
    }
  };
  for (const layer of network.layers) {
    if (layer.kind === 'classifier') {
      const { conv, relu } = layer;
      const sums = convolve(map, conv, (sum) => (relu && sum < 0n ? 0n : sum));
      const totals = Array.from({ length: conv.outChannels }, (_, c) =>
        sums.values.filter((_, index) => index % conv.outChannels === c).reduce((a, b) => a + b, 0n),
      );
      tensors.set(conv.name, totals.map(Number));
      tensors.set(
        'logits',
        totals.map((total, c) => Number(scale(total, conv.m[c]!, conv.s[c]!))),
      );
      continue;
    }
    if (layer.kind === 'conv') {
      map = quantized(map, layer.conv);
      parts = [layer.conv];
    } else if (layer.kind === 'fire') {
      const squeezed = quantized(map, layer.squeeze);
      tensors.set(layer.squeeze.name, squeezed.values.map(Number));
      const { expand1x1, expand3x3, bypass } = layer;
      const wide = concat(quantized(squeezed, expand1x1), quantized(squeezed, expand3x3));
      parts = [expand1x1, expand3x3];
      if (bypass.kind === 'none') map = wide;
      else {
        record(wide);
        const added = bypass.kind === 'complex' ? quantized(map, bypass.conv) : map;
        if (bypass.kind === 'complex') tensors.set(bypass.conv.name, added.values.map(Number));
        map = quantized(concat(wide, added), bypass.add);
        parts = [bypass.add];
      }
    } else if (layer.kind === 'maxpool') {
      map = maxPool(map, layer.kernel, layer.stride);
    } else throw new Error(`no network of these tests ends with ${layer.kind}`);
    record(map);
  }
  return tensors;
}
