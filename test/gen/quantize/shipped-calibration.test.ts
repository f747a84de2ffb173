import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { networkHash } from '../../../gen/graph/hash.ts';
import { shippedCalibration } from '../../../gen/quantize/shipped-calibration.ts';
import { smallNetwork } from './small-network.ts';

describe('shipped calibrations', () => {
  const files = readdirSync('models').filter((name) => name.endsWith('.calibration.json'));

  it('include one for the fetched v1.1, small enough to read', () => {
    expect(files).toContain('squeezenet1.1-imagenet.calibration.json');
    for (const file of files) expect(readFileSync(`models/${file}`).length).toBeLessThan(100_000);
  });

  it('are found by the network’s hash alone', () => {
    const network = smallNetwork(1);
    const hash = networkHash(network);
    expect(files.some((file) => readFileSync(`models/${file}`, 'utf8').includes(hash))).toBe(false);
    expect(shippedCalibration(network)).toBeUndefined();
  });
});
