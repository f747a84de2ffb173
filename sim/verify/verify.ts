/** One build, all witnesses, the same images: do they compute the same bits, and how good are these? */
import type { Progress } from '../../gen/import/fetch/progress.ts';
import { allOrStop } from '../parallel/all-or-stop.ts';
import { splitEvenly } from '../parallel/split.ts';
import { runThread, type ThreadOptions } from '../parallel/thread.ts';
import { buildModel } from '../rtl/build.ts';
import { addReports, type QueueReport } from './progress.ts';
import { type QueueRequest, type VerifiedQueue, verifyQueue } from './queue.ts';
import { type Verification, verificationOf } from './verification.ts';

export type { Verification };

export interface VerifyRequest extends Omit<QueueRequest, 'bench'> {
  /** Threads at most, each with images and a simulated engine of its own. One (the default) is this thread. */
  readonly workers?: number;
}

const WORKER = new URL('./worker.js', import.meta.url);

/**
 * Runs every witness on every image. The images are cut into one queue a worker, and each engine's job queue is
 * kept full.
 *
 * @throws FireforgeError as buildModel and runRtl do; FF712 when a worker is gone without a result
 */
export async function verify(request: VerifyRequest, progress: Progress): Promise<Verification> {
  const trace = request.trace !== undefined;
  const bench = await buildModel({ ...request, trace }, () => progress(0, 1, 'building the model'));
  const queues = queuesOf(request).map((queue) => ({ ...queue, bench }));
  const sizes = queues.map(({ images }) => images.length);
  const report = addReports(sizes, progress);
  const verifyOne = queues.length === 1 ? verifyQueue : verifyInThread;
  const verified = await allOrStop(
    queues.map((queue, index) => (stop) => {
      const onReport = (news: QueueReport) => report(index, news);
      return verifyOne(queue, { stop, onReport });
    }),
  );
  return verificationOf(request.compiled, verified);
}

/**
 * The images in contiguous queues of as equal length as can be. The back-pressure of queue i is seeded with
 * `seed` + i. Waveforms show one engine: with them there is one queue.
 */
export function queuesOf({ workers = 1, ...request }: VerifyRequest): Omit<QueueRequest, 'bench'>[] {
  const { images, seed, trace } = request;
  const groups = splitEvenly(images, trace === undefined ? workers : 1);
  return groups.map((images, queue) => ({ ...request, images, seed: seed + queue }));
}

const verifyInThread = (request: QueueRequest, options: ThreadOptions<QueueReport>): Promise<VerifiedQueue> =>
  runThread(WORKER, request, options);
