import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FireforgeError } from '../../../../gen/diagnostics/diagnostic.ts';
import { networkHash } from '../../../../gen/graph/hash.ts';
import { convolutions } from '../../../../gen/graph/network.ts';
import {
  type FetchedFiles,
  fetchNetwork,
  findFetched,
  requireSource,
} from '../../../../gen/import/fetch/fetch.ts';
import { SOURCES } from '../../../../gen/import/fetch/sources.ts';
import { loadNetwork } from '../../../../gen/import/load.ts';
import { diagnosticOf } from '../errors.ts';
import { hasShared, sharedModel } from '../shared.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'fireforge-cache-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('fetchNetwork', () => {
  it('knows its sources by name', async () => {
    const { code, remedy } = await diagnosticOf(() => fetchNetwork('alexnet', { root }));
    expect(code).toBe('FF901');
    expect(remedy).toBe(`Fetch one of ${SOURCES.map(({ name }) => name).join(', ')}.`);
  });

  it('says what to do with a checkpoint that it does not read', async () => {
    const diagnostic = await diagnosticOf(() => fetchNetwork('squeezenet1.1-torchvision', { root }));
    expect(diagnostic.code).toBe('FF908');
    expect(diagnostic.remedy).toMatch('safetensors');
  });

  it('does not take damaged files of the cache for a network', () => {
    const damaged = path.join(root, 'damaged');
    const folder = path.join(damaged, 'networks', 'squeezenet1.1');
    mkdirSync(folder, { recursive: true });
    for (const file of ['squeezenet_weights.pkl', 'book-2020460_640.jpg']) {
      writeFileSync(path.join(folder, file), 'damaged');
    }
    expect(findFetched(requireSource('squeezenet1.1'), damaged)).toBeUndefined();
  });

  it('names a cache that cannot be written', async () => {
    const file = path.join(root, 'a-file');
    writeFileSync(file, '');
    const diagnostic = await diagnosticOf(() =>
      fetchNetwork('squeezenet1.1', { root: path.join(file, 'x') }),
    );
    expect(diagnostic).toMatchObject({ code: 'FF907', subject: path.join(file, 'x') });
  });

  it('leaves nothing behind when pip finds nothing', async () => {
    const empty = path.join(root, 'empty');
    const pipArguments = ['--no-index', '--find-links', root];
    const saved = process.env.PIP_FIND_LINKS;
    delete process.env.PIP_FIND_LINKS;
    try {
      const { code } = await diagnosticOf(() => fetchNetwork('squeezenet1.1', { root: empty, pipArguments }));
      expect(['FF902', 'FF903']).toContain(code);
      expect(existsSync(path.join(empty, 'networks'))).toBe(false);
    } finally {
      if (saved !== undefined) process.env.PIP_FIND_LINKS = saved;
    }
  });
});

/** The fetched v1.1: of the user's cache, else by network into a cache of this test's own. */
async function fetched(): Promise<FetchedFiles | undefined> {
  try {
    return findFetched(requireSource('squeezenet1.1')) ?? (await fetchNetwork('squeezenet1.1', { root }));
  } catch (error) {
    if (error instanceof FireforgeError && ['FF902', 'FF903'].includes(error.diagnostic.code))
      return undefined;
    throw error;
  }
}

const half = (value: number): number => {
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value) || 1)), -14);
  return 2 ** (exponent - 10);
};

describe('the fetched squeezenet1.1', async () => {
  const files = await fetched();
  const network = files && (await loadNetwork({ model: 'squeezenet1.1', cacheRoot: cacheOf(files) }));

  it.skipIf(!files)('is v1.1 for side 227 in BGR, with a photograph (needs the network or the cache)', () => {
    expect(network!.input).toEqual({ height: 227, width: 227, channels: 3 });
    expect(network!.preprocess).toMatchObject({ order: 'bgr', mean: [104, 117, 123], resize: 256 });
    expect([...readFileSync(files!.photograph!).subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
  });

  it.skipIf(!files)("has the values that Caffe's own file must have (needs the network or the cache)", () => {
    expect(requireSource('squeezenet1.1-caffe')).toMatchObject({ networkHash: networkHash(network!) });
  });

  const onnx = 'squeezenet1_1-caffe.fp16.onnx';
  it.skipIf(!files || !hasShared(onnx))(
    `is ${onnx} before rounding (needs ../shared and the fetched network)`,
    async () => {
      const rounded = convolutions(await loadNetwork({ model: sharedModel(onnx), preprocess: 'caffe' }));
      const exact = convolutions(network!);
      expect(rounded.map((conv) => conv.name)).toEqual(exact.map((conv) => conv.name));
      for (const [i, conv] of exact.entries()) {
        const worst = (a: Float32Array, b: Float32Array) =>
          a.reduce((most, value, j) => Math.max(most, Math.abs(value - b[j]) / half(value)), 0);
        expect(worst(conv.weight, rounded[i].weight), `${conv.name}.weight`).toBeLessThanOrEqual(0.5);
        expect(worst(conv.bias, rounded[i].bias), `${conv.name}.bias`).toBeLessThanOrEqual(0.5);
      }
    },
  );
});

const cacheOf = (files: FetchedFiles) => path.resolve(path.dirname(files.weights), '..', '..');

describe('squeezenet1.0 of Caffe', () => {
  const file = 'squeezenet1_0-caffe.safetensors';
  it.skipIf(!hasShared(file))(`is pinned by the values of ${file} (needs ../shared)`, async () => {
    const network = await loadNetwork({ model: sharedModel(file), preprocess: 'caffe' });
    expect(requireSource('squeezenet1.0')).toMatchObject({ networkHash: networkHash(network) });
  });
});
