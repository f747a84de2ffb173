import { describe, expect, it } from 'vitest';
import type { Network } from '../../../gen/graph/network.ts';
import { Prng } from '../../../gen/import/prng.ts';
import type { IntegerConvolution, IntegerLayer } from '../../../gen/quantize/integer-network.ts';
import { SHIFT_MAX, SHIFT_MIN } from '../../../gen/quantize/numerics.ts';
import { fitsAccumulator, sumBounds } from '../../../gen/quantize/proof.ts';
import { quantize } from '../../../gen/quantize/quantize.ts';
import { convolution, madeUpCalibration, smallNetwork } from './small-network.ts';

const quantized = (network: Network) => quantize(network, madeUpCalibration(network));

const convsOf = (layer: IntegerLayer): IntegerConvolution[] => {
  if (layer.kind === 'maxpool') return [];
  if (layer.kind !== 'fire') return [layer.conv];
  const bypass = layer.bypass.kind === 'complex' ? [layer.bypass.conv] : [];
  return [layer.squeeze, layer.expand1x1, layer.expand3x3, ...bypass];
};

const fireNamed = (network: Network, name: string) =>
  quantized(network).layers.find((layer) => layer.name === name) as Extract<IntegerLayer, { kind: 'fire' }>;

describe('quantize', () => {
  it.each(['none', 'simple', 'complex'] as const)(
    'keeps the contract’s ranges in every channel, bypass %s',
    (bypass) => {
      const { layers, report } = quantized(smallNetwork(3, { bypass }));
      const convs = layers.flatMap(convsOf);
      expect(convs.length).toBe(bypass === 'complex' ? 9 : 8);
      for (const conv of convs) {
        const size = conv.inChannels * conv.kernel ** 2;
        for (let o = 0; o < conv.outChannels; o++) {
          const filter = conv.weight.subarray(o * size, (o + 1) * size);
          expect(Math.min(...filter)).toBeGreaterThanOrEqual(-127);
          expect(fitsAccumulator(sumBounds(filter, conv.bias[o]))).toBe(true);
          expect(conv.s[o]).toBeGreaterThanOrEqual(SHIFT_MIN);
          expect(conv.s[o]).toBeLessThanOrEqual(SHIFT_MAX);
        }
        expect(report.accumulatorBits.get(conv.name)).toBeLessThanOrEqual(25);
      }
      expect(report.notes).toEqual([]);
    },
  );

  it('gives m and s that turn accumulator steps into output steps', () => {
    for (const conv of quantized(smallNetwork(3)).layers.flatMap(convsOf).slice(0, -1)) {
      for (let o = 0; o < conv.outChannels; o++) {
        const factor = (conv.weightScale[o] * conv.inputScale) / conv.outputChannelScale![o];
        expect(conv.m[o] / 2 ** conv.s[o] / factor).toBeCloseTo(1, 4);
      }
    }
  });

  it('lets both expands share the scale of their map, and hands it to the reader', () => {
    const { layers } = quantized(smallNetwork(3));
    const fires = layers.filter((layer) => layer.kind === 'fire');
    for (const { squeeze, expand1x1, expand3x3 } of fires) {
      expect(expand1x1.outputScale).toBe(expand3x3.outputScale);
      expect(expand1x1.inputScale).toBe(squeeze.outputScale);
    }
    expect(fires[1].squeeze.inputScale).toBe(fires[0].expand1x1.outputScale);
  });

  it('puts round(mean) in raw RGB where the image is padded, 0 elsewhere', () => {
    const [conv1, ...others] = quantized(smallNetwork(3)).layers.flatMap(convsOf);
    expect(conv1.padValue).toEqual([123, 117, 104]);
    for (const { padValue } of others) expect(new Set(padValue)).toEqual(new Set([0]));
  });

  it('folds the mean over all pixels into the logits’ multipliers', () => {
    const network = quantized(smallNetwork(3));
    const { conv } = network.layers.at(-1) as Extract<IntegerLayer, { kind: 'classifier' }>;
    for (let o = 0; o < conv.outChannels; o++) {
      const perSum = (conv.weightScale[o] * conv.inputScale) / 16;
      expect(((conv.m[o] / 2 ** conv.s[o]) * network.logitScale) / perSum).toBeCloseTo(1, 4);
    }
  });

  it('gives maps that a simple bypass adds one step for all channels, behind a pool too', () => {
    const network = smallNetwork(3, { bypass: 'simple' });
    const { expand3x3, bypass, squeeze } = fireNamed(network, 'fire3');
    expect(new Set(expand3x3.outputChannelScale).size).toBe(1);
    expect(new Set(fireNamed(network, 'fire2').expand1x1.outputChannelScale).size).toBe(1);
    expect(new Set(fireNamed(smallNetwork(3), 'fire2').expand1x1.outputChannelScale).size).toBeGreaterThan(1);
    if (bypass.kind !== 'simple') throw new Error('no simple bypass');
    expect(bypass.m / 2 ** bypass.s).toBeCloseTo(squeeze.inputScale / expand3x3.outputScale, 4);
  });

  it('is a function of network and calibration alone', () => {
    const bits = () => JSON.stringify(quantized(smallNetwork(4)).layers);
    expect(bits()).toBe(bits());
  });

  it('reports the channels whose scale it had to enlarge', () => {
    const network = smallNetwork(3);
    const [first, ...rest] = network.layers;
    if (first.kind !== 'conv') throw new Error('conv1 expected');
    const weight = first.conv.weight.map((value, i) => (i < 27 ? 0 : value));
    const bias = first.conv.bias.map((value, c) => (c === 0 ? 5 : value));
    const layers = [{ ...first, conv: { ...first.conv, weight, bias } }, ...rest];
    expect(quantized({ ...network, layers }).report.notes).toEqual([
      'conv1: channel 0: larger weight scale, so that the sums fit the accumulator',
    ]);
  });
});

describe('quantize refuses', () => {
  const network = smallNetwork(5);
  const replaced = (index: number, layer: Network['layers'][number]): Network => ({
    ...network,
    layers: network.layers.with(index, layer),
  });

  it('a convolution without ReLU, other than the classifier', () => {
    const conv = convolution(new Prng(1), 'conv1', 3, 16, { kernel: 3, stride: 2, relu: false });
    expect(() => quantized(replaced(0, { kind: 'conv', name: 'conv1', conv }))).toThrow(
      'error FF310: conv1: no ReLU',
    );
  });

  it('a ReLU between an expand and the addition of a bypass', () => {
    const fire3 = network.layers[3];
    if (fire3.kind !== 'fire') throw new Error('fire expected');
    expect(() => quantized(replaced(3, { ...fire3, bypass: { kind: 'simple' } }))).toThrow(
      'error FF311: fire3/expand1x1: a ReLU stands between',
    );
  });

  it('a network without classifier, and layers behind the global pool', () => {
    expect(() => quantized({ ...network, layers: network.layers.slice(0, 4) })).toThrow(
      'error FF312: small: no classifier',
    );
    const twice = { ...network, layers: [...network.layers, network.layers[2]] };
    expect(() => quantized(twice)).toThrow('error FF312: pool2: it stands behind the global average pool');
    const lonely = { ...network, layers: [...network.layers.slice(0, 4), network.layers[5]] };
    expect(() => quantized(lonely)).toThrow('error FF312: pool10: no convolution stands directly before it');
  });
});
