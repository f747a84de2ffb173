/** A progress bar on the terminal for what takes long. */
import type { Progress } from '../gen/import/fetch/progress.ts';
import { silent } from '../gen/import/fetch/progress.ts';
import type { Io } from './io.ts';

/** What is done before this many milliseconds needs no bar. */
const PATIENCE = 700;

/** Gives `work` a callback that shows its progress; the bar is gone when the work is done. */
export async function withProgress<T>(io: Io, work: (progress: Progress) => Promise<T>): Promise<T> {
  if (!io.interactive) return work(silent);
  const { SingleBar } = (await import('cli-progress')).default;
  const bar = new SingleBar({
    format: '{label} {bar} {value}/{total} {duration_formatted}',
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    barsize: 30,
  });
  const start = performance.now();
  try {
    return await work((done, total, label) => {
      if (performance.now() - start < PATIENCE) return;
      if (bar.isActive) {
        bar.setTotal(total);
        bar.update(done, { label });
      } else bar.start(total, done, { label });
    });
  } finally {
    bar.stop();
  }
}
