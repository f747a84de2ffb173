/** The calibrations that come with fireforge, measured on photographs for networks that anyone can fetch. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { networkHash } from '../graph/hash.ts';
import type { Network } from '../graph/network.ts';
import type { Calibration } from './calibration.ts';
import { parseCalibration } from './calibration-file.ts';

const FOLDER = fileURLToPath(new URL('../../models/', import.meta.url));
const SUFFIX = '.calibration.json';

/** The shipped calibration of this very network (weights, side, preprocessing), if there is one. */
export function shippedCalibration(network: Network): Calibration | undefined {
  const hash = networkHash(network);
  for (const name of readdirSync(FOLDER)
    .filter((entry) => entry.endsWith(SUFFIX))
    .sort()) {
    const file = path.join(FOLDER, name);
    const text = readFileSync(file, 'utf8');
    if (text.includes(hash)) return parseCalibration(text, file, network);
  }
  return undefined;
}
