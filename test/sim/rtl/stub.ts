/** The stub design (fixtures/stub_top.v) with a port of any width, and jobs for it. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { HEADER, HEADER_BYTES, writeFields } from '../../../gen/tape/format.ts';
import { jobsOf, type RtlOptions } from '../../../sim/rtl/rtl-witness.ts';

const FIXTURES = fileURLToPath(new URL('./fixtures', import.meta.url));
export const IMAGE_BYTES = 288;
export const TAPE_ID = 0x12345678;

/** Folder of the stub's Verilog, `change`d. */
export function stubFolder(change: (text: string) => string = (text) => text): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'fireforge-stub-'));
  cpSync(FIXTURES, folder, { recursive: true });
  const top = path.join(folder, 'stub_top.v');
  writeFileSync(top, change(readFileSync(top, 'utf8')));
  return folder;
}

/** A tape of a header alone, whose first byte chooses the rule that the stub breaks (0: none). */
export function stubTape(fault = 0): Uint8Array {
  const tape = new Uint8Array(HEADER_BYTES);
  writeFields(tape, 0, HEADER, { magic: fault, tapeId: TAPE_ID, imageBytes: IMAGE_BYTES, classes: 4 });
  return tape;
}

export function stubImages(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, job) =>
    Uint8Array.from({ length: IMAGE_BYTES }, (_, index) => (index * 7 + job * 13) & 0xff),
  );
}

export function stubOptions(rtlDir: string, jobs: number, fault = 0): RtlOptions {
  return {
    rtlDir,
    top: 'stub_top',
    geometry: { burstBeats: 16 },
    jobs: jobsOf(stubTape(fault), stubImages(jobs)),
    latency: 0,
    backpressure: 0,
    seed: 1,
    watchdog: 20_000,
  };
}
