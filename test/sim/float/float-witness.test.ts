import { describe, expect, test } from 'vitest';
import { floatOnnx } from '../../../gen/emit/onnx/float-onnx.ts';
import {
  type Bypass,
  type Convolution,
  type Network,
  NO_PADDING,
  uniformPadding,
} from '../../../gen/graph/network.ts';
import { Prng } from '../../../gen/import/prng.ts';
import { FloatWitness } from '../../../sim/float/float-witness.ts';
import { normalize } from '../../../sim/float/normalize.ts';
import { runNaively } from './naive-model.ts';

const random = new Prng(11);

function convolution(
  name: string,
  inChannels: number,
  outChannels: number,
  kernel = 1,
  stride = 1,
): Convolution {
  const taps = inChannels * kernel ** 2;
  return {
    name,
    inChannels,
    outChannels,
    kernel,
    stride,
    padding: stride === 1 ? uniformPadding((kernel - 1) / 2) : NO_PADDING,
    relu: !name.endsWith('bypass1x1'),
    weight: Float32Array.from({ length: outChannels * taps }, () => random.bell() * Math.sqrt(2 / taps)),
    bias: Float32Array.from({ length: outChannels }, () => random.bell() / 10),
  };
}

function smallNetwork(bypass: Bypass): Network {
  const pool = (name: string) =>
    ({ kind: 'maxpool', name, kernel: 3, stride: 2, padding: NO_PADDING, ceil: true }) as const;
  return {
    name: 'small',
    input: { height: 19, width: 15, channels: 3 },
    preprocess: { order: 'bgr', mean: [104, 117, 123], scale: [0.02, 0.03, 0.04], resize: 19 },
    layers: [
      { kind: 'conv', name: 'conv1', conv: convolution('conv1', 3, 8, 3, 2) },
      {
        kind: 'fire',
        name: 'fire2',
        squeeze: convolution('fire2/squeeze1x1', 8, 3),
        expand1x1: convolution('fire2/expand1x1', 3, 4),
        expand3x3: convolution('fire2/expand3x3', 3, 4, 3),
        bypass,
      },
      pool('pool2'),
      { kind: 'conv', name: 'conv10', conv: convolution('conv10', 8, 5) },
      { kind: 'gap', name: 'pool10' },
    ],
    trained: false,
  };
}

const image = Uint8Array.from({ length: 19 * 15 * 3 }, () => random.next() & 255);

const bypasses: Bypass[] = [
  { kind: 'none' },
  { kind: 'simple' },
  { kind: 'complex', conv: convolution('fire2/bypass1x1', 8, 8) },
];

describe('the float witness agrees with a naive model in doubles', () => {
  test.each(bypasses)('bypass: $kind', async (bypass) => {
    const network = smallNetwork(bypass);
    const { layers, output } = await (await FloatWitness.create(network, { layers: true })).run(image);
    const expected = runNaively(network, image);
    expect(layers.map(({ name }) => name)).toEqual([...expected.keys()]);
    for (const { name, values } of layers) {
      const reference = expected.get(name)!;
      expect(values.length, name).toBe(reference.length);
      const largest = Math.max(...reference.map(Math.abs));
      const error = Math.max(...reference.map((value, index) => Math.abs(value - values[index]!)));
      expect(largest, name).toBeGreaterThan(0.1);
      expect(error / largest, name).toBeLessThan(1e-5);
    }
    expect([...output]).toEqual([...layers.at(-1)!.values]);
  });

  test('without layers the logits are the same', async () => {
    const network = smallNetwork({ kind: 'none' });
    const whole = await (await FloatWitness.create(network, { layers: true })).run(image);
    const { layers, output } = await (await FloatWitness.create(network, { layers: false })).run(image);
    expect(layers).toEqual([]);
    expect(output).toEqual(whole.output);
  });
});

test('the same network gives the same file', () => {
  const network = smallNetwork({ kind: 'none' });
  expect(floatOnnx(network, 'all')).toEqual(floatOnnx(network, 'all'));
});

test("normalize puts the channels in the network's order", () => {
  const shape = { height: 1, width: 2, channels: 3 };
  const pixels = Uint8Array.of(10, 20, 30, 40, 50, 60);
  const preprocess = { mean: [1, 2, 3], scale: [1, 0.5, 2], resize: 2 };
  expect([...normalize(pixels, shape, { ...preprocess, order: 'rgb' })]).toEqual([9, 39, 9, 24, 54, 114]);
  expect([...normalize(pixels, shape, { ...preprocess, order: 'bgr' })]).toEqual([29, 59, 9, 24, 14, 74]);
});
