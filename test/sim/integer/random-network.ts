/** Small seeded integer networks of every shape the contract allows. */
import { NO_PADDING, type Padding, uniformPadding } from '../../../gen/graph/network.ts';
import type {
  IntegerBypass,
  IntegerConvolution,
  IntegerNetwork,
} from '../../../gen/quantize/integer-network.ts';

export interface RandomNetworkOptions {
  readonly height?: number;
  readonly width?: number;
  readonly kernel?: number;
  readonly imagePadding?: Padding;
  readonly classes?: number;
  readonly relu?: boolean;
  readonly bypass?: IntegerBypass['kind'];
  /** Only weights of -127 and 127, which saturate 16-bit pair sums in engines that form them. */
  readonly extremeWeights?: boolean;
}

/** Channels 0 to 2 of every convolution bear the extremes of m and s. */
const EXTREMES = [
  { m: 0, s: 1 },
  { m: 65535, s: 47 },
  { m: 1, s: 1 },
];

/** Whole numbers from 0 up to `limit` - 1, the same on every run. */
export function randomIntegers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

export function randomNetwork(seed: number, options: RandomNetworkOptions = {}): IntegerNetwork {
  const { height = 31, width = 26, kernel = 3, imagePadding = NO_PADDING, classes = 19 } = options;
  const { relu = true, bypass = 'none', extremeWeights = false } = options;
  const random = randomIntegers(seed);

  function convolution(
    name: string,
    inChannels: number,
    outChannels: number,
    shape: Partial<Pick<IntegerConvolution, 'kernel' | 'stride' | 'padding' | 'padValue'>> = {},
    pixels = 1,
  ): IntegerConvolution {
    const { kernel: side = 1, stride = 1, padding = NO_PADDING } = shape;
    const padValue = shape.padValue ?? Array.from({ length: inChannels }, () => 0);
    const taps = inChannels * side * side;
    const weight = Int8Array.from({ length: outChannels * taps }, () =>
      extremeWeights ? 127 - 254 * random(2) : random(255) - 127,
    );
    // A typical sum is about sqrt(taps) times 64 times 128; it should come out near the middle of a byte.
    const shift = Math.round(Math.log2(Math.sqrt(taps) * 64 * pixels)) + 15;
    return {
      name,
      inChannels,
      outChannels,
      kernel: side,
      stride,
      padding,
      padValue,
      weight,
      bias: Int32Array.from({ length: outChannels }, () => random(20001) - 10000),
      m: Uint16Array.from({ length: outChannels }, (_, c) => EXTREMES[c]?.m ?? 32768 + random(32768)),
      s: Uint8Array.from({ length: outChannels }, (_, c) => EXTREMES[c]?.s ?? shift + random(2)),
      weightScale: new Float64Array(outChannels).fill(1),
      inputScale: 1,
      outputScale: 1,
    };
  }

  function fire(
    name: string,
    inChannels: number,
    squeeze: number,
    expand: number,
    kind: IntegerBypass['kind'],
  ) {
    const path = (part: string) => `${name}/${part}`;
    const channels = 2 * expand;
    /** Channel c of both terms with a weight each. */
    const add = () => {
      const full = convolution(path('add'), 2 * channels, channels);
      const weight = full.weight.map((value, i) => {
        const from = (i % (2 * channels)) % channels;
        return from === Math.floor(i / (2 * channels)) ? value : 0;
      });
      return { ...full, weight, diagonal: [0, channels] };
    };
    const simple = () => ({ kind: 'simple', add: add() }) as const;
    const complex = () =>
      ({
        kind: 'complex',
        conv: convolution(path('bypass1x1'), inChannels, channels),
        add: add(),
      }) as const;
    return {
      kind: 'fire',
      name,
      squeeze: convolution(path('squeeze1x1'), inChannels, squeeze),
      expand1x1: convolution(path('expand1x1'), squeeze, expand),
      expand3x3: convolution(path('expand3x3'), squeeze, expand, { kernel: 3, padding: uniformPadding(1) }),
      bypass: kind === 'none' ? { kind } : kind === 'simple' ? simple() : complex(),
    } as const;
  }

  const pool = (name: string) =>
    ({ kind: 'maxpool', name, kernel: 3, stride: 2, padding: NO_PADDING, ceil: true }) as const;
  const first = { kernel, stride: 2, padding: imagePadding, padValue: [124, 117, 104] };
  const network = {
    name: `random-${seed}`,
    input: { height, width, channels: 3 },
    layers: [
      { kind: 'conv', name: 'conv1', conv: convolution('conv1', 3, 7, first) },
      pool('pool1'),
      fire('fire2', 7, 5, 6, 'none'),
      fire('fire3', 12, 5, 6, bypass),
      pool('pool3'),
      {
        kind: 'classifier',
        name: 'conv10',
        conv: convolution('conv10', 12, classes, {}, 4),
        relu,
        gap: { kind: 'gap', name: 'pool10' },
      },
    ],
    output: { kind: 'logits', channels: classes, scale: 0.125 },
  } as const;
  const source = {
    ...network,
    preprocess: { order: 'rgb', mean: [], scale: [], resize: 0 },
    layers: [],
    trained: false,
  } as const;
  return { ...network, source };
}
