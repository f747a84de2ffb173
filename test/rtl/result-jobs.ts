/** Jobs of the result writer, and what must lie in memory when they are done. */
import { crc32 } from 'node:zlib';
import { Prng } from '../../gen/import/prng.ts';

export interface Job {
  readonly address: number;
  readonly tapeId: number;
  readonly number: number;
  readonly logits: readonly number[];
}

export interface Case {
  readonly PortBits: number;
  readonly BurstBeats: number;
  readonly OutLanes: number;
}

export function randomJobs(classes: readonly number[], seed: number): Job[] {
  const random = new Prng(seed);
  return classes.map((count, i) => ({
    address: 0x10000 * (i + 1) + 64 * (random.next() % 64),
    tapeId: random.next(),
    number: 5 + i,
    logits: Array.from({ length: count }, () => random.next() | 0),
  }));
}

/** What must lie at the job's address in the end. */
export function expectedResult({ logits, tapeId, number }: Job): Uint8Array {
  const data = Buffer.alloc(16 * Math.ceil(logits.length / 4));
  for (const [i, logit] of logits.entries()) data.writeInt32LE(logit, 4 * i);
  return withTrailer(data, { tapeId, number });
}

export function withTrailer(
  data: Uint8Array,
  { tapeId, number }: Pick<Job, 'tapeId' | 'number'>,
): Uint8Array {
  const trailer = Buffer.alloc(16);
  for (const [i, word] of [tapeId, number, 1, crc32(data)].entries()) trailer.writeUInt32LE(word, 4 * i);
  return Buffer.concat([data, trailer]);
}
