/** What `verify` finds out, put together from its queues. */
import type { Compiled } from '../../gen/compiled.ts';
import { minimumBytes } from '../../gen/emit/traffic.ts';
import { utilization } from '../../gen/estimate.ts';
import { macUnits } from '../../gen/geometry/geometry.ts';
import { networkMacs } from '../../gen/graph/shapes.ts';
import { Comparison } from '../compare/comparison.ts';
import type { VerifiedJob, VerifiedQueue } from './queue.ts';

/** What is found of a network, whichever other ones share the engine. */
export interface NetworkVerification {
  readonly images: number;
  readonly layers: readonly VerifiedLayer[];
  /** Over all witnesses, layers and images. */
  readonly mismatches: number;
  readonly macs: number;
  readonly axiReadBytes: number;
  readonly axiWriteBytes: number;
  readonly minimumBytes: number;
  /** Per image: of the RTL. */
  readonly top5: readonly (readonly number[])[];
  readonly fixedTop5: readonly (readonly number[])[];
  readonly floatTop5: readonly (readonly number[])[];
}

/** What is found of the simulated engines. */
export interface EngineVerification {
  /** Of the last result of each queue, added up. */
  readonly cycles: number;
  /** Of each job, since the first START of its queue. */
  readonly doneCycles: readonly number[];
  readonly predictedCycles: number;
  readonly queues: readonly QueueCycles[];
  readonly macUnits: number;
  readonly cyclesPerSecond: number;
}

/** What `verify --json` prints (docs/reference/cli.md). */
export interface Verification extends NetworkVerification, EngineVerification {
  /** Of the longest queue. */
  readonly utilization: number;
}

/** What it prints of several builds. */
export interface SharedVerification extends EngineVerification {
  /** Over all networks. */
  readonly mismatches: number;
  readonly networks: readonly NetworkVerification[];
  /** In the order of the jobs, queue by queue: the network's index, and the tape that the trailer names. */
  readonly results: readonly { readonly network: number; readonly tapeId: number }[];
}

/** Jobs that went through one queue back to back: the first images, then the next ones, and so on. */
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
  const network = networkVerification(compiled, jobsOf(verified));
  const engine = engineVerification(compiled, verified);
  return {
    ...network,
    ...engine,
    utilization: utilization(network.macs, engine.macUnits, longestQueue(engine)),
  };
}

/** The same of several networks of one geometry. */
export function sharedVerificationOf(
  compiled: readonly Compiled[],
  verified: readonly VerifiedQueue[],
): SharedVerification {
  const jobs = jobsOf(verified);
  const networks = compiled.map((one, index) =>
    networkVerification(
      one,
      jobs.filter(({ network }) => network === index),
    ),
  );
  return {
    mismatches: sum(networks.map(({ mismatches }) => mismatches)),
    networks,
    results: jobs.map(({ network, tapeId }) => ({ network, tapeId })),
    ...engineVerification(compiled[0], verified),
  };
}

const jobsOf = (verified: readonly VerifiedQueue[]) => verified.flatMap(({ jobs }) => jobs);

function networkVerification(compiled: Compiled, jobs: readonly VerifiedJob[]): NetworkVerification {
  const comparison = new Comparison(compiled.integer);
  for (const { layers } of jobs) comparison.add(layers);
  return {
    images: jobs.length,
    layers: verifiedLayers(comparison),
    mismatches: comparison.totalMismatches(),
    macs: networkMacs(compiled.network),
    axiReadBytes: sum(jobs.map(({ readBytes }) => readBytes)) / jobs.length,
    axiWriteBytes: sum(jobs.map(({ writeBytes }) => writeBytes)) / jobs.length,
    minimumBytes: minimumBytes(compiled.network),
    top5: jobs.map(({ top5 }) => top5),
    fixedTop5: jobs.map(({ fixedTop5 }) => fixedTop5),
    floatTop5: jobs.map(({ floatTop5 }) => floatTop5),
  };
}

function engineVerification({ geometry }: Compiled, verified: readonly VerifiedQueue[]): EngineVerification {
  const queues = verified.map(({ jobs, predictedCycles }) => ({
    images: jobs.length,
    cycles: jobs[jobs.length - 1].doneCycle,
    predictedCycles,
  }));
  return {
    cycles: sum(queues.map(({ cycles }) => cycles)),
    doneCycles: jobsOf(verified).map(({ doneCycle }) => doneCycle),
    predictedCycles: sum(queues.map(({ predictedCycles }) => predictedCycles)),
    queues,
    macUnits: macUnits(geometry),
    cyclesPerSecond:
      sum(verified.map(({ simulatedCycles }) => simulatedCycles)) /
      Math.max(...verified.map(({ seconds }) => seconds)),
  };
}

/** `doneCycles` of the queue with the most images, the first of them. */
export function longestQueue({
  queues,
  doneCycles,
}: Pick<EngineVerification, 'queues' | 'doneCycles'>): readonly number[] {
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
