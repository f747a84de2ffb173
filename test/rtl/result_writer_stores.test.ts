/** Stores through the result writer of an extended engine: maps on their way, and maps that are results. */
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../gen/geometry/registers.ts';
import { Prng } from '../../gen/import/prng.ts';
import { type Burst, type Timing, WriteMemory } from './harness/axi-memory.ts';
import { runBench } from './harness/bench.ts';
import { fromBytes, toBytes } from './harness/ports.ts';
import { type Case, expectedResult, type Job, randomJobs, withTrailer } from './result-jobs.ts';

const SURPLUS = -1;
const bytesOf = (words: readonly bigint[]) => Buffer.concat(words.map((word) => toBytes(word, 16)));

interface Store {
  /** Of scratch; absent, the result's data. */
  readonly address?: number;
  readonly words: readonly bigint[];
}

/** Jobs of an extended engine: stores of scratch, then logits or the store of a map. */
async function runStores(
  jobs: readonly { readonly job: Job; readonly stores: readonly Store[] }[],
  design: Case,
  timing: Timing,
  respond?: (burst: Burst) => number,
) {
  const { PortBits, BurstBeats, OutLanes } = design;
  const memory = new WriteMemory(timing, PortBits / 8, BurstBeats, respond);
  const random = new Prng(timing.seed);
  const offers = jobs.map(({ job }) => ({
    job_address_i: job.address,
    job_tape_id_i: job.tapeId,
    job_classes_i: job.logits.length,
    job_number_i: job.number,
  }));
  const done: number[] = [];
  const errors: number[] = [];
  /** Responses still to come when a store of scratch was said to be answered. */
  const openAtEnd: boolean[] = [];
  let given = 0;
  let store = 0;
  let word = 0;
  let logit = 0;
  let begun = false;
  let answers = false;
  let quiet = 0;
  let driven: Record<string, number | bigint> = {};
  const padded = (count: number) => Math.ceil(count / OutLanes) * OutLanes;
  const result = await runBench({
    module: 'result_writer',
    parameters: { PortBits, BurstBeats, OutLanes, Extended: 1 },
    react: {
      observe: [
        ...WriteMemory.observe,
        ...['job_ready_o', 'done_o', 'error_valid_o', 'error_code_o', 'logit_ready_o'],
        ...['base_valid_o', 'base_o', 'store_ready_o', 'store_done_o'],
      ],
      drive: [
        ...WriteMemory.drive,
        ...['stop_i', 'job_valid_i', 'job_address_i', 'job_tape_id_i', 'job_classes_i', 'job_number_i'],
        ...['logit_valid_i', 'logit_data_i', 'store_begin_i', 'store_base_i', 'store_valid_i'],
        ...['store_data_i', 'store_last_i'],
      ],
      step(seen, cycle) {
        const answer = memory.step(seen, cycle);
        if (driven.job_valid_i && seen.job_ready_o === 1n) given++;
        if (seen.error_valid_o === 1n) errors.push(Number(seen.error_code_o));
        const present = jobs[done.length];
        if (
          driven.store_valid_i &&
          seen.store_ready_o === 1n &&
          ++word === present.stores[store].words.length
        ) {
          answers = present.stores[store].address !== undefined;
          if (!answers) store++;
          word = 0;
        }
        if (driven.logit_valid_i && seen.logit_ready_o === 1n) logit++;
        if (seen.store_done_o === 1n) {
          expect(answers, 'a store is answered when all its words were taken').toBe(true);
          openAtEnd.push(memory.open);
          [answers, begun] = [false, false];
          store++;
        }
        if (seen.done_o === 1n) {
          done.push(cycle);
          [store, logit] = [0, 0];
        }
        const now = jobs[done.length];
        if (now === undefined && ++quiet > 30) return null;
        const next = now?.stores[store];
        if (seen.base_valid_o === 1n && now && seen.done_o === 0n)
          expect(seen.base_o).toBe(BigInt(now.job.address));
        const ready = seen.base_valid_o === 1n && seen.store_done_o === 0n && seen.done_o === 0n;
        const begins = next?.address !== undefined && !begun && !answers && ready;
        const offersWord = next !== undefined && !answers && (next.address === undefined || begun);
        const isLogit = now !== undefined && next === undefined && logit < padded(now.job.logits.length);
        driven = {
          job_valid_i: Number(given < offers.length),
          ...offers[Math.min(given, offers.length - 1)],
          store_begin_i: Number(begins),
          store_base_i: next?.address ?? random.next(),
          store_valid_i: Number(offersWord && random.next() % 4 > 0),
          store_data_i: next?.words[word] ?? BigInt(random.next()),
          store_last_i: Number(word + 1 === next?.words.length),
          logit_valid_i: Number(isLogit && random.next() % 4 > 0),
          logit_data_i: now?.job.logits[logit] ?? SURPLUS,
          stop_i: 0,
        };
        begun ||= begins;
        return { ...answer, ...driven };
      },
    },
    cycles: 20_000,
    seed: timing.seed,
  });
  return { memory, done, errors, openAtEnd, finished: result.finished };
}

