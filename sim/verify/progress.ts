/** One progress bar for queues that are verified at the same time. */
import type { Progress } from '../../gen/import/fetch/progress.ts';

export interface QueueReport {
  readonly phase: 'software' | 'rtl';
  /** Images in software, cycles in RTL. */
  readonly done: number;
  readonly total: number;
}

const LABELS = { software: 'fixed, onnx, tape', rtl: 'rtl' } as const;

/**
 * Shows the sum of what the queues report, in the unit of the one that is furthest behind.
 *
 * @param sizes images of each queue
 */
export function addReports(
  sizes: readonly number[],
  progress: Progress,
): (queue: number, report: QueueReport) => void {
  const reports: QueueReport[] = sizes.map((total) => ({ phase: 'software', done: 0, total }));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return (queue, report) => {
    reports[queue] = report;
    if (reports.every(({ phase }) => phase === 'rtl')) {
      progress(sum(reports.map(({ done }) => done)), sum(reports.map(({ total }) => total)), LABELS.rtl);
      return;
    }
    const images = reports.map(({ phase, done }, index) => (phase === 'software' ? done : sizes[index]));
    progress(sum(images), sum(sizes), LABELS.software);
  };
}
