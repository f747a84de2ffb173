import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runRtlQueues } from '../../../sim/rtl/queues.ts';
import { jobsOf, type RtlOptions, type RtlProgress, runRtl } from '../../../sim/rtl/rtl-witness.ts';
import { IMAGE_BYTES, stubFolder, stubImages, stubOptions, stubTape, TAPE_ID } from './stub.ts';

const folders = new Map<number, string>();

/** The stub's Verilog with a port of `bits`. */
function rtl(bits: number): string {
  const folder =
    folders.get(bits) ?? stubFolder((text) => text.replace('PortBits   = 64', `PortBits   = ${bits}`));
  folders.set(bits, folder);
  return folder;
}

const sum = (image: Uint8Array) => image.reduce((total, byte) => total + byte, 0);
const run = (bits: number, jobs: number, changes: Partial<RtlOptions> = {}) =>
  runRtl({ ...stubOptions(rtl(bits), jobs), ...changes });
const broken = (fault: number, changes: Partial<RtlOptions>) =>
  runRtl({ ...stubOptions(rtl(64), 2, fault), ...changes });

/**
 * When the stub is done with its first job, counted by hand from the stub's registers and the promises of the
 * memory: header, image, and two writes each wait for the latency once, and everything else is a cycle a beat.
 */
function doneCycle(bits: number, latency: number): number {
  const bytes = bits / 8;
  return 6 + 64 / bytes + IMAGE_BYTES / Math.min(bytes, 32) + 2 * Math.ceil(16 / bytes) + 4 * latency;
}

describe.each([64, 256])('the bench with a port of %i bits', (bits) => {
  it('runs jobs and counts cycles and bytes', async () => {
    const result = await run(bits, 5);
    for (const [job, image] of stubImages(5).entries()) {
      const { logits, trailer, ok } = result.results[job];
      expect([...logits]).toEqual([1, 2, 3, 4].map((factor) => factor * sum(image)));
      expect(trailer).toMatchObject({ tapeId: TAPE_ID, job, status: 1 });
      expect(ok).toBe(true);
    }
    // With the widest port the later jobs are over before the bench has queued the next.
    expect(result.doneCycles.slice(0, 3)).toEqual([1, 2, 3].map((jobs) => jobs * doneCycle(bits, 0)));
    expect(result.cycles).toBe(result.doneCycles[4]);
    expect(result.readBytes).toEqual(Array(5).fill(64 + IMAGE_BYTES));
    expect(result.writeBytes).toEqual(Array(5).fill(32));
    expect(result.registers).toMatchObject({ DONE_COUNT: 5, TAPE_ID: 0x5a5a0044 });
  });

  it('keeps the promised latency', async () => {
    const result = await run(bits, 2, { latency: 30 });
    expect(result.doneCycles).toEqual([1, 2].map((jobs) => jobs * doneCycle(bits, 30)));
  });

  it('withholds ready and valid by a seeded generator', async () => {
    const pressed = { backpressure: 30, latency: 3 };
    const [first, again, other] = await Promise.all([
      run(bits, 3, { ...pressed, seed: 5 }),
      run(bits, 3, { ...pressed, seed: 5 }),
      run(bits, 3, { ...pressed, seed: 6 }),
    ]);
    expect(first.results.every(({ ok }) => ok)).toBe(true);
    expect(first.results.map(({ logits }) => logits[0])).toEqual(stubImages(3).map(sum));
    expect(first.doneCycles[0]).toBeGreaterThan(doneCycle(bits, 3));
    expect(again.doneCycles).toEqual(first.doneCycles);
    expect(other.doneCycles).not.toEqual(first.doneCycles);
    expect(first.readBytes).toEqual(Array(3).fill(64 + IMAGE_BYTES));
  });
});

