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
  add(7, [0, 1, 2, 3, 4, 5], [7, 1, 2, 3, 4, 5]);
  const { logitSqnrDb, ...counts } = tally.result();
  expect(counts).toEqual({ images: 5, top1: 40, top5: 60, floatTop1: 60, floatTop5: 80, agreement: 40 });
  expect(logitSqnrDb).toBeGreaterThan(0);
});
