/** compile --for, diff, and verify of several builds, on one small engine. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Difference } from '../../gen/emit/build-differences.ts';
import type { SharedVerification } from '../../sim/verify/verify.ts';
import { writePhotos } from './photos.ts';
import { runCli } from './run-cli.ts';

/** Milliseconds that setting up may take on a busy machine. */
const SLOW = 300_000;

const folder = mkdtempSync(path.join(tmpdir(), 'fireforge-one-bitstream-'));
const inFolder = (name: string) => path.join(folder, name);
const bytes = (build: string, file: string) => readFileSync(path.join(inFolder(build), file));

const RANDOM = ['--weights', 'none', '--seed', '5', '--range', 'minmax'];
const V11 = ['squeezenet1.1', ...RANDOM, '--side', '48', '--classes', '10'];
const V10 = ['squeezenet1.0', ...RANDOM, '--side', '56', '--classes', '12'];
const ENGINE = ['--board', 'sim', '--lanes', '16x16x1'];

async function compile(build: string, ...args: string[]): Promise<string> {
  const { status, out, notes } = await runCli('compile', ...args, '-o', inFolder(build));
  expect(status, notes).toBe(0);
  return out;
}

beforeAll(async () => {
  await writePhotos(inFolder('photos'), 2);
  await compile('one', ...V11, ...ENGINE);
  await compile('other', ...V10, '--for', inFolder('one'));
}, SLOW);
afterAll(() => rmSync(folder, { recursive: true }));

describe('compile --for', () => {
  test('makes the very build that the board and its options make', async () => {
    await compile('same', ...V10, ...ENGINE);
    const files = readdirSync(inFolder('same'), { recursive: true, encoding: 'utf8' }).sort();
    expect(readdirSync(inFolder('other'), { recursive: true, encoding: 'utf8' }).sort()).toEqual(files);
    for (const file of files.filter((name) => name !== 'rtl')) {
      expect(bytes('other', file).equals(bytes('same', file)), file).toBe(true);
    }
  });

  test('leaves the Verilog as it is', () => {
    const names = readdirSync(inFolder('one/rtl'));
    expect(names).toContain('fireforge.v');
    expect(readdirSync(inFolder('other/rtl'))).toEqual(names);
    for (const name of names) {
      expect(bytes('other', `rtl/${name}`).equals(bytes('one', `rtl/${name}`)), name).toBe(true);
    }
    expect(bytes('other', 'tape.bin').equals(bytes('one', 'tape.bin'))).toBe(false);
  });

  test("may replace the build's own network", async () => {
    cpSync(inFolder('one'), inFolder('copy'), { recursive: true });
    const out = await compile('copy', ...V10, '--for', inFolder('copy'));
    expect(out).toContain(`for the engine of ${inFolder('copy')}, 16x16x1 lanes`);
    expect(bytes('copy', 'tape.bin').equals(bytes('other', 'tape.bin'))).toBe(true);
  });
});

describe('verify of two builds', () => {
  const both = () => [inFolder('one'), inFolder('other')];

  test('lets them take turns, and names the tape of each result', async () => {
    const { status, out } = await runCli(
      ...['verify', ...both(), '--images', inFolder('photos'), '--workers', '1', '--json'],
    );
    expect(status).toBe(0);
    const found: SharedVerification & { builds: string[] } = JSON.parse(out);
    const tapes = both().map(
      (build) => JSON.parse(readFileSync(path.join(build, 'design.json'), 'utf8')).tape.id,
    );
    expect(found).toMatchObject({ builds: both(), mismatches: 0 });
    expect(found.results).toEqual([0, 1, 0, 1].map((network) => ({ network, tapeId: tapes[network] })));
    expect(found.networks.map(({ images, layers }) => [images, layers.at(-1)!.values])).toEqual([
      [2, 20],
      [2, 24],
    ]);
    expect(found.queues).toEqual([
      { images: 4, cycles: found.cycles, predictedCycles: found.predictedCycles },
    ]);
    expect(found.predictedCycles).toBe(found.cycles);
    expect(found.doneCycles.at(-1)).toBe(found.cycles);
  });

  test('is told in words', async () => {
    const { status, out } = await runCli('verify', ...both(), '--limit', '1');
    expect(status).toBe(0);
    expect(out).toMatch(/0 mismatches over 2 builds, which took turns without a reset/);
    expect(out).toMatch(/^ +1 +\S+other +[0-9a-f]{8} +[\d,]+$/m);
  });
});

