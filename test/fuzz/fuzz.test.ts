/**
 * Damaged files through everything that reads one: each is read, or refused by an error with a code, and neither
 * takes a second of the processor or a gigabyte. `FUZZ_FILES` says how many, `FUZZ_SEED` which.
 */
import { afterAll, expect, test } from 'vitest';
import { FireforgeError } from '../../gen/diagnostics/diagnostic.ts';
import { Prng } from '../../gen/import/prng.ts';
import { MOST_MEMORY, mostMemory, processorSeconds, SLOWEST_SECONDS } from './seconds.ts';
import { removeScratch, targets } from './targets.ts';

const FILES = Number(process.env.FUZZ_FILES ?? 10_000);
const SEED = Number(process.env.FUZZ_SEED ?? 1);

afterAll(removeScratch);

const all = await targets();
const shares = all.reduce((sum, { share }) => sum + share, 0);

/** Whether it was read; the file is in the message of anything but a proper refusal. */
async function isRead(read: (file: Uint8Array) => unknown, file: Uint8Array, what: string): Promise<boolean> {
  try {
    await read(file);
    return true;
  } catch (error) {
    if (error instanceof FireforgeError) return false;
    throw new Error(`${what}: ${Buffer.from(file).toString('base64').slice(0, 4000)}`, { cause: error });
  }
}

test.each(all)('$name', async ({ name, share, files, damage, read }) => {
  const random = new Prng(SEED);
  let refused = 0;
  for (let index = 0; index < Math.ceil((FILES * share) / shares); index++) {
    const [one, other] = [files[random.next() % files.length], files[random.next() % files.length]];
    const file = damage(one, other, random);
    const what = `${name}, file ${index} of seed ${SEED}`;
    const start = processorSeconds();
    if (!(await isRead(read, file, what))) refused++;
    expect(processorSeconds() - start, `seconds for ${what}`).toBeLessThan(SLOWEST_SECONDS);
  }
  expect(refused).toBeGreaterThan(0);
  expect(mostMemory()).toBeLessThan(MOST_MEMORY);
});
