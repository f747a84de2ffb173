/** Jobs on several simulated engines at once, where only results count: each is a process of its own. */
import { allOrStop } from '../parallel/all-or-stop.ts';
import { splitEvenly } from '../parallel/split.ts';
import { buildModel } from './build.ts';
import type { EngineResult } from './result.ts';
import { type RtlOptions, type RtlProgress, runRtl } from './rtl-witness.ts';

/** Results in the order of the jobs, from as many queues at most. Reports the sum of them; throws as runRtl. */
export async function runRtlQueues(
  { onProgress, ...options }: Omit<RtlOptions, 'trace' | 'bench' | 'stop'>,
  queues: number,
): Promise<EngineResult[]> {
  const idle: RtlProgress = { phase: 'simulate', cycles: 0, jobsDone: 0 };
  const bench = await buildModel({ ...options, trace: false }, () =>
    onProgress?.({ ...idle, phase: 'build' }),
  );
  const groups = splitEvenly(options.jobs, queues);
  const reports = groups.map(() => idle);
  const report = (queue: number, news: RtlProgress) => {
    reports[queue] = news;
    onProgress?.(reports.reduce(addProgress));
  };
  const runs = await allOrStop(
    groups.map((jobs, queue) => (stop) => {
      return runRtl({ ...options, jobs, bench, stop, onProgress: (news) => report(queue, news) });
    }),
  );
  return runs.flatMap(({ results }) => results);
}

const addProgress = (sum: RtlProgress, { cycles, jobsDone }: RtlProgress): RtlProgress => ({
  ...sum,
  cycles: sum.cycles + cycles,
  jobsDone: sum.jobsDone + jobsDone,
});