describe('diff', () => {
  async function differences(a: string, b: string): Promise<Difference[]> {
    const { status, out } = await runCli('diff', inFolder(a), inFolder(b), '--json');
    const found = JSON.parse(out);
    expect(found).toMatchObject({ a: inFolder(a), b: inFolder(b), equal: status === 0 });
    expect(found.differences.length === 0).toBe(found.equal);
    expect(status).toBeLessThan(2);
    return found.differences;
  }
  const areas = async (a: string, b: string) => [
    ...new Set((await differences(a, b)).map(({ area }) => area)),
  ];

  test('of a build and its copy finds nothing', async () => {
    cpSync(inFolder('one'), inFolder('twin'), { recursive: true });
    expect(await differences('one', 'twin')).toEqual([]);
    const { status, out } = await runCli('diff', inFolder('one'), inFolder('twin'));
    expect([status, out]).toEqual([
      0,
      `${inFolder('one')} and ${inFolder('twin')} are the same in network, numbers, schedule, geometry, cycles`,
    ]);
  });

  test('of two networks on one engine finds all but the geometry', async () => {
    expect(await areas('one', 'other')).toEqual(['network', 'numbers', 'schedule', 'cycles']);
    const found = await differences('one', 'other');
    expect(found).toContainEqual({ area: 'network', subject: 'classes', a: '10', b: '12' });
    expect(found).toContainEqual({
      ...{ area: 'network', subject: 'image' },
      ...{ a: '48x48 pixels', b: '56x56 pixels' },
    });
    expect(found).toContainEqual({
      ...{ area: 'network', subject: 'output channels of conv1' },
      ...{ a: '64', b: '96' },
    });
    const cycles = JSON.parse(String(bytes('one', 'design.json'))).cycles;
    const one = found.find(({ subject }) => subject === 'of a single image')!;
    expect(one.a).toBe(cycles.single.toLocaleString('en-US'));
    const { status, out } = await runCli('diff', inFolder('one'), inFolder('other'));
    expect(status).toBe(1);
    expect(out).toContain('  classes: A 10, B 12\n');
    expect(out.endsWith('the same: geometry')).toBe(true);
  });

  test('of two engines for one network finds the geometry, and what follows from it', async () => {
    await compile('narrow', ...V11, ...ENGINE, '--port', '32');
    const found = await differences('one', 'narrow');
    expect(found).toContainEqual({ area: 'geometry', subject: 'bits of the AXI port', a: '64', b: '32' });
    expect(found.map(({ subject }) => subject)).toContain('fireforge.v, by hash');
    expect(await areas('one', 'narrow')).toEqual(['geometry', 'cycles']);
  });

  test('of other ranges or weights finds only those', async () => {
    await compile('ranges', ...V11.map((word) => (word === 'minmax' ? 'percentile' : word)), ...ENGINE);
    expect(await areas('one', 'ranges')).toEqual(['numbers']);
    await compile('weights', ...V11.map((word) => (word === '5' ? '6' : word)), ...ENGINE);
    const found = await differences('one', 'weights');
    expect(found.filter(({ area }) => area === 'network').map(({ subject }) => subject)).toEqual([
      'weights, of the same shapes, by hash',
    ]);
    expect(await areas('one', 'weights')).toEqual(['network', 'numbers']);
  });

  test('needs two builds', async () => {
    const { status, notes } = await runCli('diff', inFolder('one'), inFolder('nothing'));
    expect([status, notes]).toEqual([2, expect.stringContaining('error FF630: ')]);
  });
});
