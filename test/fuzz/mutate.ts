/** Seeded damage to files: flipped bits, cut ends, repeated and lost parts, numbers as large as they get. */
import type { Prng } from '../../gen/import/prng.ts';

/** Bytes that mean something to many formats: signs, lengths of all ones, nesting, ends. */
const BYTES = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x0b, 0x28, 0x5b, 0x7b, 0x22, 0x2e, 0x0a];
/** Lengths and counts that no file holds. */
const HUGE = [
  0x7fff_ffffn,
  0xffff_ffffn,
  0x7fff_ffff_ffff_ffffn,
  0xffff_ffff_ffff_ffffn,
  1n << 53n,
  1n << 40n,
];
const MOST_REPEATS = 400;
/** No mutation makes a file much longer than this, or than twice what it was. */
const MOST_BYTES = 1 << 20;

type Mutation = (bytes: Buffer, at: number, random: Prng, other: Buffer) => Buffer;

const changed = (bytes: Buffer, change: (copy: Buffer) => void): Buffer => {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
};
const within = (random: Prng, limit: number) => random.next() % Math.max(limit, 1);
const join = (...parts: Buffer[]) => Buffer.concat(parts);

const MUTATIONS: readonly Mutation[] = [
  (bytes, at, random) => changed(bytes, (copy) => (copy[at] ^= 1 << within(random, 8))),
  (bytes, at, random) => changed(bytes, (copy) => (copy[at] = within(random, 256))),
  (bytes, at, random) => changed(bytes, (copy) => (copy[at] = BYTES[within(random, BYTES.length)])),
  (bytes, at) => bytes.subarray(0, at),
  (bytes, at, random) => join(bytes.subarray(0, at), bytes.subarray(at + 1 + within(random, 64))),
  (bytes, at, random) => {
    const part = bytes.subarray(at, at + 1 + within(random, 64));
    const times = Array.from({ length: 1 + within(random, MOST_REPEATS) }, () => part);
    return join(bytes.subarray(0, at), ...times, bytes.subarray(at));
  },
  (bytes, at, random) => {
    const noise = Buffer.from(Array.from({ length: 1 + within(random, 32) }, () => within(random, 256)));
    return join(bytes.subarray(0, at), noise, bytes.subarray(at));
  },
  (bytes, at, random) => {
    const eight = Buffer.alloc(8);
    const value = HUGE[within(random, HUGE.length)];
    if (within(random, 2) === 0) eight.writeBigUInt64LE(value);
    else eight.writeBigUInt64BE(value);
    const size = [2, 4, 8][within(random, 3)];
    return changed(bytes, (copy) => eight.subarray(0, size).copy(copy, at));
  },
  (bytes, at, random, other) => {
    const from = within(random, other.length);
    return join(
      bytes.subarray(0, at),
      other.subarray(from, from + 1 + within(random, 256)),
      bytes.subarray(at),
    );
  },
  (bytes, at, random) => {
    const second = at + within(random, bytes.length - at);
    const size = 1 + within(random, 32);
    return changed(bytes, (copy) => {
      bytes.copy(copy, at, second, second + size);
      bytes.copy(copy, second, at, at + size);
    });
  },
];

/** One to four of them; half of the places are in the first part, where formats keep structure. */
export function mutate(bytes: Uint8Array, other: Uint8Array, random: Prng): Uint8Array {
  const most = Math.max(MOST_BYTES, 2 * bytes.length);
  let mutated: Buffer = Buffer.from(bytes);
  for (let left = 1 + within(random, 4); left > 0; left--) {
    const limit = within(random, 2) === 0 ? Math.ceil(mutated.length / 8) : mutated.length;
    const mutation = MUTATIONS[within(random, MUTATIONS.length)];
    mutated = mutation(mutated, within(random, limit), random, Buffer.from(other)).subarray(0, most);
  }
  return mutated;
}

/** Numbers that JSON can hold and no calibration or description should. */
const TEXTS = [
  '1e308',
  '-1',
  '1e-320',
  '1e400',
  'null',
  '[]',
  '{}',
  '"x"',
  '0',
  '99999999999999999999',
  'true',
];

/** The same for JSON: besides bytes, whole numbers and names are replaced. */
export function mutateText(text: string, other: string, random: Prng): string {
  if (within(random, 4) === 0)
    return Buffer.from(mutate(Buffer.from(text), Buffer.from(other), random)).toString();
  let mutated = text;
  for (let left = 1 + within(random, 3); left > 0; left--) {
    const tokens = [...mutated.matchAll(/-?\d[\d.e+-]*|"[^"]*"|\[|\{/g)];
    const token = tokens[within(random, tokens.length)];
    if (!token) break;
    const value = TEXTS[within(random, TEXTS.length)];
    const replaced = within(random, 8) === 0 ? '['.repeat(1 + within(random, 5000)) : value;
    mutated = mutated.slice(0, token.index) + replaced + mutated.slice(token.index + token[0].length);
  }
  return mutated;
}
