/** Options that several commands share, and how their texts become values. */
import { Option } from 'commander';
import {
  optionNotAChoice,
  optionNotANumber,
  optionNotAPercentage,
  optionNotASize,
} from '../gen/diagnostics/cli.ts';
import type { ImageSize } from '../gen/graph/network.ts';

/** A whole number from `least`. */
export function wholeNumber(option: string, least = 1): (text: string) => number {
  return (text) => {
    if (!/^\d+$/.test(text) || Number(text) < least || !Number.isSafeInteger(Number(text))) {
      throw optionNotANumber(option, text, least);
    }
    return Number(text);
  };
}

export function percentage(option: string): (text: string) => number {
  return (text) => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (!(value < 100)) throw optionNotAPercentage(option, text);
    return value;
  };
}

/** Height and width with an x between. */
export function imageSize(option: string): (text: string) => ImageSize {
  return (text) => {
    const [, height, width] = /^([1-9]\d{0,5})x([1-9]\d{0,5})$/.exec(text) ?? [];
    if (height === undefined) throw optionNotASize(option, text);
    return { height: Number(height), width: Number(width) };
  };
}

export function choice<T extends string>(option: string, choices: readonly T[]): (text: string) => T {
  return (text) => {
    const found = choices.find((known) => known === text);
    if (found === undefined) throw optionNotAChoice(option, text, choices);
    return found;
  };
}

export const jsonOption = () => new Option('--json', 'print one JSON value instead of text');

export const latencyOption = () =>
  new Option('--latency <cycles>', 'read and write latency of the memory')
    .argParser(wholeNumber('--latency', 0))
    .default(30);

export const backpressureOption = () =>
  new Option('--backpressure <percent>', 'cycles in which each channel of the memory withholds')
    .argParser(percentage('--backpressure'))
    .default(0);

export const seedOption = (what: string) =>
  new Option('--seed <number>', what).argParser(wholeNumber('--seed', 0)).default(0);

export const modelOption = () =>
  new Option('--model <file>', "where the build's model is now, if it was moved");

export const limitOption = () =>
  new Option('--limit <images>', 'take the first so many images only').argParser(wholeNumber('--limit'));

export const workersOption = () =>
  new Option(
    '--workers <threads>',
    'verify so many images at once (default: one a core, at most one an image)',
  ).argParser(wholeNumber('--workers'));
