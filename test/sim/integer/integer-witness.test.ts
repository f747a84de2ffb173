import { describe, expect, test } from 'vitest';
import { integerOnnx } from '../../../gen/emit/onnx/integer-onnx.ts';
import { uniformPadding } from '../../../gen/graph/network.ts';
import type { IntegerNetwork } from '../../../gen/quantize/integer-network.ts';
import { IntegerWitness } from '../../../sim/integer/integer-witness.ts';
import { runNaively } from './naive-model.ts';
import { type RandomNetworkOptions, randomIntegers, randomNetwork } from './random-network.ts';

function randomImage(seed: number, { input }: IntegerNetwork): Uint8Array {
  const random = randomIntegers(seed);
  return Uint8Array.from({ length: input.height * input.width * input.channels }, () => random(256));
}

const cases: [string, RandomNetworkOptions][] = [
  ['a plain network', {}],
  ['a padded image', { imagePadding: uniformPadding(1) }],
  ['padding at the end only', { imagePadding: { top: 0, left: 0, bottom: 1, right: 2 } }],
  ['a 7x7 first convolution', { kernel: 7, height: 27, width: 31 }],
  ['a 1x1 first convolution', { kernel: 1 }],
  ['3 classes', { classes: 3 }],
  ['a classifier without ReLU', { relu: false }],
  ['weights of -127 and 127', { extremeWeights: true }],
  ['a simple bypass', { bypass: 'simple' }],
  ['a complex bypass', { bypass: 'complex' }],
];

describe('network.onnx in ONNX Runtime gives the bits of the contract', () => {
  test.each(cases)('%s', async (_, options) => {
    const network = randomNetwork(5, options);
    const witness = await IntegerWitness.create(integerOnnx(network, 'all'));
    const noise = randomImage(1, network);
    for (const image of [noise, noise.map(() => 255)]) {
      const expected = runNaively(network, image);
      const { layers, output } = await witness.run(image);
      const actual = new Map(layers.map(({ name, values }) => [name, [...values]]));
      actual.set('logits', [...output]);
      expect(actual).toEqual(expected);
    }
  });

  test('the cases are not trivial: values in the middle, at both ends, and negative logits', () => {
    const network = randomNetwork(5, { relu: false });
    const tensors = runNaively(network, randomImage(1, network));
    for (const [name, values] of tensors) {
      if (name === 'conv10' || name === 'logits') continue;
      expect(new Set(values).size, name).toBeGreaterThan(8);
      expect(values, name).toContain(0);
      expect(values, name).toContain(255);
    }
    expect(tensors.get('logits')!.some((logit) => logit < 0)).toBe(true);
    expect(new Set(tensors.get('logits')).size).toBeGreaterThan(10);
  });
});

describe('the file that is handed out', () => {
  test('gives the same logits, and nothing else', async () => {
    const network = randomNetwork(3);
    const image = randomImage(4, network);
    const { layers, output } = await (await IntegerWitness.create(integerOnnx(network))).run(image);
    expect(layers).toEqual([]);
    expect([...output]).toEqual(runNaively(network, image).get('logits'));
  });

  test('layers come in the order of the data', async () => {
    const network = randomNetwork(3);
    const { layers } = await (await IntegerWitness.create(integerOnnx(network, 'all'))).run(
      randomImage(4, network),
    );
    const fire = (name: string) => ['squeeze1x1', 'expand1x1', 'expand3x3'].map((part) => `${name}/${part}`);
    expect(layers.map(({ name }) => name)).toEqual(['conv1', ...fire('fire2'), ...fire('fire3'), 'conv10']);
  });
});
