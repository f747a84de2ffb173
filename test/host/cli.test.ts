import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePhotos } from './photos.ts';
import { runCli } from './run-cli.ts';

/** Milliseconds that setting up may take on a busy machine. */
const SLOW = 120_000;

const folder = mkdtempSync(path.join(tmpdir(), 'fireforge-cli-'));
const build = path.join(folder, 'build');
const photos = path.join(folder, 'photos');
const NETWORK = ['squeezenet1.1', '--weights', 'none', '--side', '48', '--classes', '10', '--seed', '5'];

let images: string[];

beforeAll(async () => {
  images = await writePhotos(photos, 3);
  const { status, notes } = await runCli('compile', ...NETWORK, '--board', 'zynq-7020', '-o', build);
  expect(status, notes).toBe(0);
}, SLOW);
afterAll(() => rmSync(folder, { recursive: true }));

const json = async (...args: string[]) => {
  const { status, out, notes } = await runCli(...args, '--json');
  expect(status, notes).toBe(0);
  return JSON.parse(out);
};

describe('help', () => {
  const commands = ['fetch', 'inspect', 'compile', 'diff', 'run', 'verify', 'accuracy', 'estimate', 'boards'];

  test('lists the commands', async () => {
    const { status, out } = await runCli('--help');
    expect(status).toBe(0);
    for (const command of commands) expect(out).toMatch(new RegExp(`^ {2}${command} `, 'm'));
  });

  test.each(commands)('of %s', async (command) => {
    const { status, out, notes } = await runCli(command, '--help');
    expect([status, notes]).toEqual([0, '']);
    expect(out).toContain(`Usage: fireforge ${command} `);
    expect(out).toContain('--json');
  });
});

test('boards are listed, unlimited counts as null', async () => {
  const boards = await json('boards');
  expect(boards.map(({ name }: { name: string }) => name)).toEqual([
    'kv260',
    'sim',
    'ulx3s-85f',
    'zynq-7020',
  ]);
  expect(boards[1].multipliers.count).toBeNull();
});

describe('the engines of a board', () => {
  test('are listed fastest first, the default in front', async () => {
    const listed = await json('boards', 'zynq-7020', '--side', '64', '--port', '32');
    expect(listed).toMatchObject({ board: 'zynq-7020', network: 'squeezenet1.1', input: [64, 64, 3] });
    const { engines } = listed;
    expect(engines[0].lanes).toBe(listed.default);
    expect(engines.at(-1)).toMatchObject({ lanes: '16x2x1', macUnits: 32 });
    const rates = engines.map(({ imagesPerSecond }: { imagesPerSecond: number }) => imagesPerSecond);
    expect(rates).toEqual([...rates].sort((a, b) => b - a));
    expect(engines[0].multipliers).toMatchObject({ name: 'DSP48E1', available: 220 });
    expect(engines[0].imagesPerSecond).toBeCloseTo(100e6 / engines[0].cycles);
  });

  test('come as a table too', async () => {
    const { status, out } = await runCli('boards', 'ulx3s-85f', '--side', '64');
    expect(status).toBe(0);
    expect(out).toMatch(/^16x1x1 +16 +18\/156 /m);
    expect(out).toContain('compile takes 16x');
  });

  test('need a board that is known, and options need a board', async () => {
    expect((await runCli('boards', 'zynq')).notes).toContain('error FF401: board zynq');
    expect((await runCli('boards', '--side', '64')).notes).toContain('--side goes with the name of a board');
  });
});

test('inspect shows how a network without classifier ends', async () => {
  const [model, ...options] = NETWORK.filter((word) => word !== '--classes' && word !== '10');
  const of = async (end: string) => {
    const { layers, result, unmapped } = await json('inspect', model, ...options, '--end', end);
    expect(unmapped).toBeNull();
    return { last: layers.at(-1), result };
  };
  expect(await of('map')).toMatchObject({
    last: { name: 'fire9/expand3x3' },
    result: { kind: 'map', height: 2, width: 2, channels: 512 },
  });
  expect(await of('average')).toMatchObject({
    last: { name: 'pool9', operation: 'average pool', output: [1, 1, 512] },
    result: { kind: 'logits', channels: 512 },
  });
  expect(await of('maximum')).toMatchObject({
    last: { name: 'pool9', operation: 'max-pool of all' },
    result: { kind: 'map', height: 1, width: 1, channels: 512 },
  });
  expect(await of('classifier')).toEqual({
    last: { name: 'pool10', operation: 'average pool', output: [1, 1, 1000], macs: 0, parameters: 0 },
    result: { kind: 'logits', channels: 1000 },
  });
  const { out } = await runCli('inspect', model, ...options, '--end', 'map');
  expect(out).toContain('result: a map of 2x2x512, uint8');
});

