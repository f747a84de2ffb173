import { describe, expect, it } from 'vitest';
import { type MaxPoolLayer, NO_PADDING, uniformPadding } from '../../../gen/graph/network.ts';
import { type IntegerNetwork, outputName } from '../../../gen/quantize/integer-network.ts';
import { quantize } from '../../../gen/quantize/quantize.ts';
import { runFixed } from '../../../sim/fixed/run-fixed.ts';
import { madeUpCalibration, smallNetwork } from '../../gen/quantize/small-network.ts';
import { type RandomNetworkOptions, randomIntegers, randomNetwork } from '../integer/random-network.ts';
import { runNaive } from './naive-model.ts';

function randomImage(seed: number, { height, width, channels }: IntegerNetwork['input']): Uint8Array {
  const random = randomIntegers(seed);
  return Uint8Array.from({ length: height * width * channels }, () => random(256));
}

function expectNaive(network: IntegerNetwork, image: Uint8Array): void {
  const { layers, output } = runFixed(network, image);
  const result = outputName(network.output);
  const naive = runNaive(network, image);
  expect(layers.map(({ name }) => name)).toEqual([...naive.keys()].filter((name) => name !== result));
  for (const { name, values } of layers)
    expect({ name, values: [...values] }).toEqual({ name, values: naive.get(name) });
  expect([...output]).toEqual(naive.get(result));
}

const withPool = (network: IntegerNetwork, pool: Partial<MaxPoolLayer>): IntegerNetwork => ({
  ...network,
  layers: network.layers.map((layer) => (layer.kind === 'maxpool' ? { ...layer, ...pool } : layer)),
});

describe('runFixed agrees with the formulas of the contract', () => {
  const small = { height: 15, width: 12, classes: 5 };
  const uneven = { top: 2, left: 1, bottom: 0, right: 3 };
  it.each<[string, RandomNetworkOptions]>([
    ['as SqueezeNet is built', small],
    ['with a padded image, whose pad value differs per colour', { ...small, imagePadding: uneven }],
    ['with a 7x7 first convolution', { ...small, height: 23, kernel: 7, imagePadding: uniformPadding(3) }],
    ['with a simple bypass', { ...small, bypass: 'simple' }],
    ['with a complex bypass', { ...small, bypass: 'complex' }],
    ['with a classifier without ReLU', { ...small, relu: false }],
    ['with extreme weights', { ...small, extremeWeights: true }],
  ])('%s', (_, options) => {
    for (const seed of [1, 2]) {
      const network = randomNetwork(seed, options);
      expectNaive(network, randomImage(seed, network.input));
    }
  });

  it.each<[string, Partial<MaxPoolLayer>]>([
    ['floor mode', { ceil: false }],
    ['2x2 windows', { kernel: 2, ceil: false }],
    ['padding', { padding: uniformPadding(1) }],
    ['padding at the end alone', { padding: { ...NO_PADDING, bottom: 1, right: 1 }, ceil: false }],
    ['stride 1', { stride: 1 }],
  ])('with max-pools in %s', (_, pool) => {
    const network = withPool(randomNetwork(3, small), pool);
    expectNaive(network, randomImage(3, network.input));
  });

  it.each(['none', 'simple', 'complex'] as const)('on a quantized network, bypass %s', (bypass) => {
    const float = smallNetwork(8, { bypass });
    const network = quantize(float, madeUpCalibration(float));
    expectNaive(network, randomImage(8, network.input));
  });

  it('on white and on black', () => {
    const network = randomNetwork(4, small);
    for (const value of [0, 255]) {
      expectNaive(network, new Uint8Array(small.height * small.width * 3).fill(value));
    }
  });
});

describe('runFixed', () => {
  it('stops at a sum that does not fit the accumulator', () => {
    const network = randomNetwork(1);
    const [first, ...rest] = network.layers;
    if (first.kind !== 'conv') throw new Error('conv1 expected');
    const bias = first.conv.bias.map((value, c) => (c === 2 ? 2 ** 24 : value));
    const layers = [
      { ...first, conv: { ...first.conv, weight: new Int8Array(first.conv.weight.length), bias } },
      ...rest,
    ];
    expect(() => runFixed({ ...network, layers }, randomImage(1, network.input))).toThrow(
      'internal error: conv1: channel 2: sum 16777216 does not fit the accumulator',
    );
  });
});
