import { describe, expect, it } from 'vitest';
import { type Convolution, NO_PADDING } from '../../../gen/graph/network.ts';
import { Prng } from '../../../gen/import/prng.ts';
import { quantizeAccumulation } from '../../../gen/quantize/convolution.ts';
import { fitsAccumulator } from '../../../gen/quantize/proof.ts';
import { featureSource, imageSource } from '../../../gen/quantize/source-map.ts';

function convolution(inChannels: number, outChannels: number, kernel: number, fill: Partial<Convolution>) {
  const size = outChannels * inChannels * kernel ** 2;
  const shape = { name: 'conv', inChannels, outChannels, kernel, stride: 1, padding: NO_PADDING, relu: true };
  return { ...shape, weight: new Float32Array(size), bias: new Float32Array(outChannels), ...fill };
}

const BGR = { order: 'bgr', mean: [104.25, 117, 123], scale: [0.5, 0.25, 2], resize: 256 } as const;

describe('quantizeAccumulation of the image', () => {
  // Weights that are whole steps: nothing is rounded but the bias, so the integers must say what floats do.
  const prng = new Prng(5);
  const steps = Int8Array.from({ length: 2 * 3 * 9 }, () => (prng.next() % 255) - 127);
  for (const o of [0, 1]) steps[o * 27] = 127;
  const weight = Float32Array.from(steps, (value, i) => (value * 2 ** -9) / BGR.scale[Math.floor(i / 9) % 3]);
  const conv = convolution(3, 2, 3, { weight, bias: Float32Array.of(0.75, -2) });
  const {
    weight: quantized,
    bias,
    scales,
  } = quantizeAccumulation(conv, imageSource({ height: 3, width: 3, channels: 3 }, BGR));

  it('takes raw RGB: channel order, scale and mean are folded in exactly', () => {
    const rgb = Uint8Array.from({ length: 27 }, () => prng.next() % 256);
    for (const o of [0, 1]) {
      let real = conv.bias[o];
      let sum = bias[o];
      for (let c = 0; c < 3; c++) {
        for (let tap = 0; tap < 9; tap++) {
          const networkInput = (rgb[(2 - c) * 9 + tap] - BGR.mean[c]) * BGR.scale[c];
          real += conv.weight[(o * 3 + c) * 9 + tap] * networkInput;
          sum += quantized[(o * 3 + c) * 9 + tap] * rgb[c * 9 + tap];
        }
      }
      expect(Math.abs(sum * scales[o] - real)).toBeLessThanOrEqual(scales[o] / 2 + 1e-9);
    }
  });

  it('folds the mean with the quantized weights: a mean image leaves the bias alone', () => {
    const rough = convolution(3, 1, 3, { weight: Float32Array.from({ length: 27 }, () => prng.bell()) });
    const folded = quantizeAccumulation(rough, imageSource({ height: 3, width: 3, channels: 3 }, BGR));
    const atMean = folded.weight.reduce(
      (sum, w, i) => sum + w * [123, 117, 104.25][Math.floor(i / 9)],
      folded.bias[0],
    );
    expect(Math.abs(atMean)).toBeLessThanOrEqual(0.5);
  });
});

describe('quantizeAccumulation of a map', () => {
  const prng = new Prng(6);
  const steps = Float64Array.from({ length: 16 }, () => 0.01 + 0.1 * prng.uniform());
  const means = Array.from(steps, (step) => 255 * step * prng.uniform());

  it('takes the mean error of the rounding out of the bias', () => {
    const weight = Float32Array.from({ length: 4 * 16 }, () => prng.bell());
    const conv = convolution(16, 4, 1, { weight, bias: Float32Array.of(1, -1, 3, 0) });
    const { weight: quantized, bias, scales } = quantizeAccumulation(conv, featureSource(steps, means));
    for (let o = 0; o < 4; o++) {
      let real = conv.bias[o];
      let sum = bias[o];
      for (let c = 0; c < 16; c++) {
        real += conv.weight[o * 16 + c] * means[c];
        sum += (quantized[o * 16 + c] * means[c]) / steps[c];
      }
      expect(Math.abs(sum * scales[o] - real)).toBeLessThanOrEqual(scales[o] / 2 + 1e-6);
    }
  });

  it('gives the largest weight of each channel ±127 and no note', () => {
    const weight = Float32Array.from({ length: 4 * 16 * 9 }, () => prng.bell());
    const { weight: quantized, enlarged } = quantizeAccumulation(
      convolution(16, 4, 3, { weight }),
      featureSource(steps, means),
    );
    expect(enlarged).toEqual([]);
    for (let o = 0; o < 4; o++) {
      const filter = quantized.subarray(o * 144, (o + 1) * 144);
      expect(Math.max(...filter.map(Math.abs))).toBe(127);
    }
  });

  it('floors the scale of zero and nearly zero filters, so that their bias fits and keeps its value', () => {
    const weight = new Float32Array(3 * 16);
    weight[16] = 1e-30;
    const conv = convolution(16, 3, 1, { weight, bias: Float32Array.of(3, -0.125, 0) });
    const {
      weight: quantized,
      bias,
      scales,
      bounds,
      enlarged,
    } = quantizeAccumulation(conv, featureSource(steps, means));
    expect(quantized.every((value) => value === 0)).toBe(true);
    expect(bounds.every(fitsAccumulator)).toBe(true);
    for (let o = 0; o < 3; o++)
      expect(Math.abs(bias[o] * scales[o] - conv.bias[o])).toBeLessThanOrEqual(scales[o]);
    expect(scales[2]).toBeGreaterThan(0);
    expect(enlarged).toContain(0);
    expect(enlarged).toContain(1);
  });

  it.each([
    ['positive weights', 1, 0],
    ['negative weights', -1, 0],
    ['a large bias against small weights', 1e-6, 1e4],
  ])('enlarges the scale of a channel that does not fit: %s', (_, value, offset) => {
    // 4096 taps at 127 · 255 would need 28 bits.
    const wide = new Float64Array(4096).fill(1);
    const conv = convolution(4096, 2, 1, {
      weight: Float32Array.from({ length: 2 * 4096 }, (_, i) => (i < 4096 ? value : value * 0.001 * (i % 2))),
      bias: Float32Array.of(offset, 0),
    });
    const { bounds, enlarged, scales, bias, weight } = quantizeAccumulation(
      conv,
      featureSource(wide, [...wide]),
    );
    expect(bounds.every(fitsAccumulator)).toBe(true);
    expect(enlarged).toContain(0);
    const black = bias[0] * scales[0];
    const white = weight.subarray(0, 4096).reduce((sum, w) => sum + 255 * w, bias[0]) * scales[0];
    expect(white - black).toBeCloseTo(value * 4096 * 255, value > 0.5 || value < 0 ? -5 : -1);
  });
});
