import { expect, test } from 'vitest';
import { addReports } from '../../../sim/verify/progress.ts';

test('queues add up, in the unit of the one furthest behind', () => {
  const shown: [number, number, string][] = [];
  const report = addReports([2, 1], (...state) => shown.push(state));
  const software = (queue: number, done: number, total: number) =>
    report(queue, { phase: 'software', done, total });
  const rtl = (queue: number, done: number, total: number) => report(queue, { phase: 'rtl', done, total });
  software(0, 1, 2);
  software(1, 1, 1);
  rtl(1, 400, 1000);
  software(0, 2, 2);
  rtl(0, 0, 1900);
  rtl(1, 1000, 1000);
  expect(shown).toEqual([
    [1, 3, 'fixed, onnx, tape'],
    [2, 3, 'fixed, onnx, tape'],
    [2, 3, 'fixed, onnx, tape'],
    [3, 3, 'fixed, onnx, tape'],
    [400, 2900, 'rtl'],
    [1000, 2900, 'rtl'],
  ]);
});
