/** An engine in RTL simulation on several memories: cycles beside the predicted ones, logits beside the right ones. */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Compiled } from '../gen/compiled.ts';
import type { StoredBuild } from '../gen/emit/build.ts';
import { predictCycles } from '../gen/schedule/cycles/predict.ts';
import { allOrStop } from '../sim/parallel/all-or-stop.ts';
import { splitEvenly } from '../sim/parallel/split.ts';
import type { EngineResult } from '../sim/rtl/result.ts';
import { jobsOf, runRtl } from '../sim/rtl/rtl-witness.ts';
import type { Stimulus } from './stimulus.ts';

export interface MemoryRun {
  /** The first so many are run, back to back. */
  readonly images: number;
  readonly latency: number;
  /** In percent of cycles. */
  readonly backpressure: number;
}

export interface MeasuredRun {
  /** Of the last result. */
  readonly cycles: number;
  readonly predictedCycles: number;
  /** Logits that are not the right ones, of all that were compared. */
  readonly mismatches: number;
  readonly compared: number;
}

export interface BuiltEngine {
  readonly build: StoredBuild;
  readonly compiled: Compiled;
}

/** As many at a time as there are cores; in the order of `runs`. Throws as runRtl does. */
export async function runOnMemories(
  engine: BuiltEngine,
  stimulus: Stimulus,
  runs: readonly MemoryRun[],
): Promise<MeasuredRun[]> {
  const measured = await allOrStop(
    splitEvenly(runs, availableParallelism()).map((group) => async (stop: AbortSignal) => {
      const results: MeasuredRun[] = [];
      for (const run of group) results.push(await measureRun(engine, stimulus, run, stop));
      return results;
    }),
  );
  return measured.flat();
}

async function measureRun(
  { build, compiled }: BuiltEngine,
  { images, logits }: Stimulus,
  { images: count, latency, backpressure }: MemoryRun,
  stop: AbortSignal,
): Promise<MeasuredRun> {
  const { geometry, schedule, tape } = compiled;
  const memory = { latency, backpressure, seed: 0 };
  const { cycles, results } = await runRtl({
    rtlDir: path.join(build.folder, 'rtl'),
    top: build.design.top,
    ...{ geometry, stop, ...memory },
    jobs: jobsOf(tape, images.slice(0, count)),
  });
  return {
    cycles,
    predictedCycles: predictCycles(schedule, geometry, { images: count, ...memory }).cycles,
    mismatches: results.reduce((sum, result, image) => sum + differences(result, logits[image]), 0),
    compared: results.length * logits[0].length,
  };
}

/** All of them when the trailer is not right. */
function differences({ ok, logits }: EngineResult, expected: Int32Array): number {
  return ok ? expected.filter((logit, index) => logit !== logits[index]).length : expected.length;
}