test('inspect shows layers and totals', async () => {
  const inspected = await json('inspect', ...NETWORK);
  expect(inspected).toMatchObject({
    input: [48, 48, 3],
    macs: 8_539_840,
    parameters: 727_626,
    unmapped: null,
  });
  expect(inspected.layers[0]).toEqual({
    name: 'conv1',
    operation: 'conv 3x3/2',
    output: [23, 23, 64],
    macs: 914_112,
    parameters: 1792,
  });
});

describe('a build', () => {
  test('is the fastest engine that fits the board, whatever its split', async () => {
    const again = path.join(folder, 'again');
    const summary = await json('compile', ...NETWORK, '--board', 'zynq-7020', '-o', again);
    expect(summary).toMatchObject({ build: again, board: 'zynq-7020' });
    const half = await json('compile', ...NETWORK, '--board', 'zynq-7020', '--macs', '64', '-o', again);
    expect(half).toMatchObject({ macUnits: 64, lanes: '16x4x1' });
    const [fast, slow] = await Promise.all([build, again].map((of) => json('estimate', of)));
    expect(fast.predictedCycles).toBeLessThan(slow.predictedCycles);
  });

  test('gives the same logits by network.onnx, the fixed simulator and the tape', async () => {
    const [onnx, fixed, tape] = [
      await json('run', build, ...images, '--engine', 'onnx'),
      await json('run', build, ...images, '--engine', 'fixed'),
      await json('run', build, ...images, '--engine', 'tape'),
    ];
    expect(onnx.map(({ image }: { image: string }) => image)).toEqual(images);
    expect(onnx[0].logits).toHaveLength(10);
    expect(onnx[0].top5).toHaveLength(5);
    expect(fixed).toEqual(onnx);
    expect(tape).toEqual(onnx);
    const [first, second] = onnx;
    expect(first.logits).not.toEqual(second.logits);
  });

  test('is measured on labelled images against float', async () => {
    const run = await json('run', build, ...images, '--engine', 'float');
    const labels = path.join(folder, 'labels.csv');
    // Float is right on the first two images and wrong on the last.
    const lines = images.map((file, i) => {
      const top = run[i].top5[0];
      return `${path.basename(file)},${i < 2 ? top : (top + 1) % 10}`;
    });
    writeFileSync(labels, ['file,class_index', ...lines].join('\n'));
    const accuracy = await json('accuracy', build, '--images', photos, '--labels', labels);
    expect(accuracy).toMatchObject({ images: 3, floatTop1: (100 * 2) / 3 });
    const limited = await json(
      'accuracy',
      build,
      '--images',
      photos,
      '--labels',
      labels,
      '--limit',
      '2',
      '--engine',
      'float',
    );
    expect(limited).toMatchObject({
      images: 2,
      top1: 100,
      floatTop1: 100,
      agreement: 100,
      logitSqnrDb: null,
    });
  });

  test('has an estimate for images back to back', async () => {
    const one = await json('estimate', build, '--latency', '10');
    const three = await json('estimate', build, '--latency', '10', '--images', '3');
    expect(three.doneCycles).toHaveLength(3);
    expect(three.predictedCycles).toBe(three.doneCycles[2]);
    expect(three.doneCycles[0]).toBe(one.predictedCycles);
    expect(three.multipliers).toMatchObject({ name: 'DSP48E1', available: 220 });
    expect(three.imagesPerSecond).toBeCloseTo((2 * 100e6) / (three.doneCycles[2] - three.doneCycles[0]), 6);
  });
});
