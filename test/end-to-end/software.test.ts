/** Members of the family whose numbers are fixed before any engine runs them: all software gives the same bits. */
import { describe, expect, it } from 'vitest';
import { layerShapes } from '../../gen/graph/shapes.ts';
import { randomSqueezenet } from '../../gen/import/random.ts';
import { synthesizeImages } from '../../sim/image/synthetic.ts';
import { expectSameBits } from './software-witnesses.ts';

const SIDE = 48;
const images = synthesizeImages(2, 5, SIDE, SIDE);

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
