import { describe, expect, it } from 'vitest';
import { networkHash } from '../../../gen/graph/hash.ts';
import { type Convolution, convolutions } from '../../../gen/graph/network.ts';
import { Prng } from '../../../gen/import/prng.ts';
import { randomSqueezenet } from '../../../gen/import/random.ts';

const make = (seed: number, classes = 10) => randomSqueezenet({ version: '1.1', side: 48, classes, seed });

/** Mean square of relu(conv) over a column of pixels that all see the same input. */
function meanSquareBehind(
  conv: Convolution,
  input: Float64Array,
): { output: Float64Array; meanSquare: number } {
  const taps = conv.kernel ** 2;
  const output = new Float64Array(conv.outChannels);
  for (let o = 0; o < conv.outChannels; o++) {
    let sum = conv.bias[o];
    for (let i = 0; i < conv.inChannels; i++) {
      for (let t = 0; t < taps; t++) sum += conv.weight[(o * conv.inChannels + i) * taps + t] * input[i];
    }
    output[o] = Math.max(0, sum);
  }
  return { output, meanSquare: output.reduce((sum, x) => sum + x * x, 0) / output.length };
}

describe('Prng', () => {
  it('draws the numbers of xoshiro128** on every machine', () => {
    const prng = new Prng(1);
    const drawn = [prng.next(), prng.next(), prng.next()];
    expect(drawn).toMatchInlineSnapshot(`
      [
        2442144158,
        3238099751,
        3819917871,
      ]
    `);
    expect(drawn).not.toEqual([new Prng(2).next(), new Prng(2).next(), new Prng(2).next()]);
  });

  it('is flat and its bell has variance 1', () => {
    const prng = new Prng(3);
    const flat = Array.from({ length: 20000 }, () => prng.uniform());
    expect(flat.reduce((a, b) => a + b) / flat.length).toBeCloseTo(0.5, 1);
    const bell = Array.from({ length: 20000 }, () => prng.bell());
    const variance = bell.reduce((sum, x) => sum + x * x, 0) / bell.length;
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
  });
});

describe('randomSqueezenet', () => {
  it('is the same for a seed and another for another', () => {
    expect(networkHash(make(1))).toBe(networkHash(make(1)));
    expect(networkHash(make(2))).not.toBe(networkHash(make(1)));
    expect(make(1).trained).toBe(false);
  });

  it('keeps the features of a seed for any number of classes', () => {
    const [few, many] = [convolutions(make(5, 3)), convolutions(make(5, 30))];
    const bytes = (conv: Convolution) => Buffer.from(conv.weight.buffer);
    for (const [i, conv] of few.slice(0, -1).entries()) {
      expect(bytes(conv).equals(bytes(many[i])), conv.name).toBe(true);
    }
  });

  it('lets activations neither die nor explode', () => {
    const prng = new Prng(9);
    let map = Float64Array.from({ length: 3 }, () => prng.bell());
    for (const layer of make(4).layers) {
      if (layer.kind === 'conv') map = meanSquareBehind(layer.conv, map).output as Float64Array<ArrayBuffer>;
      if (layer.kind !== 'fire') continue;
      const waist = meanSquareBehind(layer.squeeze, map);
      const halves = [layer.expand1x1, layer.expand3x3].map((conv) => meanSquareBehind(conv, waist.output));
      for (const { meanSquare } of [waist, ...halves]) {
        expect(meanSquare, layer.name).toBeGreaterThan(0.01);
        expect(meanSquare, layer.name).toBeLessThan(100);
      }
      map = Float64Array.from([...halves[0].output, ...halves[1].output]);
    }
  });
});
