import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { networkHash } from '../../../gen/graph/hash.ts';
import { convolutions, type Network } from '../../../gen/graph/network.ts';
import type { NetworkEnd } from '../../../gen/graph/squeezenet.ts';
import { type LoadOptions, loadNetwork } from '../../../gen/import/load.ts';
import { randomSqueezenet } from '../../../gen/import/random.ts';
import { diagnosticOf } from './errors.ts';
import { smallModel, writeModel } from './onnx/model-writer.ts';
import { f32, writeSafetensors } from './safetensors-writer.ts';

let folder: string;
const at = (name: string) => path.join(folder, name);
const saved = (network: Network) =>
  writeSafetensors(
    convolutions(network).flatMap(({ name, outChannels, inChannels, kernel, weight, bias }) => [
      f32(`${name}.weight`, [outChannels, inChannels, kernel, kernel], weight),
      f32(`${name}.bias`, [outChannels], bias),
    ]),
  );

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'fireforge-load-'));
  for (const version of ['1.0', '1.1'] as const) {
    const network = randomSqueezenet({ version, side: 64, classes: 6, seed: 1 });
    writeFileSync(at(`v${version}.safetensors`), saved(network));
  }
  const { layers, ...rest } = randomSqueezenet({ version: '1.1', side: 64, classes: 6, seed: 1 });
  writeFileSync(at('notop.safetensors'), saved({ ...rest, layers: layers.slice(0, -2) }));
  writeFileSync(at('small.onnx'), writeModel(smallModel()));
  writeFileSync(at('renamed.bin'), writeModel(smallModel()));
  writeFileSync(at('preprocess.json'), '{"order":"bgr","mean":[1,2,3],"scale":[4,5,6],"resize":300}');
  writeFileSync(at('notes.txt'), 'some text');
});
afterAll(() => rmSync(folder, { recursive: true }));

const refusal = async (options: LoadOptions) => {
  const { code, reason } = await diagnosticOf(() => loadNetwork(options));
  return `${code} ${reason}`;
};

describe('loadNetwork of a name', () => {
  it('makes random networks with the sides of Keras and any classes', async () => {
    const old = await loadNetwork({ model: 'squeezenet1.0', weights: 'none', classes: 3, seed: 7 });
    expect(old.input.height).toBe(227);
    expect(convolutions(old).at(-1)!.outChannels).toBe(3);
    const network = await loadNetwork({ model: 'squeezenet1.1', weights: 'none', side: 48, seed: 7 });
    expect(network.trained).toBe(false);
    const same = randomSqueezenet({ version: '1.1', side: 48, classes: 1000, seed: 7 });
    expect(networkHash(network)).toBe(networkHash(same));
    expect((await loadNetwork({ model: 'squeezenet1.1', weights: 'none' })).input.height).toBe(224);
  });

  it('refuses what trained weights cannot be', async () => {
    expect(await refusal({ model: 'squeezenet1.1', classes: 10 })).toBe(
      'FF132 its trained weights are for 1000 classes, not 10',
    );
    expect(await refusal({ model: 'squeezenet1.1', weights: 'none', side: 47 })).toBe(
      'FF130 a side of 47 pixels is under the minimum of 48',
    );
    expect(await refusal({ model: 'squeezenet1.1', weights: 'none', side: 50.5 })).toMatch('FF131');
    expect(await refusal({ model: 'squeezenet1.1', weights: 'none', classes: 0 })).toMatch('FF133');
  });

  it('does not ask an untested source unbidden', async () => {
    const diagnostic = await diagnosticOf(() => loadNetwork({ model: 'squeezenet1.0', cacheRoot: folder }));
    expect(diagnostic.code).toBe('FF910');
    expect(diagnostic.remedy).toBe(
      'Try `fireforge fetch squeezenet1.0`; or give a model file, or take random weights with --weights none.',
    );
  });
});

