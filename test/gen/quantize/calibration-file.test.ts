import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  formatCalibration,
  loadCalibration,
  parseCalibration,
  saveCalibration,
} from '../../../gen/quantize/calibration-file.ts';
import { madeUpCalibration, smallNetwork } from './small-network.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'calibration-'));
afterAll(() => rmSync(folder, { recursive: true }));

const network = smallNetwork(1);
const calibration = madeUpCalibration(network);

/** The refusal of the calibration's JSON after `change`. */
function refusal(change: (json: Record<string, unknown>) => void): string {
  const json = JSON.parse(formatCalibration(calibration));
  change(json);
  try {
    parseCalibration(JSON.stringify(json), 'c.json', network);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

const rowOf = (json: Record<string, unknown>, layer: string, key: string) =>
  (json.layers as Record<string, Record<string, unknown[]>>)[layer][key];

describe('a calibration file', () => {
  it('comes back as it was saved', () => {
    const file = path.join(folder, 'small.json');
    saveCalibration(file, calibration);
    expect(loadCalibration(file, network)).toEqual(calibration);
  });

  it('is refused for another network, and says whose it is', () => {
    const text = formatCalibration(calibration);
    expect(() => parseCalibration(text, 'c.json', smallNetwork(2))).toThrow(
      'error FF303: c.json: it was measured on another network (small) than small: weights, side or preprocessing differ',
    );
  });

  it('may come from a network of another name', () => {
    expect(() =>
      parseCalibration(formatCalibration(calibration), 'c.json', { ...network, name: 'x' }),
    ).not.toThrow();
  });

  it('is refused when it is no file, no JSON or no calibration', () => {
    expect(() => loadCalibration(path.join(folder, 'absent.json'), network)).toThrow('FF301');
    expect(() => loadCalibration(path.join(folder, 'absent.json'), network)).toThrow('ENOENT');
    const file = path.join(folder, 'broken.json');
    writeFileSync(file, '{"format": "fireforge-calibration", ');
    expect(() => loadCalibration(file, network)).toThrow(/FF302.*it is not JSON/);
    expect(() => parseCalibration('[]', 'c.json', network)).toThrow(
      '"format" is not "fireforge-calibration"',
    );
  });

  it('cannot be written where there is no folder', () => {
    expect(() => saveCalibration(path.join(folder, 'absent', 'c.json'), calibration)).toThrow('FF305');
  });

  it.each<[string, (json: Record<string, unknown>) => void, string]>([
    [
      'another version',
      (json) => {
        json.version = 2;
      },
      '"version" is 2, this program reads 1',
    ],
    [
      'an unknown method',
      (json) => {
        json.method = 'guess';
      },
      '"method" is none of minmax, percentile, mse',
    ],
    [
      'no images',
      (json) => {
        json.images = 0;
      },
      '"images" is not a positive whole number',
    ],
    [
      'no hash',
      (json) => {
        delete json.networkHash;
      },
      '"networkHash" is not a text',
    ],
    [
      'no layers',
      (json) => {
        json.layers = 3;
      },
      '"layers" is not an object',
    ],
    [
      'a missing layer',
      (json) => {
        delete (json.layers as Record<string, unknown>)['fire3/expand1x1'];
      },
      'layer "fire3/expand1x1" is missing',
    ],
    [
      'a short row',
      (json) => {
        rowOf(json, 'conv1', 'mean').pop();
      },
      'layer "conv1", "mean": it is not a list of 16 numbers',
    ],
    [
      'a negative range',
      (json) => {
        rowOf(json, 'conv1', 'range')[2] = -1;
      },
      'layer "conv1", "range": number 3 is -1, not a number of 0 or more that an activation can be',
    ],
    [
      'a range that JSON cannot hold',
      (json) => {
        rowOf(json, 'conv1', 'range')[0] = Number.POSITIVE_INFINITY;
      },
      'number 1 is null, not a number',
    ],
    [
      'a text for a number',
      (json) => {
        rowOf(json, 'conv1', 'range')[0] = '1';
      },
      'number 1 is "1", not a number',
    ],
  ])('is refused with %s', (_, change, reason) => {
    const message = refusal(change);
    expect(message).toContain('error FF302: c.json: not a valid calibration: ');
    expect(message).toContain(reason);
  });

  it('is refused where a number is written beyond a double', () => {
    const text = formatCalibration(calibration).replace('"range": [1,', '"range": [1e999,');
    expect(() => parseCalibration(text, 'c.json', network)).toThrow('FF302');
  });
});
