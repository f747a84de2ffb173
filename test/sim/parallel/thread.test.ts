import { describe, expect, test, vi } from 'vitest';
import { rtlFolderUnreadable } from '../../../gen/diagnostics/simulation.ts';
import { runThread } from '../../../sim/parallel/thread.ts';

// What hangs must not hang for long.
vi.setConfig({ testTimeout: 30_000 });

const TASKS = new URL('./fixtures/tasks.js', import.meta.url);

function run(what: string, value: unknown, stop = new AbortController(), onReport = (_: unknown) => {}) {
  return runThread(TASKS, { what, value }, { stop: stop.signal, onReport });
}

const failure = (what: string, value: unknown) => run(what, value).catch((error: unknown) => error);

describe('a task in a thread', () => {
  test('gets its data, objects that are one staying one, and answers with reports and a result', async () => {
    const shared = Uint8Array.of(1, 2);
    const reports: unknown[] = [];
    const result = await run('return', [shared, shared], undefined, (report) => reports.push(report));
    expect(result).toEqual({ value: [shared, shared], same: true });
    expect(reports).toEqual([1, 2]);
  });

  test('fails with the very error for users that it threw', async () => {
    expect(await failure('refuse', 'here')).toStrictEqual(rtlFolderUnreadable('here'));
  });

  test('fails with the error that it threw by mistake', async () => {
    const error = await failure('break', 'that was wrong');
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'TypeError', message: 'that was wrong' });
  });

  test('that ends its thread is named, whatever the exit code', async () => {
    expect(String(await failure('exit', 0))).toMatch(/FF712: worker thread: .*\(exit code 0\)/);
    expect(String(await failure('exit', 7))).toMatch(/FF712: worker thread: .*\(exit code 7\)/);
  });

  test('stops when it is told to', async () => {
    const stop = new AbortController();
    await expect(run('wait', 0, stop, () => stop.abort())).rejects.toThrow('stopped');
  });
});