describe('loadNetwork of a file', () => {
  it('takes the version from the shapes and the side from the version or the option', async () => {
    const load = (version: string, side?: number) =>
      loadNetwork({ model: at(`v${version}.safetensors`), preprocess: 'caffe', ...(side && { side }) });
    expect((await load('1.0')).input.height).toBe(227);
    expect((await load('1.1')).input.height).toBe(224);
    const network = await load('1.1', 64);
    expect(network).toMatchObject({ name: 'v1.1', trained: true, input: { height: 64 } });
    const random = { version: '1.1', side: 64, classes: 6, seed: 1 } as const;
    const preprocess = network.preprocess;
    expect(networkHash(network)).toBe(networkHash(randomSqueezenet({ ...random, preprocess })));
  });

  it('reads ONNX by extension or by its first bytes', async () => {
    const options = { preprocess: at('preprocess.json') };
    const network = await loadNetwork({ model: at('small.onnx'), ...options });
    expect(network.preprocess).toEqual({ order: 'bgr', mean: [1, 2, 3], scale: [4, 5, 6], resize: 300 });
    const renamed = await loadNetwork({ model: at('renamed.bin'), ...options });
    expect(networkHash(renamed)).toBe(networkHash(network));
  });

  it('wants to know the preprocessing, unless only layers are read', async () => {
    const model = at('small.onnx');
    expect(await refusal({ model })).toBe('FF136 the file does not say how its input was normalized');
    expect((await loadNetwork({ model, layersOnly: true })).layers).toHaveLength(5);
  });

  it('refuses contradictions', async () => {
    const model = at('v1.1.safetensors');
    expect(await refusal({ model, preprocess: 'caffe', classes: 1000 })).toBe(
      'FF132 its trained weights are for 6 classes, not 1000',
    );
    expect(await refusal({ model, weights: 'none' })).toMatch('FF134 --weights none asks for random weights');
    expect(await refusal({ model, preprocess: 'caffe', side: 32 })).toMatch('FF130');
    expect(await refusal({ model: at('small.onnx'), preprocess: 'caffe', side: 80 })).toMatch('FF135');
  });

  it('pads the classifier where it is asked to and the file does not say', async () => {
    const model = at('v1.0.safetensors');
    const padded = await loadNetwork({ model, preprocess: 'caffe', side: 64, classifierPadding: 1 });
    expect(convolutions(padded).at(-1)!.padding).toEqual({ top: 1, left: 1, bottom: 1, right: 1 });
    expect(await refusal({ model, preprocess: 'caffe', classifierPadding: 9 })).toBe(
      'FF138 --classifier-padding is 9, not a whole number from 0 to 8',
    );
    expect(await refusal({ model: at('small.onnx'), preprocess: 'caffe', classifierPadding: 1 })).toBe(
      'FF139 an ONNX file says itself what --classifier-padding would',
    );
  });

  it('pads the image as it is asked to', async () => {
    const model = at('v1.0.safetensors');
    const padding = async (imagePadding: string, size = { height: 64, width: 65 }) => {
      const network = await loadNetwork({ model, preprocess: 'caffe', size, imagePadding });
      return Object.values(convolutions(network)[0].padding);
    };
    expect(await padding('none')).toEqual([0, 0, 0, 0]);
    // 7x7 with stride 2 on 64 x 65: 32 and 33 positions need 5 and 6 pixels, an odd one at the end.
    expect(await padding('same')).toEqual([2, 3, 3, 3]);
    expect(await padding('3,1,0,2')).toEqual([3, 1, 0, 2]);
    for (const imagePadding of ['valid', '1,2,3', '1,2,3,4,5', '-1,0,0,0', '10,0,0,0']) {
      expect(await refusal({ model, preprocess: 'caffe', imagePadding })).toMatch('FF138 --image-padding is');
    }
    expect(await refusal({ model: at('small.onnx'), preprocess: 'caffe', imagePadding: 'same' })).toMatch(
      'FF139',
    );
  });

  it('takes an image that is not square, and a side or a size', async () => {
    const model = at('v1.1.safetensors');
    const size = { height: 64, width: 96 };
    const network = await loadNetwork({ model, preprocess: 'caffe', size });
    expect(network.input).toEqual({ ...size, channels: 3 });
    const random = await loadNetwork({ model: 'squeezenet1.1', weights: 'none', classes: 6, seed: 1, size });
    expect(random.input).toEqual({ ...size, channels: 3 });
    expect(await refusal({ model, preprocess: 'caffe', side: 64, size })).toMatch('FF146');
    expect(await refusal({ model, preprocess: 'caffe', size: { height: 64, width: 47 } })).toMatch('FF130');
    expect(await refusal({ model: at('small.onnx'), preprocess: 'caffe', size })).toBe(
      'FF135 --size 64x96 contradicts the file, whose input is 64x64',
    );
  });

  it('ends where it is asked to, with or without the tensors of a classifier', async () => {
    const model = at('v1.1.safetensors');
    const last = async (end: NetworkEnd, file = model) => {
      const { layers } = await loadNetwork({ model: file, preprocess: 'caffe', side: 64, end });
      return layers.slice(-2).map(({ kind }) => kind);
    };
    expect(await last('classifier')).toEqual(['conv', 'gap']);
    expect(await last('map')).toEqual(['fire', 'fire']);
    expect(await last('average')).toEqual(['fire', 'gap']);
    expect(await last('maximum', at('notop.safetensors'))).toEqual(['fire', 'gmp']);
    expect(await refusal({ model: at('notop.safetensors'), preprocess: 'caffe' })).toMatch('FF112');
    expect(await refusal({ model, preprocess: 'caffe', end: 'map', classes: 6 })).toMatch('FF143');
    const random = { model: 'squeezenet1.0', weights: 'none', side: 64 } as const;
    expect((await loadNetwork({ ...random, end: 'maximum' })).layers.at(-1)!.kind).toBe('gmp');
  });

  it('refuses files that are not there, not readable, or of no known format', async () => {
    expect(await refusal({ model: at('nothing.onnx') })).toBe(
      'FF101 no such file, and not the name of a model',
    );
    expect(await refusal({ model: folder })).toBe('FF102 it cannot be read (EISDIR)');
    expect(await refusal({ model: at('notes.txt') })).toMatch('FF103 its format is not recognised');
  });
});
