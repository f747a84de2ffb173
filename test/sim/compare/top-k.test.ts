import { describe, expect, test } from 'vitest';
import { inTopK, topClass, topK } from '../../../sim/compare/top-k.ts';

describe('top-k', () => {
  const logits = [3, 9, 9, -1, 4];

  test('largest first, of equal ones the smaller class', () => {
    expect(topK(logits, 3, 0.5)).toEqual([
      { class: 1, score: 4.5 },
      { class: 2, score: 4.5 },
      { class: 4, score: 2 },
    ]);
    expect(topClass(logits)).toBe(1);
  });

  test('membership is that of the list', () => {
    for (let k = 1; k <= logits.length; k++) {
      const listed = topK(logits, k).map((ranked) => ranked.class);
      for (const c of logits.keys()) expect(inTopK(logits, c, k)).toBe(listed.includes(c));
    }
  });
});
