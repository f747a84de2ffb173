/** A small network of the Fire family with seeded weights, for the quantizer's tests. */

import { networkHash } from '../../../gen/graph/hash.ts';
import {
  type Bypass,
  type Convolution,
  type FireLayer,
  type Network,
  NO_PADDING,
  uniformPadding,
} from '../../../gen/graph/network.ts';
import { Prng } from '../../../gen/import/prng.ts';
import { type Calibration, mapWriters } from '../../../gen/quantize/calibration.ts';

export function convolution(
  random: Prng,
  name: string,
  inChannels: number,
  outChannels: number,
  rest: Partial<Convolution> = {},
): Convolution {
  const { kernel = 1 } = rest;
  const fanIn = inChannels * kernel ** 2;
  return {
    ...{ name, inChannels, outChannels, kernel, stride: 1, relu: true },
    padding: NO_PADDING,
    weight: Float32Array.from({ length: outChannels * fanIn }, () => Math.sqrt(2 / fanIn) * random.bell()),
    bias: Float32Array.from({ length: outChannels }, () => 0.1 * random.bell()),
    ...rest,
  };
}

function fire(random: Prng, name: string, inChannels: number, kind: Bypass['kind']): FireLayer {
  const relu = kind === 'none';
  const bypass: Bypass =
    kind === 'complex'
      ? { kind, conv: convolution(random, `${name}/bypass1x1`, inChannels, 16, { relu: false }) }
      : { kind };
  return {
    kind: 'fire',
    name,
    squeeze: convolution(random, `${name}/squeeze1x1`, inChannels, 4),
    expand1x1: convolution(random, `${name}/expand1x1`, 4, 8, { relu }),
    expand3x3: convolution(random, `${name}/expand3x3`, 4, 8, {
      relu,
      kernel: 3,
      padding: uniformPadding(1),
    }),
    bypass,
  };
}

export function smallNetwork(seed: number, options: { bypass?: Bypass['kind'] } = {}): Network {
  const random = new Prng(seed);
  const conv1 = convolution(random, 'conv1', 3, 16, { kernel: 3, stride: 2 });
  const conv10 = convolution(random, 'conv10', 16, 10);
  return {
    name: 'small',
    input: { height: 17, width: 17, channels: 3 },
    preprocess: { order: 'bgr', mean: [104, 117, 123], scale: [0.02, 0.02, 0.02], resize: 17 },
    trained: false,
    layers: [
      { kind: 'conv', name: 'conv1', conv: conv1 },
      fire(random, 'fire2', 16, 'none'),
      { kind: 'maxpool', name: 'pool2', kernel: 3, stride: 2, padding: NO_PADDING, ceil: true },
      fire(random, 'fire3', 16, options.bypass ?? 'none'),
      { kind: 'conv', name: 'conv10', conv: conv10 },
      { kind: 'gap', name: 'pool10' },
    ],
  };
}

/** Made-up ranges of the right shape, different in each channel. */
export function madeUpCalibration(network: Network): Calibration {
  const layers = mapWriters(network).map(({ name, outChannels, signed }) => {
    const range = Array.from({ length: outChannels }, (_, c) => 1 + c / 4);
    return [name, { range, mean: range.map((value) => value / 8), ...(signed && { low: range }) }];
  });
  const head = {
    networkName: network.name,
    networkHash: networkHash(network),
    method: 'mse',
    images: 7,
  } as const;
  return { ...head, layers: Object.fromEntries(layers) };
}
