/** Seeded networks through all witnesses, RTL included, by the real command line. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePhotos } from './photos.ts';
import { runCli } from './run-cli.ts';

/** Milliseconds that setting up may take on a busy machine. */
const SLOW = 120_000;

const folder = mkdtempSync(path.join(tmpdir(), 'fireforge-verify-'));
const photos = path.join(folder, 'photos');
beforeAll(async () => {
  await writePhotos(photos, 3);
}, SLOW);
afterAll(() => rmSync(folder, { recursive: true }));

interface Verified {
  readonly images: number;
  readonly layers: { name: string; values: number; mismatches: number; witnesses: Record<string, number> }[];
  readonly mismatches: number;
  readonly cycles: number;
  readonly predictedCycles: number;
  readonly doneCycles: number[];
  readonly queues: { images: number; cycles: number; predictedCycles: number }[];
  readonly axiReadBytes: number;
  readonly axiWriteBytes: number;
}

/** An image side at which maps, blocks and pools are uneven. */
const SIDE = 61;

async function compileBuild(model: string, lanes: string): Promise<string> {
  const build = path.join(folder, `${model}-${lanes}`);
  const network = [model, '--weights', 'none', '--side', String(SIDE), '--classes', '21', '--seed', '7'];
  const { status, notes } = await runCli(
    ...['compile', ...network, '--board', 'sim', '--lanes', lanes, '-o', build],
  );
  expect(status, notes).toBe(0);
  return build;
}

async function verifyBuild(build: string, ...options: string[]): Promise<Verified> {
  const { status, out, notes } = await runCli('verify', build, '--json', '--images', photos, ...options);
  expect([status, notes]).toEqual([0, '']);
  return JSON.parse(out);
}

describe.each(['16x16x1', '16x8x3'])('on %s lanes', (lanes) => {
  test.each(['squeezenet1.1', 'squeezenet1.0'])('all witnesses of %s give the same bits', async (model) => {
    const build = await compileBuild(model, lanes);
    const still = await verifyBuild(build);
    expect(still).toMatchObject({ images: 3, mismatches: 0 });
    expect(still.layers).toHaveLength(27);
    for (const { name, values, witnesses } of still.layers) {
      expect(values, name).toBeGreaterThan(0);
      expect(witnesses, name).toEqual({ onnx: 0, tape: 0, rtl: 0 });
    }
    expect(still.predictedCycles).toBe(still.cycles);

    const disturbed = await verifyBuild(build, '--latency', '60', '--backpressure', '30', '--seed', '4');
    expect(disturbed.mismatches).toBe(0);
    expect(disturbed.cycles).toBeGreaterThan(still.cycles);
    expect(disturbed.axiWriteBytes).toBe(still.axiWriteBytes);
    expect(disturbed.axiReadBytes).toBe(still.axiReadBytes);
  });
});

test('--workers decides how many engines share the images, and no bit', async () => {
  const build = path.join(folder, 'squeezenet1.1-16x16x1');
  const one = await verifyBuild(build, '--workers', '1');
  const all = await verifyBuild(build, '--workers', '9');
  expect(one.queues).toEqual([
    { images: 3, cycles: one.doneCycles[2], predictedCycles: one.predictedCycles },
  ]);
  expect(all.queues.map(({ images, cycles }) => [images, cycles])).toEqual(
    all.doneCycles.map((cycle) => [1, cycle]),
  );
  expect(all.layers).toEqual(one.layers);
  const { out } = await runCli('verify', build, '--images', photos, '--workers', '2');
  expect(out).toMatch(/^cycles of 2 queues: /m);
  const { status, notes } = await runCli('verify', build, '--workers', '0');
  expect([status, notes]).toEqual([2, expect.stringContaining('FF802: --workers 0')]);
});

test('two networks share one engine', () => {
  const [a, b] = ['squeezenet1.1', 'squeezenet1.0'].map((model) =>
    path.join(folder, `${model}-16x16x1`, 'rtl', 'fireforge.v'),
  );
  expect(existsSync(a)).toBe(true);
  expect(readFileSync(a, 'utf8')).toBe(readFileSync(b, 'utf8'));
});
