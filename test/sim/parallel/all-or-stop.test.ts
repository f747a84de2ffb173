import { expect, test, vi } from 'vitest';
import { allOrStop } from '../../../sim/parallel/all-or-stop.ts';

// What hangs must not hang for long.
vi.setConfig({ testTimeout: 30_000 });

const stopped = (stop: AbortSignal) =>
  new Promise<never>((_, reject) => {
    stop.addEventListener('abort', () => reject(new Error('stopped')));
  });

test('results come in the order of the tasks', async () => {
  const late = () => new Promise<string>((resolve) => setTimeout(resolve, 20, 'late'));
  expect(await allOrStop<string>([late, async () => 'early'])).toEqual(['late', 'early']);
});

test('the first failure stops the others and is thrown when they have ended', async () => {
  let ended = false;
  const waiting = (stop: AbortSignal) =>
    stopped(stop).finally(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      ended = true;
    });
  const failing = async () => {
    throw new Error('the cause');
  };
  await expect(allOrStop<unknown>([waiting, failing])).rejects.toThrow('the cause');
  expect(ended).toBe(true);
});
