import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../gen/geometry/registers.ts';
import { type Burst, type Timing, WriteMemory } from './harness/axi-memory.ts';
import { runBench } from './harness/bench.ts';
import { type Case, expectedResult, type Job, randomJobs } from './result-jobs.ts';

interface Run extends Case, Timing {
  readonly gapPercent: number;
  readonly cycles?: number;
  readonly stopAt?: number;
  readonly respond?: (burst: Burst) => number;
}

const SURPLUS = -1;

async function run(jobs: readonly Job[], options: Run) {
  const { PortBits, BurstBeats, OutLanes, gapPercent, cycles = 20_000, stopAt = cycles } = options;
  const memory = new WriteMemory(options, PortBits / 8, BurstBeats, options.respond);
  const done: { tapeId: number; cycle: number }[] = [];
  const errors: number[] = [];
  const addresses: { address: number; cycle: number }[] = [];
  let counted = 0;
  let idle = false;
  let offered = false;
  let quiet = 0;
  const result = await runBench({
    module: 'result_writer',
    parameters: { PortBits, BurstBeats, OutLanes },
    sources: [
      {
        valid: 'job_valid_i',
        ready: 'job_ready_o',
        items: jobs.map((job) => ({
          job_address_i: job.address,
          job_tape_id_i: job.tapeId,
          job_classes_i: job.logits.length,
          job_number_i: job.number,
        })),
        gapPercent,
      },
      {
        valid: 'logit_valid_i',
        ready: 'logit_ready_o',
        items: jobs.flatMap(({ logits }) => {
          const surplus = (OutLanes - (logits.length % OutLanes)) % OutLanes;
          return [...logits, ...new Array<number>(surplus).fill(SURPLUS)].map((logit_data_i) => ({
            logit_data_i,
          }));
        }),
        gapPercent,
      },
    ],
    react: {
      observe: [
        ...WriteMemory.observe,
        ...['done_o', 'done_tape_id_o', 'error_valid_o', 'error_code_o', 'idle_o', 'bytes_o'],
      ],
      drive: [...WriteMemory.drive, 'stop_i'],
      step(seen, cycle) {
        if (seen.done_o === 1n) done.push({ tapeId: Number(seen.done_tape_id_o), cycle });
        if (seen.error_valid_o === 1n) errors.push(Number(seen.error_code_o));
        if (seen.axi_awvalid_o === 1n && !offered)
          addresses.push({ address: Number(seen.axi_awaddr_o), cycle });
        counted += Number(seen.bytes_o);
        const answer = memory.step(seen, cycle);
        offered = seen.axi_awvalid_o === 1n;
        idle = seen.idle_o === 1n;
        if (done.length === jobs.length && ++quiet > 50) return null;
        return { ...answer, stop_i: Number(cycle >= stopAt) };
      },
    },
    cycles,
    seed: options.seed,
  });
  return { memory, done, errors, counted, idle, addresses, finished: result.finished };
}

describe.each<Case>([
  { PortBits: 32, BurstBeats: 4, OutLanes: 4 },
  { PortBits: 32, BurstBeats: 16, OutLanes: 8 },
  { PortBits: 64, BurstBeats: 16, OutLanes: 16 },
  { PortBits: 64, BurstBeats: 3, OutLanes: 1 },
  { PortBits: 128, BurstBeats: 1, OutLanes: 16 },
  { PortBits: 256, BurstBeats: 256, OutLanes: 8 },
  { PortBits: 512, BurstBeats: 5, OutLanes: 16 },
])('$PortBits bits, bursts of $BurstBeats, $OutLanes lanes', (design) => {
  it.each([
    { latency: 0, stallPercent: 0, gapPercent: 0, seed: 1 },
    { latency: 20, stallPercent: 30, gapPercent: 30, seed: 2 },
    { latency: 3, stallPercent: 70, gapPercent: 0, seed: 3 },
    { latency: 100, stallPercent: 0, gapPercent: 80, seed: 4 },
  ])('writes results and their trailers last: %o', async (timing) => {
    const jobs = randomJobs(
      [1, 2, 3, 4, 10, 33, 64, 200, 7, 128].slice(0, timing.latency > 50 ? 6 : 10),
      timing.seed,
    );
    const { memory, done, errors, counted, finished } = await run(jobs, { ...design, ...timing });
    expect(finished).toBe(true);
    expect(errors).toEqual([]);
    expect(done.map(({ tapeId }) => tapeId)).toEqual(jobs.map(({ tapeId }) => tapeId));

    const left = new Map(memory.bytes);
    for (const job of jobs) {
      const expected = expectedResult(job);
      const found = expected.map((_, i) => left.get(job.address + i) ?? -1);
      expect(Buffer.from(found).equals(expected)).toBe(true);
      expected.forEach((_, i) => {
        left.delete(job.address + i);
      });
    }
    expect(left.size).toBe(0);
    expect(counted).toBe(memory.bytes.size);

    // The trailer is a burst of its own, written after every earlier response; done comes with its response. In a
    // wide port it may share a beat with the end of the data, and so a burst's address.
    const beatBytes = design.PortBits / 8;
    for (const { address } of memory.bursts) expect(address % beatBytes).toBe(0);
    for (const [i, job] of jobs.entries()) {
      const at = job.address + 16 * Math.ceil(job.logits.length / 4);
      const own = memory.bursts.filter(({ address }) => address >= job.address && address <= at);
      const trailer = own.pop();
      expect(trailer?.address).toBe(at - (at % beatBytes));
      expect(trailer?.beats).toBe(Math.max(1, 128 / design.PortBits));
      expect(trailer?.response).toBe(done[i].cycle);
      expect(own.length).toBeGreaterThan(0);
      for (const { response } of own) expect(response).toBeLessThan(trailer!.lastBeat);
    }
  });

  it('stops: bursts given are completed, no other starts', async () => {
    const jobs = randomJobs([600, 600], 8);
    const timing = { latency: 10, stallPercent: 40, gapPercent: 0, seed: 6 };
    const { memory, idle, done, addresses } = await run(jobs, {
      ...design,
      ...timing,
      cycles: 700,
      stopAt: 350,
    });
    expect(idle).toBe(true);
    expect(memory.open).toBe(false);
    expect(done).toEqual([]);
    expect(memory.bursts.length).toBeGreaterThan(2);
    for (const { cycle } of addresses) expect(cycle).toBeLessThanOrEqual(351);
  });
});

it.each([
  [2, 'WRITE_SLVERR', 'data'],
  [3, 'WRITE_DECERR', 'data'],
  [2, 'WRITE_SLVERR', 'trailer'],
])('response %i gives %s and no done (%s)', async (response, name, where) => {
  const [good, bad] = randomJobs([40, 40], 3);
  const first = bad.address + (where === 'data' ? 64 : 160);
  const { memory, done, errors } = await run([good, bad], {
    ...{ PortBits: 64, BurstBeats: 8, OutLanes: 8, latency: 5, stallPercent: 10, gapPercent: 0, seed: 1 },
    cycles: 800,
    respond: ({ address }) => (address === first ? response : 0),
  });
  expect(errors).toEqual([ERROR_CODES.find((error) => error.name === name)?.code]);
  expect(done.length).toBe(1);
  expect(memory.bytes.has(bad.address + 160)).toBe(where === 'trailer');
});
