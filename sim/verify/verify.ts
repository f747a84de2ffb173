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
 * kept full; the back-pressure of queue i is seeded with `seed` + i. A trace shows one engine, so there is one
 * queue then.
 *
 * @throws FireforgeError as buildModel and runRtl do; FF712 when a worker is gone without a result
 */
export async function verify(request: VerifyRequest, progress: Progress): Promise<Verification> {
  const { workers = 1, ...shared } = request;
  const { compiled, seed, trace } = request;
  const bench = await buildModel({ ...request, trace: trace !== undefined }, () =>
    progress(0, 1, 'building the model'),
  );
  const queues = splitEvenly(request.images, trace === undefined ? workers : 1);
  const report = addReports(
    queues.map((images) => images.length),
    progress,
  );
  const verifyOne = queues.length === 1 ? verifyQueue : verifyInThread;
  const verified = await allOrStop(
    queues.map((images, queue) => (stop) => {
      const onReport = (news: QueueReport) => report(queue, news);
      return verifyOne({ ...shared, bench, images, seed: seed + queue }, { stop, onReport });
    }),
  );
  return verificationOf(compiled, verified);
}

const verifyInThread = (request: QueueRequest, options: ThreadOptions<QueueReport>): Promise<VerifiedQueue> =>
  runThread(WORKER, request, options);
