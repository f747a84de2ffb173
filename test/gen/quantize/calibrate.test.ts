import { describe, expect, it } from 'vitest';
import {
  chooseRanges,
  collectRanges,
  collectStatistics,
  compareMethods,
  type FloatRunner,
} from '../../../gen/quantize/calibrate.ts';
import { mapWriters } from '../../../gen/quantize/calibration.ts';
import { formatCalibration, parseCalibration } from '../../../gen/quantize/calibration-file.ts';
import { quantize } from '../../../gen/quantize/quantize.ts';
import { smallNetwork } from './small-network.ts';

const network = smallNetwork(1);
const images = [1, 2, 3].map((value) => Uint8Array.of(value));

/** Stands in for the float witness: of image v, channel c of every layer holds v·(c + 1) once, then zeros. */
const runFloat: FloatRunner = async ([value]) =>
  new Map(
    mapWriters(network).map(({ name, outChannels }) => [
      name,
      Float32Array.from({ length: 4 * outChannels }, (_, i) => (i < outChannels ? value * (i + 1) : 0)),
    ]),
  );

describe('calibration', () => {
  it('gives each channel its range and mean, of every map but not of the classifier', async () => {
    const { layers, ...head } = await collectRanges(network, images, 'minmax', runFloat);
    expect(head).toMatchObject({ networkName: 'small', method: 'minmax', images: 3 });
    expect(Object.keys(layers)).toEqual(mapWriters(network).map(({ name }) => name));
    expect(layers).not.toHaveProperty('conv10');
    expect(layers.conv1.range.slice(0, 3)).toEqual([3, 6, 9]);
    expect(layers.conv1.mean.slice(0, 3)).toEqual([0.5, 1, 1.5]);
  });

  it('does not depend on the order of the images', async () => {
    const forth = await collectRanges(network, images, 'mse', runFloat);
    expect(await collectRanges(network, images.toReversed(), 'mse', runFloat)).toEqual(forth);
  });

  it('saved and loaded gives the same integer network', async () => {
    const thirds: FloatRunner = async (image) =>
      new Map([...(await runFloat(image))].map(([name, values]) => [name, values.map((value) => value / 3)]));
    const calibration = await collectRanges(network, images, 'mse', thirds);
    const loaded = parseCalibration(formatCalibration(calibration), 'c.json', network);
    expect(quantize(network, loaded).layers).toEqual(quantize(network, calibration).layers);
  });

  it('puts the method first that the evaluator likes best, and the first of equals', async () => {
    const statistics = await collectStatistics(network, images, runFloat);
    let calls = 0;
    const trials = await compareMethods(network, statistics, async () => [10, 30, 20][calls++]);
    expect(trials.map(({ calibration, score }) => [calibration.method, score])).toEqual([
      ['percentile', 30],
      ['mse', 20],
      ['minmax', 10],
    ]);
    expect(trials[0].calibration).toEqual(chooseRanges(network, statistics, 'percentile'));
    const equal = await compareMethods(network, statistics, async () => 1);
    expect(equal[0].calibration.method).toBe('minmax');
  });

  it('refuses to go without images, and activations that are not finite', async () => {
    await expect(collectRanges(network, [], 'mse', runFloat)).rejects.toThrow('error FF306: small');
    const overflow: FloatRunner = async (image) => {
      const activations = new Map(await runFloat(image));
      return activations.set('fire2/squeeze1x1', new Float32Array(16).fill(Number.POSITIVE_INFINITY));
    };
    await expect(collectRanges(network, images, 'mse', overflow)).rejects.toThrow(
      'error FF307: fire2/squeeze1x1',
    );
  });
});
