/** Builds of networks that end without a classifier, on the command line. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePhotos } from './photos.ts';
import { runCli } from './run-cli.ts';

/** Milliseconds that setting up may take on a busy machine. */
const SLOW = 120_000;

const folder = mkdtempSync(path.join(tmpdir(), 'fireforge-features-'));
const NETWORK = ['squeezenet1.1', '--weights', 'none', '--side', '48', '--seed', '5', '--board', 'sim'];
const at = (name: string) => path.join(folder, name);
let images: string[];

beforeAll(async () => {
  images = await writePhotos(at('photos'), 1);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each([
  ['map', { kind: 'map', height: 2, width: 2, channels: 512 }, '2x2x512'],
  ['average', { kind: 'logits', channels: 512 }, '512'],
  ['maximum', { kind: 'map', height: 1, width: 1, channels: 512 }, '1x1x512'],
])('a network that ends with its %s', (end, output, shape) => {
  let design: { network: object; output: { scale: number } };

  beforeAll(async () => {
    const { status, notes } = await runCli('compile', ...NETWORK, '--end', end, '-o', at(end));
    expect(status, notes).toBe(0);
    design = JSON.parse(readFileSync(path.join(at(end), 'design.json'), 'utf8'));
  }, SLOW);

  test('says so in its build', () => {
    expect(design.network).toMatchObject({ classes: 0, labelOffset: 0 });
    expect(design.output).toMatchObject(output);
  });

  test('gives the same features by network.onnx, the fixed simulator and the tape', async () => {
    const by = async (engine: string) => {
      const { out } = await runCli('run', at(end), ...images, '--engine', engine, '--json');
      const [{ image, features, ...rest }] = JSON.parse(out);
      expect([image, rest]).toEqual([images[0], {}]);
      return features as number[];
    };
    const onnx = await by('onnx');
    expect(onnx).toHaveLength(shape.split('x').reduce((size, length) => size * Number(length), 1));
    expect(await by('fixed')).toEqual(onnx);
    expect(await by('tape')).toEqual(onnx);
    const { out } = await runCli('run', at(end), ...images);
    const most = (Math.max(...onnx) * design.output.scale).toFixed(2);
    const least = (Math.min(...onnx) * design.output.scale).toFixed(2);
    expect(out.trim()).toBe(`${images[0]}: ${shape} features from ${least} to ${most}`);
  });

  test('has no accuracy', async () => {
    writeFileSync(at('labels.csv'), `${path.basename(images[0])},3\n`);
    const { status, notes } = await runCli(
      'accuracy',
      at(end),
      '--images',
      at('photos'),
      '--labels',
      at('labels.csv'),
    );
    expect(status).toBe(2);
    expect(notes).toContain('error FF809');
  });
});
