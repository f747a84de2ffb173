/** One small network on one and on several engines at once. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { integerOnnx } from '../../../gen/emit/onnx/integer-onnx.ts';
import { emitVerilog } from '../../../gen/emit/verilog.ts';
import { utilization } from '../../../gen/estimate.ts';
import { synthesizeImages } from '../../../sim/image/synthetic.ts';
import { runThread } from '../../../sim/parallel/thread.ts';
import { verifyQueue } from '../../../sim/verify/queue.ts';
import { longestQueue } from '../../../sim/verify/verification.ts';
import { queuesOf, type Verification, type VerifyRequest, verify } from '../../../sim/verify/verify.ts';
import { compiledSqueezenet } from '../../compiled.ts';

/** Milliseconds that setting up may take on a busy machine. */
const SLOW = 300_000;
const SIDE = 64;
const IMAGES = 3;

const rtlDir = mkdtempSync(path.join(tmpdir(), 'fireforge-verify-'));
let request: VerifyRequest;
let alone: Verification;
let together: Verification;

const verifyOn = (workers: number, changes: Partial<VerifyRequest> = {}) =>
  verify({ ...request, workers, ...changes }, () => {});

beforeAll(async () => {
  const compiled = await compiledSqueezenet({ side: SIDE, seed: 3 });
  const { top, files } = emitVerilog(compiled.geometry);
  for (const [name, text] of files) writeFileSync(path.join(rtlDir, path.basename(name)), text);
  request = {
    networks: [{ compiled, networkOnnx: integerOnnx(compiled.integer) }],
    rtlDir,
    top,
    rounds: synthesizeImages(IMAGES, 5, SIDE, SIDE).map((image) => [image]),
    latency: 30,
    backpressure: 0,
    seed: 11,
  };
  alone = await verifyOn(1);
  together = await verifyOn(2);
}, SLOW);
afterAll(() => rmSync(rtlDir, { recursive: true }));

describe('two workers', () => {
  test('find what one finds', () => {
    const bits = (verification: Verification) => {
      const { layers, mismatches, images, top5, fixedTop5, floatTop5, ...rest } = verification;
      const { axiReadBytes, axiWriteBytes, minimumBytes, macs, macUnits } = rest;
      return {
        ...{ layers, mismatches, images, top5, fixedTop5, floatTop5 },
        ...{ axiReadBytes, axiWriteBytes, minimumBytes, macs, macUnits },
      };
    };
    expect(bits(together)).toEqual(bits(alone));
    expect(alone).toMatchObject({ images: IMAGES, mismatches: 0 });
    expect(new Set(alone.fixedTop5.map(String)).size).toBeGreaterThan(1);
  });

  test('count the cycles of each queue from its own first START', async () => {
    const [first, second, third] = alone.doneCycles;
    const single = await verifyOn(1, { rounds: request.rounds.slice(2) });
    expect(together.doneCycles).toEqual([first, second, single.cycles]);
    expect(third).toBeGreaterThan(second);
    expect(together.queues.map(({ images }) => images)).toEqual([2, 1]);
    expect(together.queues.map(({ cycles }) => cycles)).toEqual([second, single.cycles]);
    expect(together.queues[1]).toEqual(single.queues[0]);
    expect(together.cycles).toBe(second + single.cycles);
    expect(together.predictedCycles).toBe(
      together.queues[0].predictedCycles + together.queues[1].predictedCycles,
    );
    expect(alone.queues).toEqual([
      { images: IMAGES, cycles: alone.cycles, predictedCycles: alone.predictedCycles },
    ]);
    expect(alone.cycles).toBe(third);
  });

  test('are judged by the longest queue', () => {
    const { macs, macUnits, doneCycles } = together;
    expect(longestQueue(together)).toEqual(doneCycles.slice(0, 2));
    expect(together.utilization).toBe(utilization(macs, macUnits, doneCycles.slice(0, 2)));
  });

  test('disturb their memories by seeds that follow one another', async () => {
    const [, round] = request.rounds;
    const disturbed = { backpressure: 30, seed: 20 };
    const both = await verifyOn(2, { ...disturbed, rounds: [round, round] });
    const again = await verifyOn(1, { ...disturbed, rounds: [round], seed: 21 });
    expect(both.mismatches).toBe(0);
    expect(both.doneCycles[0]).not.toBe(both.doneCycles[1]);
    expect(both.doneCycles[1]).toBe(again.cycles);
  });
});

test('waveforms are those of one engine', () => {
  const sizes = (changes: Partial<VerifyRequest>) =>
    queuesOf({ ...request, ...changes }).map(({ jobs }) => jobs.length);
  expect(sizes({ workers: 2 })).toEqual([2, 1]);
  expect(sizes({ workers: 2, trace: 'waves.fst' })).toEqual([3]);
  expect(sizes({})).toEqual([3]);
});

describe('what fails in a worker', () => {
  const WORKER = new URL('../../../sim/verify/worker.js', import.meta.url);

  /** The errors of one image here and in a thread, with a program in the model's place. */
  async function failures(script: string): Promise<unknown[]> {
    const bench = path.join(rtlDir, 'bench');
    writeFileSync(bench, `#!/bin/sh\n${script}\n`);
    chmodSync(bench, 0o755);
    const queue = { ...queuesOf({ ...request, rounds: request.rounds.slice(0, 1) })[0], bench };
    const options = { stop: new AbortController().signal, onReport: () => {} };
    const runs = [verifyQueue(queue, options), runThread(WORKER, queue, options)];
    return Promise.all(runs.map((run) => run.catch((error: unknown) => error)));
  }

  test.each([
    [
      'a faulty design',
      `echo '{"fault":"it hangs","cycle":5,"registers":{}}'; exit 1`,
      /FF710: .*cycle 5: it hangs/,
    ],
    ['a simulator that is killed', 'kill -9 $$', /FF711: .* the simulation ended without a result/],
  ])('%s is reported as by one alone', async (_, script, text) => {
    const [here, there] = await failures(script);
    expect(String(here)).toMatch(text);
    expect(there).toStrictEqual(here);
  });

  test('ends the others', async () => {
    const [{ compiled: sound, networkOnnx }] = request.networks;
    const compiled = { ...sound, geometry: { ...sound.geometry, burstBeats: 4 } };
    const networks = [{ compiled, networkOnnx }];
    const [one, two] = await Promise.all(
      [1, 2].map((workers) => verifyOn(workers, { networks }).catch((error: unknown) => error)),
    );
    expect(String(one)).toContain('FF604');
    expect(two).toStrictEqual(one);
  });
});
