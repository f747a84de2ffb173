/** Time that a reader takes of the processor; other work on the machine is none of it. */

/** Seconds of all threads since the process began. */
export function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** No file may take longer. */
export const SLOWEST_SECONDS = 1;

/** Bytes that the process may hold at most. */
export const MOST_MEMORY = 2 ** 30;

export const mostMemory = () => process.resourceUsage().maxRSS * 1024;
