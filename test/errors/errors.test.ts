/**
 * Bad inputs through the real command line. A case is a pair of files in `cases/`: `<name>.json`, the
 * arguments and the inputs they need (inputs.ts), and `<name>.expect.txt`, the exit status and the exact
 * words. No case may leave a file behind or print a result. `vitest -u` writes the expected texts anew.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../host/run-cli.ts';
import { INPUTS } from './inputs.ts';

/** Milliseconds that setting up may take on a busy machine. */
const SLOW = 120_000;

interface Case {
  readonly args: readonly string[];
  readonly inputs?: Readonly<Record<string, string>>;
}

const CASES = fileURLToPath(new URL('cases', import.meta.url));
const names = readdirSync(CASES)
  .filter((file) => file.endsWith('.json'))
  .map((file) => path.basename(file, '.json'));

const home = process.cwd();
const cache = process.env.XDG_CACHE_HOME;
let shared: string;
let soundBuild: string;
let place: string;

beforeAll(async () => {
  shared = mkdtempSync(path.join(tmpdir(), 'fireforge-errors-'));
  // An empty cache: nothing that this machine has fetched takes part.
  process.env.XDG_CACHE_HOME = path.join(shared, 'cache');
  soundBuild = path.join(shared, 'build');
  const network = ['squeezenet1.1', '--weights', 'none', '--side', '48', '--classes', '4', '--seed', '3'];
  const { status, notes } = await runCli(
    ...['compile', ...network, '--board', 'sim', '--lanes', '16x16x1', '-o', soundBuild],
  );
  expect(status, notes).toBe(0);
}, SLOW);

afterAll(() => {
  rmSync(shared, { recursive: true });
  if (cache === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cache;
});

beforeEach(() => {
  place = mkdtempSync(path.join(shared, 'case-'));
  process.chdir(place);
});

afterEach(() => process.chdir(home));

const listing = () => readdirSync(place, { recursive: true }).sort();

describe('bad input', () => {
  test('there are at least 20 cases', () => expect(names.length).toBeGreaterThanOrEqual(20));

  test.each(names)('%s', async (name) => {
    const { args, inputs = {} }: Case = JSON.parse(readFileSync(path.join(CASES, `${name}.json`), 'utf8'));
    for (const [target, input] of Object.entries(inputs)) await INPUTS[input](target, soundBuild);
    const before = listing();
    const { status, out, notes } = await runCli(...args);
    expect(out).toBe('');
    expect(listing()).toEqual(before);
    expect(notes).not.toContain(home);
    await expect(`exit ${status}\n${notes}\n`).toMatchFileSnapshot(path.join(CASES, `${name}.expect.txt`));
  });
});
