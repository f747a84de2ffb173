/**
 * Random members of the family through all witnesses, with exact cycles, on a few engines. `RANDOM_NETWORKS`
 * (default 20) are drawn from `RANDOM_SEED` (default 1). A failing one is made smaller and kept as a file in
 * random-examples/, all of which are run first.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { lanesText } from '../../gen/geometry/geometry.ts';
import { type Trial, trialOn } from './random-arbitrary.ts';
import { ENGINES, type Engine, engineGeometry, runTrial, type TrialResult } from './random-trial.ts';

/** A trial that failed once. */
interface Example {
  readonly what: string;
  /** Of the engine. */
  readonly lanes: string;
  readonly trial: Trial;
}

const EXAMPLES = path.join(import.meta.dirname, 'random-examples');
const COUNT = Number(process.env.RANDOM_NETWORKS ?? 20);
const SEED = Number(process.env.RANDOM_SEED ?? 1);
/** After it the smallest failing trial found so far has to do. */
const SHRINKING_MS = 5 * 60_000;
const HOUR_MS = 60 * 60_000;

const examples = readdirSync(EXAMPLES).map((name): [string, Example] => [
  path.basename(name, '.json'),
  JSON.parse(readFileSync(path.join(EXAMPLES, name), 'utf8')),
]);

/** What is wrong with a trial that ran to its end; without back-pressure the cycles must be those predicted. */
function problemOf(
  { backpressure }: Trial,
  { mismatches, incomplete, cycles, predictedCycles }: TrialResult,
): string | undefined {
  if (incomplete.length > 0) return `not all values of ${incomplete.join(', ')} were compared`;
  if (mismatches > 0) return `${mismatches} mismatches`;
  if (backpressure > 0 || predictedCycles === cycles) return undefined;
  return `${cycles} cycles, not ${predictedCycles} as predicted`;
}

/** The path of the example's new file. */
function keep(what: string, lanes: string, trial: Trial): string {
  const example: Example = { what, lanes, trial };
  const text = `${JSON.stringify(example, null, 2)}\n`;
  const file = path.join(EXAMPLES, `${createHash('sha256').update(text).digest('hex').slice(0, 8)}.json`);
  writeFileSync(file, text);
  return path.relative(process.cwd(), file);
}

describe('members that failed once', () => {
  it.each(examples)('%s', async (_name, { what, lanes, trial }) => {
    const engine = ENGINES.find((engine) => engine.lanes === lanes)!;
    const result = await runTrial(trial, engineGeometry(engine));
    expect(problemOf(trial, result), what).toBeUndefined();
  });
});

describe(`${COUNT} random members of the family, seed ${SEED}`, () => {
  const results: { readonly trial: Trial; readonly result: TrialResult }[] = [];

  afterAll(() => {
    const sum = (of: (result: TrialResult) => number) =>
      results.reduce((total, { result }) => total + of(result), 0);
    const undisturbed = results.filter(({ trial }) => trial.backpressure === 0);
    const exact = undisturbed.filter(({ result }) => result.cycles === result.predictedCycles);
    console.log(
      `random networks: ${results.length} of seed ${SEED}, ${sum(({ values }) => values)} values compared, ` +
        `${sum(({ mismatches }) => mismatches)} mismatches; cycles as predicted for ${exact.length} of ` +
        `${undisturbed.length} without back-pressure`,
    );
  });

  /** Every engine gets its share of the networks. */
  const share = (index: number) => Math.floor((COUNT + ENGINES.length - 1 - index) / ENGINES.length);

  it.each(ENGINES.map((engine, index): [string, Engine, number] => [engine.lanes, engine, index]))(
    'on %s',
    async (_lanes, engine, index) => {
      const geometry = engineGeometry(engine);
      let giveUp = Number.POSITIVE_INFINITY;
      const failure = (problem: string) => {
        giveUp = Math.min(giveUp, performance.now() + SHRINKING_MS);
        return new Error(problem);
      };
      const run = async (trial: Trial) => {
        if (performance.now() > giveUp) return;
        const result = await runTrial(trial, geometry).catch((error: Error) => {
          throw failure(error.message);
        });
        const problem = problemOf(trial, result);
        if (problem !== undefined) throw failure(problem);
        if (giveUp === Number.POSITIVE_INFINITY) results.push({ trial, result });
      };
      const found = await fc.check(fc.asyncProperty(trialOn(geometry), run), {
        seed: SEED + index,
        numRuns: share(index),
      });
      if (!found.failed) return;
      const [trial] = found.counterexample!;
      const what = (found.errorInstance as Error).message;
      const file = keep(what, lanesText(geometry), trial);
      expect.fail(`${what}, on ${engine.lanes} lanes of ${engine.board}; kept as ${file}`);
    },
    HOUR_MS,
  );
});
