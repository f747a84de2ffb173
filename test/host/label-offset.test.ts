/** Networks with a background class in front of the classes that labels name. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomSqueezenet } from '../../gen/import/random.ts';
import { labelText } from '../../host/results.ts';
import { writePhotos } from './photos.ts';
import { runCli } from './run-cli.ts';

/** Milliseconds that setting up may take on a busy machine. */
const SLOW = 120_000;

const folder = mkdtempSync(path.join(tmpdir(), 'fireforge-offset-'));
const photos = path.join(folder, 'photos');
const NETWORK = ['squeezenet1.1', '--weights', 'none', '--side', '48', '--seed', '5', '--board', 'sim'];
const at = (name: string) => path.join(folder, name);

let images: string[];

beforeAll(async () => {
  images = await writePhotos(photos, 2);
  const builds = [
    ['with', '--classes', '1001'],
    ['without', '--classes', '1001', '--label-offset', '0'],
  ];
  for (const [name, ...options] of builds) {
    const { status, notes } = await runCli('compile', ...NETWORK, ...options, '-o', at(name));
    expect(status, notes).toBe(0);
  }
}, SLOW);
afterAll(() => rmSync(folder, { recursive: true }));

const design = (name: string) => JSON.parse(readFileSync(path.join(at(name), 'design.json'), 'utf8'));

test('1001 classes have an offset of 1, unless another is asked for', () => {
  expect(design('with').network).toMatchObject({ classes: 1001, labelOffset: 1 });
  expect(design('without').network).toMatchObject({ classes: 1001, labelOffset: 0 });
  expect(design('without').model.labelOffset).toBe(0);
  const of = (classes: number) => randomSqueezenet({ version: '1.1', side: 48, classes, seed: 1 });
  expect([of(1001), of(1000), of(2)].map(({ labelOffset }) => labelOffset)).toEqual([1, 0, 0]);
});

test('run and accuracy speak of labels, not of classes', async () => {
  const classes = JSON.parse((await runCli('run', at('with'), ...images, '--json')).out);
  const { out } = await runCli('run', at('with'), ...images);
  const first = out.split('\n').map((line) => Number(/: (\d+) \(/.exec(line)![1]));
  const top = classes.map(({ top5 }: { top5: number[] }) => top5[0]);
  expect(first).toEqual(top.map((index: number) => index - 1));

  const labels = at('labels.csv');
  writeFileSync(labels, images.map((file, i) => `${path.basename(file)},${first[i]}`).join('\n'));
  const accuracyOf = async (build: string) => {
    const { out: text } = await runCli(
      'accuracy',
      at(build),
      '--images',
      photos,
      '--labels',
      labels,
      '--json',
    );
    return JSON.parse(text);
  };
  expect(await accuracyOf('with')).toMatchObject({ images: 2, top1: 100 });
  expect(await accuracyOf('without')).toMatchObject({ images: 2, top1: 0 });
  writeFileSync(labels, images.map((file) => `${path.basename(file)},1000`).join('\n'));
  const { notes } = await runCli('accuracy', at('with'), '--images', photos, '--labels', labels);
  expect(notes).toContain('error FF807');
});

test('classes in front of the labels are background', () => {
  expect([0, 1, 2].map((index) => labelText(index, 1))).toEqual(['background', '0', '1']);
  expect(labelText(0, 0)).toBe('0');
});
