/** Members of the family whose numbers are fixed before any engine runs them: all software gives the same bits. */
import { describe, expect, it } from 'vitest';
import {
  type Convolution,
  type Layer,
  type MaxPoolLayer,
  NO_PADDING,
  type Preprocess,
} from '../../gen/graph/network.ts';
import { layerShapes } from '../../gen/graph/shapes.ts';
import type { NetworkEnd } from '../../gen/graph/squeezenet.ts';
import { grayOverRgb } from '../../gen/import/gray.ts';
import { randomSqueezenet } from '../../gen/import/random.ts';
import { runFixed } from '../../sim/fixed/run-fixed.ts';
import { synthesizeFor, synthesizeImages } from '../../sim/image/synthetic.ts';
import { expectSameBits } from './software-witnesses.ts';

const SIDE = 48;
const images = synthesizeImages(2, 5, SIDE, SIDE);

describe('a network without a classifier', () => {
  const network = (end: NetworkEnd) =>
    randomSqueezenet({ version: '1.1', side: SIDE, classes: 7, seed: 3, topology: { end } });

  it.each(['map', 'average', 'maximum'] as const)('ends with a %s', async (end) => {
    const { integer, reference, layers } = await expectSameBits(network(end), images);
    expect(layers.at(-1)).toMatchObject({ name: end === 'average' ? 'logits' : 'features' });
    expect(layers.at(-1)!.sqnrDb).toBeGreaterThan(20);
    const size = end === 'map' ? 2 * 2 * 512 : 512;
    for (const { output } of reference) {
      expect(output).toHaveLength(size);
      expect(output).toBeInstanceOf(end === 'average' ? Int32Array : Uint8Array);
      expect(new Set(output).size).toBeGreaterThan(64);
    }
    expect(integer.output.kind).toBe(end === 'average' ? 'logits' : 'map');
  });

  it('gives the map of whose pixels the maximum is taken', async () => {
    const [map, maximum] = [
      await expectSameBits(network('map'), images),
      await expectSameBits(network('maximum'), images),
    ];
    expect(map.integer.output.scale).toBe(maximum.integer.output.scale);
    for (const [index, { output }] of map.reference.entries()) {
      const largest = Array.from({ length: 512 }, (_, c) =>
        Math.max(...[0, 1, 2, 3].map((pixel) => output[512 * pixel + c])),
      );
      expect([...maximum.reference[index].output]).toEqual(largest);
    }
  });

  it.each([
    [
      'a max-pool',
      [{ kind: 'maxpool', name: 'pool9', kernel: 2, stride: 1, padding: NO_PADDING, ceil: false }],
      512,
    ],
    [
      'an average behind a max-pool',
      [
        { kind: 'maxpool', name: 'pool9', kernel: 2, stride: 2, padding: NO_PADDING, ceil: false },
        { kind: 'gap', name: 'pool9b' },
      ],
      512,
    ],
  ] as [string, Layer[], number][])('ends with %s', async (_, pools, size) => {
    const { layers, ...rest } = network('map');
    const { reference } = await expectSameBits({ ...rest, layers: [...layers, ...pools] }, images);
    expect(reference[0].output).toHaveLength(size);
  });

  it('ends with a bypassed Fire module', async () => {
    const { layers, ...rest } = network('map');
    const signed = (conv: Convolution): Convolution => ({ ...conv, relu: false });
    const bypassed = layers.map(
      (layer): Layer =>
        layer.kind === 'fire' && layer.name === 'fire9'
          ? {
              ...layer,
              expand1x1: signed(layer.expand1x1),
              expand3x3: signed(layer.expand3x3),
              bypass: { kind: 'simple' },
            }
          : layer,
    );
    const { integer, layers: compared } = await expectSameBits({ ...rest, layers: bypassed }, images);
    expect(compared.at(-1)!.sqnrDb).toBeGreaterThan(20);
    const fire9 = integer.layers.at(-1)!;
    if (fire9.kind !== 'fire' || fire9.bypass.kind !== 'simple') throw new Error('simple bypass expected');
    expect(new Set(fire9.bypass.add.outputChannelScale).size).toBe(1);
  });
});

