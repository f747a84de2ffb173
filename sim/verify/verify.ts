/** Builds of one geometry, all witnesses, the same images: do they compute the same bits, and how good are these? */
import type { Progress } from '../../gen/import/fetch/progress.ts';
import { allOrStop } from '../parallel/all-or-stop.ts';
import { splitEvenly } from '../parallel/split.ts';
import { runThread, type ThreadOptions } from '../parallel/thread.ts';
import { buildModel } from '../rtl/build.ts';
import { addReports, type QueueReport } from './progress.ts';
import { type QueueRequest, type VerifiedQueue, verifyQueue } from './queue.ts';
import {
  type SharedVerification,
  sharedVerificationOf,
  type Verification,
  verificationOf,
} from './verification.ts';

export type { SharedVerification, Verification };

export interface VerifyRequest extends Omit<QueueRequest, 'bench' | 'jobs'> {
  /** In each round an image for each network, in their order; all are RGB of the network's height × width. */
  readonly rounds: readonly (readonly Uint8Array[])[];
  /** Threads at most, each with images and a simulated engine of its own. One (the default) is this thread. */
  readonly workers?: number;
}

const WORKER = new URL('./worker.js', import.meta.url);

/**
 * Runs every witness on every image of one network. The rounds are cut into one queue a worker, and each engine's
 * job queue is kept full.
 *
 * @throws FireforgeError as buildModel and runRtl do; FF712 when a worker is gone without a result
 */
export async function verify(request: VerifyRequest, progress: Progress): Promise<Verification> {
  return verificationOf(request.networks[0].compiled, await verifyQueues(request, progress));
}

/** The same of several networks on one engine, whose jobs take turns without a reset between them. */
export async function verifyShared(request: VerifyRequest, progress: Progress): Promise<SharedVerification> {
  const networks = request.networks.map(({ compiled }) => compiled);
  return sharedVerificationOf(networks, await verifyQueues(request, progress));
}

async function verifyQueues(request: VerifyRequest, progress: Progress): Promise<VerifiedQueue[]> {
  const trace = request.trace !== undefined;
  const bench = await buildModel({ ...request, trace }, () => progress(0, 1, 'building the model'));
  const queues = queuesOf(request).map((queue) => ({ ...queue, bench }));
  const sizes = queues.map(({ jobs }) => jobs.length);
  const report = addReports(sizes, progress);
  const verifyOne = queues.length === 1 ? verifyQueue : verifyInThread;
  return allOrStop(
    queues.map((queue, index) => (stop) => {
      const onReport = (news: QueueReport) => report(index, news);
      return verifyOne(queue, { stop, onReport });
    }),
  );
}

/**
 * The rounds in contiguous queues of as equal length as can be. The back-pressure of queue i is seeded with
 * `seed` + i. Waveforms show one engine: with them there is one queue.
 */
export function queuesOf({ workers = 1, rounds, ...request }: VerifyRequest): Omit<QueueRequest, 'bench'>[] {
  const { seed, trace } = request;
  const groups = splitEvenly(rounds, trace === undefined ? workers : 1);
  return groups.map((group, queue) => {
    const jobs = group.flatMap((images) => images.map((image, network) => ({ network, image })));
    return { ...request, jobs, seed: seed + queue };
  });
}

const verifyInThread = (request: QueueRequest, options: ThreadOptions<QueueReport>): Promise<VerifiedQueue> =>
  runThread(WORKER, request, options);
