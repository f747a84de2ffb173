/**
 * Runs tasks at the same time. When one fails, the others are told to stop; its error is thrown once all have
 * ended, so that nothing goes on behind the caller's back.
 */
export async function allOrStop<T>(
  tasks: readonly ((stop: AbortSignal) => Promise<T>)[],
): Promise<Awaited<T>[]> {
  const stop = new AbortController();
  const runs = tasks.map((task) => task(stop.signal));
  // Only the first of these calls has an effect: what fails because it was stopped is no cause.
  for (const run of runs) run.catch((error: unknown) => stop.abort(error));
  await Promise.allSettled(runs);
  stop.signal.throwIfAborted();
  return Promise.all(runs);
}