describe('a network of gray images', () => {
  const gray: Preprocess = { order: 'gray', mean: [120, 120, 120], scale: [0.02, 0.02, 0.02], resize: 256 };

  it('reads the luma alone, whatever the size', async () => {
    const { layers, ...rest } = randomSqueezenet({
      ...{ version: '1.1', side: 48, width: 80, classes: 7, seed: 4, preprocess: gray },
    });
    const [first, ...others] = layers;
    if (first.kind !== 'conv') throw new Error('conv1 expected');
    const one = first.conv.weight.filter((_, at) => Math.floor(at / 9) % 3 === 0);
    const conv1 = { ...first, conv: { ...first.conv, weight: grayOverRgb(one, first.conv) } };
    const network = { ...rest, layers: [conv1, ...others] };
    const photos = synthesizeFor(network, 2, 6);
    const { integer, reference, layers: compared } = await expectSameBits(network, photos);
    expect(compared.at(-1)!.sqnrDb).toBeGreaterThan(20);
    // Not even rounding gives the other two channels a weight.
    const [quantized] = integer.layers;
    if (quantized.kind !== 'conv') throw new Error('conv1 expected');
    expect(quantized.conv.weight.some((weight, at) => weight !== 0 && Math.floor(at / 9) % 3 > 0)).toBe(
      false,
    );
    const redAlone = photos[0].map((value, at) => (at % 3 === 0 ? value : 0));
    expect(runFixed(integer, redAlone).output).toEqual(reference[0].output);
  });
});

describe('an image that is not square', () => {
  it.each([
    [48, 96],
    [90, 48],
  ])('of %i x %i', async (side, width) => {
    const network = randomSqueezenet({ version: '1.0', side, width, classes: 7, seed: 4 });
    const { reference, layers } = await expectSameBits(network, synthesizeImages(1, 5, side, width));
    expect(layers.at(-1)!.sqnrDb).toBeGreaterThan(20);
    expect(reference[0].output).toHaveLength(7);
  });
});

describe('pools and paddings', () => {
  it.each<[string, Partial<MaxPoolLayer>]>([
    ['two in a row', {}],
    ['a padded one behind another', { padding: { top: 1, left: 0, bottom: 1, right: 1 } }],
    ['stride 1', { stride: 1, kernel: 2 }],
  ])('%s', async (_, change) => {
    const { layers, ...rest } = randomSqueezenet({ version: '1.1', side: 64, classes: 7, seed: 5 });
    const second: MaxPoolLayer = {
      ...{ kind: 'maxpool', name: 'pool1b', kernel: 3, stride: 2, padding: NO_PADDING, ceil: true },
      ...change,
    };
    const network = { ...rest, layers: [...layers.slice(0, 2), second, ...layers.slice(2)] };
    const { layers: compared } = await expectSameBits(network, synthesizeImages(1, 5, 64, 64));
    expect(compared[0].values).toBe(64 * layerShapes(network)[2].height * layerShapes(network)[2].width);
    expect(compared.at(-1)!.sqnrDb).toBeGreaterThan(20);
  });

  it.each(['same', '0,1,2,1', '6,0,0,5'])('an image padded with %s', async (imagePadding) => {
    const network = randomSqueezenet({
      ...{ version: '1.0', side: SIDE, classes: 7, seed: 6, topology: { imagePadding } },
    });
    const { layers } = await expectSameBits(network, images.slice(0, 1));
    expect(layers.at(-1)!.sqnrDb).toBeGreaterThan(20);
  });
});

describe('a padded classifier', () => {
  const network = (classifierPadding: number) =>
    randomSqueezenet({ version: '1.0', side: SIDE, classes: 7, seed: 2, topology: { classifierPadding } });

  it('takes its border into the mean', async () => {
    const padded = network(1);
    const [map] = layerShapes(padded).slice(-2);
    expect(map).toEqual({ height: 4, width: 4, channels: 7 });
    const { integer, reference, layers } = await expectSameBits(padded, images);
    expect(layers.at(-1)!.sqnrDb).toBeGreaterThan(20);
    // 4 of 16 pixels are inside: the border's 12 are ReLU(bias), whatever the image.
    const plain = await expectSameBits(network(0), images);
    const conv10 = integer.layers.at(-1)!;
    if (conv10.kind !== 'classifier') throw new Error('classifier expected');
    const border = Array.from(conv10.conv.bias, (bias) => 12 * Math.max(bias, 0));
    for (const [index, { layers: tensors }] of reference.entries()) {
      const inside = plain.reference[index].layers.at(-1)!.values;
      expect([...tensors.at(-1)!.values]).toEqual(border.map((sum, c) => sum + inside[c]));
    }
    expect(border.some((sum) => sum > 0)).toBe(true);
  });
});
