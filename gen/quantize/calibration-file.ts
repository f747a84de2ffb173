/** Calibrations as JSON: written, read, and checked against the network they are used for. */
import { writeFileSync } from 'node:fs';
import {
  calibrationInvalid,
  calibrationOfAnotherNetwork,
  calibrationUnreadable,
  calibrationUnwritable,
} from '../diagnostics/quantize.ts';
import { networkHash } from '../graph/hash.ts';
import type { Network } from '../graph/network.ts';
import { parseJson } from '../parse-json.ts';
import { readTextFile } from '../read-file.ts';
import { type Calibration, type ChannelStatistics, mapWriters, RANGE_METHODS } from './calibration.ts';

const FORMAT = 'fireforge-calibration';
const VERSION = 1;

/** The file's text: one line a row of numbers, so that differences can be read. */
export function formatCalibration(calibration: Calibration): string {
  const { layers, ...head } = calibration;
  const headLines = Object.entries({ format: FORMAT, version: VERSION, ...head }).map(
    ([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`,
  );
  const rows = Object.entries(layers).map(([name, { range, mean, low }]) => {
    const lists = Object.entries({ range, mean, ...(low && { low }) });
    const lines = lists.map(([key, list]) => `      ${JSON.stringify(key)}: ${JSON.stringify(list)}`);
    return `    ${JSON.stringify(name)}: {\n${lines.join(',\n')}\n    }`;
  });
  return `{\n${headLines.join('')}  "layers": {\n${rows.join(',\n')}\n  }\n}\n`;
}

/** @throws FireforgeError FF305 if the file cannot be written. */
export function saveCalibration(file: string, calibration: Calibration): void {
  try {
    writeFileSync(file, formatCalibration(calibration));
  } catch (cause) {
    throw calibrationUnwritable(file, (cause as NodeJS.ErrnoException).code ?? String(cause));
  }
}

/** @throws FireforgeError FF301 to FF303. */
export function loadCalibration(file: string, network: Network): Calibration {
  let text: string;
  try {
    text = readTextFile(file);
  } catch (cause) {
    throw calibrationUnreadable(file, (cause as NodeJS.ErrnoException).code ?? String(cause));
  }
  return parseCalibration(text, file, network);
}

/**
 * Parses and checks a calibration of `network`.
 *
 * @param file what messages call it.
 * @throws FireforgeError FF302 if it is none, FF303 if it is another network's.
 */
export function parseCalibration(text: string, file: string, network: Network): Calibration {
  const refuse = (reason: string) => calibrationInvalid(file, reason);
  const parsed = parseFile(text, file);
  const { networkName, networkHash: hash, images, layers } = parsed;
  const method = RANGE_METHODS.find((known) => known === parsed.method);
  if (typeof networkName !== 'string') throw refuse('"networkName" is not a text');
  if (typeof hash !== 'string') throw refuse('"networkHash" is not a text');
  if (method === undefined) throw refuse(`"method" is none of ${RANGE_METHODS.join(', ')}`);
  if (typeof images !== 'number' || !Number.isInteger(images) || images < 1) {
    throw refuse('"images" is not a positive whole number');
  }
  if (!isRecord(layers)) throw refuse('"layers" is not an object');
  if (hash !== networkHash(network)) throw calibrationOfAnotherNetwork(file, networkName, network.name);
  const checked: Record<string, ChannelStatistics> = {};
  for (const { name, outChannels, signed } of mapWriters(network)) {
    const layer = layers[name];
    if (!isRecord(layer)) throw refuse(`layer "${name}" is missing`);
    const row = (key: keyof ChannelStatistics) => {
      const problem = rowProblem(layer[key], outChannels, key === 'mean' && signed);
      if (problem) throw refuse(`layer "${name}", "${key}": ${problem}`);
      return layer[key] as number[];
    };
    checked[name] = { range: row('range'), mean: row('mean'), ...(signed && { low: row('low') }) };
  }
  return { networkName, networkHash: hash, method, images, layers: checked };
}

/** The ranges alone, by layer, where the network is not at hand. Throws FF302. */
export function parseRanges(text: string, file: string): Map<string, readonly number[]> {
  const { layers } = parseFile(text, file);
  if (!isRecord(layers)) throw calibrationInvalid(file, '"layers" is not an object');
  return new Map(
    Object.entries(layers).map(([name, layer]) => {
      const range = isRecord(layer) && Array.isArray(layer.range) ? layer.range : [];
      const problem = rowProblem(range, range.length || 1, false);
      if (problem) throw calibrationInvalid(file, `layer "${name}", "range": ${problem}`);
      return [name, range];
    }),
  );
}

/** The file's fields, when it is a calibration. */
function parseFile(text: string, file: string): Record<string, unknown> {
  const refuse = (reason: string) => calibrationInvalid(file, reason);
  let parsed: unknown;
  try {
    parsed = parseJson(text);
  } catch {
    throw refuse('it is not JSON');
  }
  if (!isRecord(parsed) || parsed.format !== FORMAT) throw refuse(`"format" is not "${FORMAT}"`);
  if (parsed.version !== VERSION) {
    throw refuse(`"version" is ${shown(parsed.version)}, this program reads ${VERSION}`);
  }
  return parsed;
}

function rowProblem(row: unknown, channels: number, signed: boolean): string | undefined {
  if (!Array.isArray(row) || row.length !== channels) return `it is not a list of ${channels} numbers`;
  const bad = row.findIndex(
    (value) => typeof value !== 'number' || !isActivation(value) || (value < 0 && !signed),
  );
  if (bad < 0) return undefined;
  return `number ${bad + 1} is ${shown(row[bad])}, not a number${signed ? '' : ' of 0 or more'} that an activation can be`;
}

/** Magnitudes of float32's: with them no step overflows or is 0. */
const LARGEST = 1e38;
const SMALLEST = 1e-38;

function isActivation(value: number): boolean {
  const magnitude = Math.abs(value);
  return magnitude === 0 || (magnitude >= SMALLEST && magnitude <= LARGEST);
}

/** A value of JSON in a message: of a list or an object, which may be nested without end, only that it is one. */
function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(JSON.stringify(value));
  return Array.isArray(value) ? 'a list' : 'an object';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