describe('result_writer of an extended engine', () => {
  const random = new Prng(31);
  const randomWords = (count: number) =>
    Array.from({ length: count }, () =>
      fromBytes(Uint8Array.from({ length: 16 }, () => random.next() & 0xff)),
    );

  it.each([
    [
      { PortBits: 32, BurstBeats: 16, OutLanes: 4 },
      { latency: 0, stallPercent: 0, seed: 1 },
    ],
    [
      { PortBits: 64, BurstBeats: 16, OutLanes: 16 },
      { latency: 9, stallPercent: 30, seed: 2 },
    ],
    [
      { PortBits: 128, BurstBeats: 4, OutLanes: 8 },
      { latency: 40, stallPercent: 10, seed: 3 },
    ],
    [
      { PortBits: 512, BurstBeats: 3, OutLanes: 8 },
      { latency: 2, stallPercent: 60, seed: 4 },
    ],
  ])('stores maps beside the results: %o, %o', async (design, timing) => {
    const jobs = randomJobs([10, 0, 33, 0, 0, 7], timing.seed).map((job) => {
      const scratch = Array.from({ length: random.next() % 4 }, (_, i) => ({
        address: job.address + 0x4000 + 0x1000 * i + 64 * (random.next() % 8),
        words: randomWords(1 + (random.next() % 60)),
      }));
      const map = job.logits.length === 0 ? [{ words: randomWords(1 + (random.next() % 60)) }] : [];
      return { job, stores: [...scratch, ...map] as Store[] };
    });
    const { memory, done, errors, openAtEnd, finished } = await runStores(jobs, design, timing);
    expect(finished).toBe(true);
    expect(errors).toEqual([]);
    expect(done.length).toBe(jobs.length);
    expect(openAtEnd).toEqual(openAtEnd.map(() => false));
    const left = new Map(memory.bytes);
    const take = (address: number, bytes: Uint8Array) => {
      const found = bytes.map((_, i) => left.get(address + i) ?? -1);
      expect(Buffer.from(found).equals(Buffer.from(bytes))).toBe(true);
      bytes.forEach((_, i) => {
        left.delete(address + i);
      });
    };
    for (const { job, stores } of jobs) {
      const map = stores.find(({ address }) => address === undefined);
      take(job.address, map ? withTrailer(bytesOf(map.words), job) : expectedResult(job));
      for (const { address, words } of stores) if (address !== undefined) take(address, bytesOf(words));
    }
    expect(left.size).toBe(0);
  });

  it('is not done with a store that was answered with an error', async () => {
    const [job] = randomJobs([8], 5);
    const stores = [{ address: job.address + 0x4000, words: randomWords(40) }];
    const { done, errors, openAtEnd } = await runStores(
      [{ job, stores }],
      { PortBits: 64, BurstBeats: 8, OutLanes: 8 },
      { latency: 5, stallPercent: 0, seed: 1 },
      ({ address }) => (address === job.address + 0x4040 ? 2 : 0),
    );
    expect(errors).toEqual([ERROR_CODES.find(({ name }) => name === 'WRITE_SLVERR')?.code]);
    expect([done, openAtEnd]).toEqual([[], []]);
  });
});
