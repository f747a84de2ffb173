/** Faults of the memory and of the host, as trials; `reads` and `writes` are the bursts of a job without any. */
import type { Prng } from '../../gen/import/prng.ts';
import { MEMORY_BASE } from '../../gen/tape/memory-layout.ts';
import type { Outcome } from './campaign.ts';

const SLVERR = 2;
const DECERR = 3;
/** RRESP of a burst's first beat or of its last. */
const BEATS = [0, 999];

const NAMES = { [SLVERR]: 'SLVERR', [DECERR]: 'DECERR' };

export interface BusTrial {
  readonly trial: string;
  readonly code: string;
}

type Bursts = Pick<Outcome, 'reads' | 'writes'>;

/** Every burst of a job answered with either error. */
export function erroneousBursts({ reads, writes }: Bursts): BusTrial[] {
  const bursts = (count: number) => Array.from({ length: count }, (_, burst) => burst);
  return ([SLVERR, DECERR] as const).flatMap((response) => [
    ...bursts(reads).flatMap((burst) =>
      BEATS.map((beat) => ({
        trial: `read ${burst} ${beat} ${response} clean`,
        code: `READ_${NAMES[response]}`,
      })),
    ),
    ...bursts(writes).map((burst) => ({
      trial: `write ${burst} ${response} clean`,
      code: `WRITE_${NAMES[response]}`,
    })),
  ]);
}

/** Every channel dead from its first handshake on, from its last, and from random ones. */
export function stalls({ reads, writes }: Bursts, random: Prng): BusTrial[] {
  const handshakes = { AR: reads, R: 4 * reads, AW: writes, W: 2 * writes, B: writes };
  return Object.entries(handshakes).flatMap(([channel, count]) =>
    [0, count - 1, ...Array.from({ length: 6 }, () => random.next() % count)].map((at) => ({
      trial: `stall ${channel} ${at} clean`,
      code: 'WATCHDOG',
    })),
  );
}

/** Addresses outside the memory, and such as no job may have. */
export const ADDRESSES: readonly BusTrial[] = [
  { trial: 'set TAPE_ADDR_LO 4096', code: 'READ_DECERR' },
  { trial: 'set TAPE_ADDR_LO 4294967232', code: 'READ_DECERR' },
  { trial: 'set IMAGE_ADDR_LO 0', code: 'READ_DECERR' },
  { trial: 'set RESULT_ADDR_LO 4294963200', code: 'WRITE_DECERR' },
  { trial: `set TAPE_ADDR_LO ${MEMORY_BASE}`, code: 'TAPE_MAGIC' },
  { trial: `set TAPE_ADDR_LO ${MEMORY_BASE + 32}`, code: 'UNALIGNED_ADDRESS' },
  { trial: `set IMAGE_ADDR_LO ${MEMORY_BASE + 1}`, code: 'UNALIGNED_ADDRESS' },
  { trial: `set RESULT_ADDR_LO ${MEMORY_BASE + 16}`, code: 'UNALIGNED_ADDRESS' },
].map(({ trial, code }) => ({ trial: `${trial} clean`, code }));

/** One to three jobs on a memory that is slow or holds back, at random; the first `cycles` long without that. */
export function randomJobs(random: Prng, cycles: number): { words: string; cycle: number } {
  const jobs = 1 + (random.next() % 3);
  const kind = random.next() % 3;
  const latency = kind === 0 ? 5 : random.next() % 80;
  const percent = kind === 2 ? random.next() % 60 : 0;
  return {
    words: `jobs ${jobs} latency ${latency} backpressure ${percent} ${random.next() % 1000} clean`,
    cycle: random.next() % (jobs * cycles),
  };
}

/** An error anywhere while jobs run, of the memory or of an abort on top. */
export function randomErrors({ reads, writes, idle }: Outcome, random: Prng, count: number): string[] {
  return Array.from({ length: count }, () => {
    const { words, cycle } = randomJobs(random, idle);
    const error =
      random.next() % 5 === 0 ? `write ${random.next() % writes} 2` : `read ${random.next() % reads} 1 3`;
    return `${error} ${words}${random.next() % 3 === 0 ? ` abort ${cycle}` : ''}`;
  });
}