describe('the probes', () => {
  it('see every write and sum, in order, with the run they belong to', async () => {
    const { probes, runs } = await run(64, 2);
    const beats = IMAGE_BYTES / 8;
    expect(runs).toBe(2);
    expect(probes.count).toBe(2 * beats);
    expect(probes.dataBytes).toBe(12);
    expect([...probes.run]).toEqual(Array.from({ length: 2 * beats }, (_, i) => Math.floor(i / beats)));
    expect([...probes.address]).toEqual(Array.from({ length: 2 * beats }, (_, i) => i % beats));
    expect([...probes.mask.subarray(0, 4)]).toEqual([7, 3, 7, 3]);
    expect(probes.sub[0]).toBe(0);
    expect(probes.sub[beats]).toBe(1);
    const second = Buffer.from(probes.data.subarray(12, 24));
    expect(second.readUInt32LE(0)).toBe(sum(stubImages(1)[0].subarray(8, 16)));
    expect(second.readBigUInt64LE(4)).toBe(0x0123456789abcdefn);
    expect([...probes.sums]).toEqual(stubImages(2).map((image) => -sum(image)));
  });
});

describe('a design that breaks a rule is caught', () => {
  it.each<[number, RegExp, Partial<RtlOptions>]>([
    [1, /ARVALID fell before ARREADY/, { backpressure: 60 }],
    [2, /AR burst at 0x40000ff8 crosses a 4 KiB boundary/, {}],
    [3, /WLAST is wrong/, {}],
    [
      4,
      /nothing moved for \d+ cycles: 0 of 2 started jobs are done, 0 runs are written, no read is outstanding/,
      {},
    ],
    [5, /W payload changed while it waited for READY/, { backpressure: 60 }],
    [6, /write burst at 0x[0-9a-f]+ begins in no result/, {}],
    [7, /the trailer's burst was issued before the responses to all earlier writes/, { latency: 5 }],
    [8, /read burst at 0x40003000 of 32 bytes is neither tape nor image/, {}],
    [10, /the engine reports an error\n.*BAD_COMMAND: the tape asks for what the engine does not have/, {}],
    [9, /nothing moved .* a read beat waits for RREADY/, {}],
    [0, /AR burst at 0x[0-9a-f]+ is longer than the engine's longest burst/, { geometry: { burstBeats: 4 } }],
  ])('rule %i', async (fault, text, changes) => {
    const error = await broken(fault, changes).catch((reason: Error) => reason);
    expect(String(error)).toMatch(/FF710: stub_top, cycle \d+/);
    expect(String(error)).toMatch(text);
    expect(String(error)).toContain('DONE_COUNT 0');
  });
});

describe('around the simulation', () => {
  it('writes waveforms on request', async () => {
    const trace = path.join(mkdtempSync(path.join(tmpdir(), 'fireforge-trace-')), 'stub.fst');
    const { results } = await run(64, 1, { trace });
    expect(results[0].ok).toBe(true);
    expect(existsSync(trace)).toBe(true);
    // An FST file begins with a header block: type 0, length 329.
    expect([...readFileSync(trace).subarray(0, 9)]).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 73]);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    // With a memory so slow that the run lasts for hours.
    const slow = run(64, 2, { latency: 4_000_000_000, watchdog: 1e15, stop: stop.signal });
    setTimeout(() => stop.abort(), 500);
    await expect(slow).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });

  it('gives the same results on several engines at once', async () => {
    const options = stubOptions(rtl(64), 5);
    const reports: RtlProgress[] = [];
    const results = await runRtlQueues({ ...options, onProgress: (report) => reports.push(report) }, 2);
    expect(results.map(({ logits }) => logits[0])).toEqual(stubImages(5).map(sum));
    expect(results.map(({ trailer }) => trailer.job)).toEqual([0, 1, 2, 0, 1]);
    expect(reports.at(-1)).toMatchObject({ phase: 'simulate', jobsDone: 5 });
  });

  it('refuses an image of another size', async () => {
    await expect(run(64, 1, { jobs: jobsOf(stubTape(), [new Uint8Array(7)]) })).rejects.toThrow(
      /FF611: image: the tape reads 288/,
    );
  });
});
