import { expect, test } from 'vitest';
import { AccuracyTally } from '../../../sim/compare/accuracy.ts';

/** Logits of 8 classes whose order is `ranking`, best first. */
const ranked = (...ranking: number[]) => {
  const logits = new Float32Array(8);
  for (const [rank, c] of ranking.entries()) logits[c] = 8 - rank;
  return logits;
};

test('the engine and float are counted apart', () => {
  const tally = new AccuracyTally(0.5);
  const add = (label: number, engine: number[], float: number[]) =>
    tally.add(
      label,
      ranked(...engine).map((value) => 2 * value),
      ranked(...float),
    );
  add(0, [0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5]);
  add(5, [0, 1, 2, 3, 4, 5], [5, 1, 2, 3, 4, 0]);
  add(4, [3, 1, 2, 0, 4, 5], [3, 1, 2, 0, 4, 5]);
  add(6, [6, 1, 2, 0, 4, 5], [3, 1, 2, 0, 4, 6]);
  const { logitSqnrDb, ...counts } = tally.result();
  expect(counts).toEqual({ images: 4, top1: 50, top5: 75, floatTop1: 50, floatTop5: 75, agreement: 50 });
  expect(logitSqnrDb).toBeGreaterThan(0);
});
