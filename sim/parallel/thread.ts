/** A task in a worker thread, seen from both sides. */
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { type Diagnostic, FireforgeError } from '../../gen/diagnostics/diagnostic.ts';
import { workerEnded } from '../../gen/diagnostics/simulation.ts';

/** What a thread says. Class instances do not survive the way, so an error that is for users goes in parts. */
type Message<Report, Result> =
  | { readonly kind: 'report'; readonly report: Report }
  | { readonly kind: 'result'; readonly result: Result }
  | { readonly kind: 'diagnostic'; readonly diagnostic: Diagnostic }
  | { readonly kind: 'error'; readonly error: unknown };

export interface ThreadOptions<Report> {
  readonly stop: AbortSignal;
  readonly onReport: (report: Report) => void;
}

/**
 * Runs `entry`, a module that Node reads by itself and that calls `serveThread`, in a thread of its own.
 *
 * @param data what the task is given: a structured clone of it
 * @throws what the task threw; FireforgeError FF712 when the thread ended without an answer
 */
export function runThread<Data, Report, Result>(
  entry: URL,
  data: Data,
  { stop, onReport }: ThreadOptions<Report>,
): Promise<Result> {
  const worker = new Worker(entry, { workerData: data });
  const tellToStop = () => worker.postMessage('stop');
  stop.addEventListener('abort', tellToStop);
  return new Promise<Result>((resolve, reject) => {
    worker.on('message', (message: Message<Report, Result>) => {
      switch (message.kind) {
        case 'report':
          return onReport(message.report);
        case 'result':
          return resolve(message.result);
        case 'diagnostic':
          return reject(new FireforgeError(message.diagnostic));
        case 'error':
          return reject(message.error);
      }
    });
    worker.on('error', (error) => reject(workerEnded(error.message)));
    worker.on('exit', (code) => reject(workerEnded(`exit code ${code}`)));
  }).finally(() => stop.removeEventListener('abort', tellToStop));
}

/** The thread's own side: runs `task` and answers with what it returns or throws. */
export async function serveThread<Data, Report, Result>(
  task: (data: Data, options: ThreadOptions<Report>) => Promise<Result>,
): Promise<void> {
  const port = parentPort!;
  const send = (message: Message<Report, Result>) => port.postMessage(message);
  const stop = new AbortController();
  port.once('message', () => stop.abort());
  const onReport = (report: Report) => send({ kind: 'report', report });
  try {
    send({ kind: 'result', result: await task(workerData as Data, { stop: stop.signal, onReport }) });
  } catch (error) {
    if (error instanceof FireforgeError) send({ kind: 'diagnostic', diagnostic: error.diagnostic });
    else send({ kind: 'error', error });
  }
  port.close();
}
