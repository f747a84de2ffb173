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
  if (layer.kind === 'maxpool' || layer.kind === 'gmp' || layer.kind === 'average') return [];
  if (layer.kind !== 'fire') return [layer.conv];
  const convs = [layer.squeeze, layer.expand1x1, layer.expand3x3];
  if (layer.bypass.kind === 'none') return convs;
  return [...convs, ...(layer.bypass.kind === 'complex' ? [layer.bypass.conv] : []), layer.bypass.add];
};

const fireNamed = (network: Network, name: string) =>
  quantized(network).layers.find((layer) => layer.name === name) as Extract<IntegerLayer, { kind: 'fire' }>;

describe('quantize', () => {
  it.each(['none', 'simple', 'complex'] as const)(
    'keeps the contract’s ranges in every channel, bypass %s',
    (bypass) => {
      const { layers, report } = quantized(smallNetwork(3, { bypass }));
      const convs = layers.flatMap(convsOf);
      expect(convs.length).toBe({ none: 8, simple: 9, complex: 10 }[bypass]);
      for (const conv of convs) {
        const size = conv.inChannels * conv.kernel ** 2;
        for (let o = 0; o < conv.outChannels; o++) {
          const filter = conv.weight.subarray(o * size, (o + 1) * size);
          expect(Math.min(...filter)).toBeGreaterThanOrEqual(-127);
          expect(fitsAccumulator(sumBounds(filter, conv.bias[o]))).toBe(true);
          expect(conv.s[o]).toBeGreaterThanOrEqual(SHIFT_MIN);
          expect(conv.s[o]).toBeLessThanOrEqual(SHIFT_MAX);
        }
        if (!conv.diagonal) expect(report.accumulatorBits.get(conv.name)).toBeLessThanOrEqual(25);
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
      expect(((conv.m[o] / 2 ** conv.s[o]) * network.output.scale) / perSum).toBeCloseTo(1, 4);
    }
  });

  it.each(['simple', 'complex'] as const)('adds the terms of a %s bypass channel by channel', (kind) => {
    const network = smallNetwork(3, { bypass: kind });
    const { expand1x1, expand3x3, bypass } = fireNamed(network, 'fire3');
    if (bypass.kind === 'none') throw new Error('no bypass');
    const { add } = bypass;
    const before = fireNamed(network, 'fire2');
    const channels = add.outChannels;
    expect(add.inChannels).toBe(2 * channels);
    const joined = (convs: readonly IntegerConvolution[]) => ({
      steps: convs.flatMap(({ outputChannelScale }) => [...outputChannelScale!]),
      zeros: convs.flatMap((conv) => [...(conv.zeroPoint ?? new Uint8Array(conv.outChannels))]),
    });
    const own = joined([expand1x1, expand3x3]);
    const added = joined(bypass.kind === 'complex' ? [bypass.conv] : [before.expand1x1, before.expand3x3]);
    for (let c = 0; c < channels; c++) {
      const row = add.weight.subarray(c * 2 * channels, (c + 1) * 2 * channels);
      expect(row.filter((weight) => weight !== 0).length).toBe(2);
      const real = (index: number, stored: number, { steps, zeros }: typeof own) =>
        ({ exact: steps[c] * (stored - zeros[c]), sum: row[index] * stored }) as const;
      // Wherever the terms are, the sum is right within the rounding of the finer weight.
      for (const stored of [0, 100, 255]) {
        const a = real(c, stored, own);
        const b = real(channels + c, 255 - stored, added);
        const sum = (a.sum + b.sum + add.bias[c]) * add.weightScale[c];
        const tolerance = Math.max(own.steps[c], added.steps[c]) * 2;
        expect(Math.abs(sum - a.exact - b.exact)).toBeLessThan(tolerance);
      }
    }
  });

  it('gives a map that leaves the chip one step for all channels', () => {
    const { layers } = smallNetwork(3);
    const ends: [string, Network['layers'], object][] = [
      ['behind a Fire module', layers.slice(0, 4), { kind: 'map', height: 4, width: 4, channels: 16 }],
      ['behind a pool', layers.slice(0, 3), { kind: 'map', height: 4, width: 4, channels: 16 }],
      [
        'behind a global max-pool',
        [...layers.slice(0, 4), { kind: 'gmp', name: 'pool3' }],
        { kind: 'map', height: 1, width: 1, channels: 16 },
      ],
    ];
    for (const [what, of, output] of ends) {
      const network = quantized({ ...smallNetwork(3), layers: of });
      const fire = network.layers.findLast((layer) => layer.kind === 'fire')!;
      expect(new Set(fire.expand3x3.outputChannelScale).size, what).toBe(1);
      expect(network.output, what).toEqual({ ...output, scale: fire.expand1x1.outputScale });
    }
  });

  it('gives the averages of a map one scale, a 256th of its coarsest step', () => {
    const { layers } = smallNetwork(3);
    const averaged = [...layers.slice(0, 4), { kind: 'gap', name: 'pool3' } as const];
    const network = quantized({ ...smallNetwork(3), layers: averaged });
    const [fire, average] = network.layers.slice(-2);
    if (fire.kind !== 'fire' || average.kind !== 'average') throw new Error('fire and average expected');
    const steps = [...fire.expand1x1.outputChannelScale!, ...fire.expand3x3.outputChannelScale!];
    expect(new Set(steps).size).toBeGreaterThan(1);
    expect(network.output).toEqual({ kind: 'logits', channels: 16, scale: Math.max(...steps) / 256 });
    for (const [c, step] of steps.entries()) {
      const value = (average.m[c] / 2 ** average.s[c]) * network.output.scale;
      expect(value / (step / 16)).toBeCloseTo(1, 4);
    }
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

  it('no layers, layers before the first convolution and behind a global pool', () => {
    expect(() => quantized({ ...network, layers: [] })).toThrow('error FF312: small: it has no layers');
    const pooled = { ...network, layers: network.layers.slice(2) };
    const all = madeUpCalibration(network);
    expect(() => quantize(pooled, all)).toThrow('error FF312: pool2: no convolution stands before it');
    const twice = { ...network, layers: [...network.layers, network.layers[2]] };
    expect(() => quantized(twice)).toThrow('error FF312: pool2: it stands behind the global average pool');
    const maximum: Network['layers'][number] = { kind: 'gmp', name: 'pool3' };
    const followed = { ...network, layers: [...network.layers.slice(0, 4), maximum, network.layers[3]] };
    expect(() => quantized(followed)).toThrow('error FF312: fire3: it stands behind the global max pool');
  });
});
