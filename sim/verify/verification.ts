/** What `verify` finds out, put together from its queues. */
import type { Compiled } from '../../gen/compiled.ts';
import { minimumBytes } from '../../gen/emit/traffic.ts';
import { utilization } from '../../gen/estimate.ts';
import { macUnits } from '../../gen/geometry/geometry.ts';
import { networkMacs } from '../../gen/graph/shapes.ts';
import { Comparison } from '../compare/comparison.ts';
import type { VerifiedQueue } from './queue.ts';

/** What `verify --json` prints (docs/reference/cli.md). */
export interface Verification {
  readonly images: number;
  readonly layers: readonly VerifiedLayer[];
  /** Over all witnesses, layers and images. */
  readonly mismatches: number;
  /** Of the last result of each queue, added up. */
  readonly cycles: number;
  /** Of each image, since the first START of its queue. */
  readonly doneCycles: readonly number[];
  readonly predictedCycles: number;
  readonly queues: readonly QueueCycles[];
  readonly macs: number;
  readonly macUnits: number;
  /** Of the longest queue. */
  readonly utilization: number;
  readonly axiReadBytes: number;
  readonly axiWriteBytes: number;
  readonly minimumBytes: number;
  /** Per image: of the RTL. */
  readonly top5: readonly (readonly number[])[];
  readonly fixedTop5: readonly (readonly number[])[];
  readonly floatTop5: readonly (readonly number[])[];
  readonly cyclesPerSecond: number;
}

/** Images that went through one job queue back to back: the first ones, then the next ones, and so on. */
export interface QueueCycles {
  readonly images: number;
  readonly cycles: number;
  readonly predictedCycles: number;
}

export interface VerifiedLayer {
  readonly name: string;
  readonly values: number;
  /** RTL against fixed. */
  readonly mismatches: number;
  /** All integer witnesses against fixed, by name. */
  readonly witnesses: Readonly<Record<string, number>>;
  readonly sqnrDb: number | null;
}

/** Queues in the order of their images, which were simulated at the same time. */
export function verificationOf(compiled: Compiled, verified: readonly VerifiedQueue[]): Verification {
  const images = verified.flatMap((queue) => queue.images);
  const comparison = new Comparison(compiled.integer);
  for (const { layers } of images) comparison.add(layers);
  const doneCycles = images.map(({ doneCycle }) => doneCycle);
  const queues = verified.map(({ images, predictedCycles }) => ({
    images: images.length,
    cycles: images[images.length - 1].doneCycle,
    predictedCycles,
  }));
  const macs = networkMacs(compiled.network);
  const units = macUnits(compiled.geometry);
  return {
    images: images.length,
    layers: verifiedLayers(comparison),
    mismatches: comparison.totalMismatches(),
    cycles: sum(queues.map(({ cycles }) => cycles)),
    doneCycles,
    predictedCycles: sum(queues.map(({ predictedCycles }) => predictedCycles)),
    queues,
    macs,
    macUnits: units,
    utilization: utilization(macs, units, longestQueue({ queues, doneCycles })),
    axiReadBytes: sum(images.map(({ readBytes }) => readBytes)) / images.length,
    axiWriteBytes: sum(images.map(({ writeBytes }) => writeBytes)) / images.length,
    minimumBytes: minimumBytes(compiled.network),
    top5: images.map(({ top5 }) => top5),
    fixedTop5: images.map(({ fixedTop5 }) => fixedTop5),
    floatTop5: images.map(({ floatTop5 }) => floatTop5),
    cyclesPerSecond:
      sum(verified.map(({ simulatedCycles }) => simulatedCycles)) /
      Math.max(...verified.map(({ seconds }) => seconds)),
  };
}

/** `doneCycles` of the queue with the most images, the first of them. */
export function longestQueue({
  queues,
  doneCycles,
}: Pick<Verification, 'queues' | 'doneCycles'>): readonly number[] {
  const sizes = queues.map(({ images }) => images);
  const longest = sizes.indexOf(Math.max(...sizes));
  const start = sum(sizes.slice(0, longest));
  return doneCycles.slice(start, start + sizes[longest]);
}

function verifiedLayers(comparison: Comparison): VerifiedLayer[] {
  return comparison.layers().map(({ name, values, mismatches, sqnrDb }) => ({
    name,
    values,
    mismatches: mismatches.get('rtl')!,
    witnesses: Object.fromEntries(mismatches),
    sqnrDb,
  }));
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
