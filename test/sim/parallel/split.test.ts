import { expect, test } from 'vitest';
import { splitEvenly } from '../../../sim/parallel/split.ts';

test.each([
  [
    [1, 2, 3, 4],
    2,
    [
      [1, 2],
      [3, 4],
    ],
  ],
  [[1, 2, 3], 2, [[1, 2], [3]]],
  [[1, 2], 5, [[1], [2]]],
  [[1, 2, 3], 1, [[1, 2, 3]]],
  [[], 3, []],
])('%j in %i groups', (items, groups, expected) => {
  expect(splitEvenly<number>(items, groups)).toEqual(expected);
});

test('lengths differ by one at most, and nothing is lost', () => {
  const items = Array.from({ length: 100 }, (_, index) => index);
  for (let groups = 1; groups <= 100; groups++) {
    const split = splitEvenly(items, groups);
    const lengths = split.map(({ length }) => length);
    expect(split).toHaveLength(groups);
    expect(split.flat()).toEqual(items);
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
  }
});
