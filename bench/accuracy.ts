/** Accuracy of the trained networks on the labelled photographs beside the checkout; all settings are defaults. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { measureAccuracy } from '../host/accuracy.ts';
import { BUILDS, fireforge } from './fireforge.ts';
import { markdownTable, percent } from './markdown.ts';

type Accuracy = Awaited<ReturnType<typeof measureAccuracy>>;

const SHARED = path.resolve('..', 'shared');
const MODELS = [
  {
    name: 'v1.1@224, torchvision',
    file: 'squeezenet1_1-torchvision.safetensors',
    preprocess: 'torchvision',
    side: 224,
  },
  { name: 'v1.0@227, Caffe', file: 'squeezenet1_0-caffe.safetensors', preprocess: 'caffe', side: 227 },
  { name: 'v1.1@224, Caffe, float16 ONNX', file: 'squeezenet1_1-caffe.fp16.onnx', preprocess: 'caffe' },
] as const;

/** One row a network, or undefined where the photographs are missing. */
export async function measureAccuracies(): Promise<string | undefined> {
  const images = path.join(SHARED, 'images');
  if (!existsSync(images)) return undefined;
  const rows: string[][] = [];
  for (const model of MODELS) {
    const build = path.join(BUILDS, path.parse(model.file).name);
    await fireforge(
      ...['compile', path.join(SHARED, 'models', model.file), '--preprocess', model.preprocess],
      ...('side' in model ? ['--side', String(model.side)] : []),
      ...['--board', 'sim', '--macs', '256', '--calibrate', path.join(images, 'calibration'), '-o', build],
    );
    rows.push([model.name, ...cells(await accuracy(build, images))]);
  }
  const fetched = path.join(BUILDS, 'fetched');
  await fireforge('compile', 'squeezenet1.1', '--board', 'sim', '--macs', '256', '-o', fetched);
  rows.push(['v1.1@227, as fetched', ...cells(await accuracy(fetched, images))]);
  const head = ['network', 'images', 'top-1', 'float', 'top-5', 'float', 'same top-1', 'logit SQNR'];
  return markdownTable(head, rows);
}

async function accuracy(build: string, images: string): Promise<Accuracy> {
  const labels = path.join(images, 'labels.csv');
  const labelled = path.join(images, 'labelled');
  return (await fireforge<Accuracy>('accuracy', build, '--images', labelled, '--labels', labels)).value;
}

function cells(found: Accuracy): string[] {
  const { images, top1, floatTop1, top5, floatTop5, agreement, logitSqnrDb } = found;
  const percentages = [top1, floatTop1, top5, floatTop5, agreement].map((value) => percent(value));
  return [String(images), ...percentages, `${logitSqnrDb?.toFixed(1)} dB`];
}
