import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { networkHash } from '../../../gen/graph/hash.ts';
import { convolutions, type Network } from '../../../gen/graph/network.ts';
import { layerShapes } from '../../../gen/graph/shapes.ts';
import { networkFromTensors, recogniseTensors } from '../../../gen/import/from-tensors.ts';
import { preset } from '../../../gen/import/preprocess.ts';
import { randomSqueezenet } from '../../../gen/import/random.ts';
import { readSafetensors } from '../../../gen/import/safetensors.ts';
import { kerasName, torchvisionNames } from '../../../gen/import/tensor-names.ts';
import { diagnosticOf } from './errors.ts';
import { assemble, f32, type TestTensor, writeSafetensors } from './safetensors-writer.ts';
import { hasShared, sharedModel } from './shared.ts';

const refusal = async (bytes: Uint8Array) => {
  const { code, subject, reason } = await diagnosticOf(() => readSafetensors(bytes, 'n.safetensors'));
  return `${code} ${subject}: ${reason}`;
};

const small = f32('a', [2, 1], [1, -2.5]);

describe('readSafetensors', () => {
  it('reads float32 and float16', () => {
    // 1.5, the largest half, the smallest half, -0.
    const halves = new Uint8Array(Uint16Array.from([0x3e00, 0x7bff, 0x0001, 0x8000]).buffer);
    const tensors = readSafetensors(
      writeSafetensors([small, { name: 'h', dtype: 'F16', shape: [4], bytes: halves }]),
      'n',
    );
    expect([...tensors.get('a')!.values]).toEqual([1, -2.5]);
    expect(tensors.get('a')!.shape).toEqual([2, 1]);
    expect([...tensors.get('h')!.values]).toEqual([1.5, 65504, 2 ** -24, -0]);
  });

  it.each([
    ['BF16', 2],
    ['I64', 8],
    ['F64', 8],
  ])('says that %s is not a weight', async (dtype, size) => {
    const tensor: TestTensor = { name: 'w', dtype, shape: [1], bytes: new Uint8Array(size) };
    expect(await refusal(writeSafetensors([tensor]))).toBe(
      `FF111 n.safetensors, tensor w: its element type is ${dtype}; weights must be float32 or float16`,
    );
  });

  it.each([
    ['NaN', NaN, 'NaN'],
    ['an infinity', -Infinity, 'infinite'],
  ])('refuses %s with the place', async (_, value, text) => {
    expect(await refusal(writeSafetensors([f32('conv1.bias', [2], [0, value])]))).toBe(
      `FF115 n.safetensors, tensor conv1.bias: its element 1 is ${text}`,
    );
  });

  it('refuses damaged files and says where', async () => {
    const whole = writeSafetensors([small]);
    const invalid = 'FF110 n.safetensors: not a valid safetensors file:';
    expect(await refusal(whole.subarray(0, 5))).toMatch(`${invalid} it is shorter than`);
    expect(await refusal(whole.subarray(0, 20))).toMatch(`${invalid} its header ends at byte`);
    expect(await refusal(whole.subarray(0, whole.length - 1))).toMatch(
      `${invalid} tensor a lies at bytes 0 to 8 of 7: the file is truncated`,
    );
    expect(await refusal(assemble('{"a":', Buffer.alloc(0)))).toBe(`${invalid} its header is not JSON`);
    expect(await refusal(assemble('[]', Buffer.alloc(0)))).toBe(`${invalid} its header is not a JSON object`);
    const entry = (fields: object) => assemble(JSON.stringify({ a: fields }), Buffer.alloc(8));
    const good = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
    expect(await refusal(entry({ ...good, shape: [3] }))).toMatch(
      'of shape 3 needs 12 bytes, but 8 are given',
    );
    expect(await refusal(entry({ ...good, shape: [-2] }))).toMatch('has no shape of whole numbers');
    expect(await refusal(entry({ ...good, dtype: undefined }))).toMatch('tensor a has no dtype');
    expect(await refusal(entry({ ...good, data_offsets: [8, 0] }))).toMatch('lies at bytes 8 to 0 of 8');
    expect(await refusal(entry({ ...good, data_offsets: [0] }))).toMatch('has no pair of data offsets');
  });

  it('refuses tensors that share bytes', async () => {
    const entry = { dtype: 'F32', shape: [2] };
    const header = { a: { ...entry, data_offsets: [0, 8] }, b: { ...entry, data_offsets: [4, 12] } };
    expect(await refusal(assemble(JSON.stringify(header), Buffer.alloc(12)))).toBe(
      'FF110 n.safetensors: not a valid safetensors file: the data of tensors a and b overlap',
    );
  });
});

/** The tensors of a network under a naming, in a file. */
function save(network: Network, rename: (layer: string) => string = (layer) => layer): TestTensor[] {
  return convolutions(network).flatMap((conv) => [
    f32(
      `${rename(conv.name)}.weight`,
      [conv.outChannels, conv.inChannels, conv.kernel, conv.kernel],
      conv.weight,
    ),
    f32(`${rename(conv.name)}.bias`, [conv.outChannels], conv.bias),
  ]);
}

/** The same as Keras keeps it: kernels in the order HWIO. */
function saveKeras(
  network: Network,
  kernelName: (layer: string) => string,
  biasName: (layer: string) => string,
): TestTensor[] {
  return convolutions(network).flatMap(({ name, outChannels, inChannels, kernel, weight, bias }) => {
    const taps = kernel ** 2;
    const hwio = new Float32Array(weight.length);
    for (const [at, value] of weight.entries()) {
      const [o, i, tap] = [Math.floor(at / taps / inChannels), Math.floor(at / taps) % inChannels, at % taps];
      hwio[(tap * inChannels + i) * outChannels + o] = value;
    }
    return [
      f32(kernelName(name), [kernel, kernel, inChannels, outChannels], hwio),
      f32(biasName(name), [outChannels], bias),
    ];
  });
}

function load(tensors: readonly TestTensor[], side = 64): Network {
  const named = recogniseTensors('n', readSafetensors(writeSafetensors(tensors), 'n'));
  return networkFromTensors(named, {
    name: 'n',
    height: side,
    width: side,
    preprocess: preset('torchvision', side),
  });
}

describe('networkFromTensors', () => {
  const random = (version: '1.0' | '1.1') => randomSqueezenet({ version, side: 64, classes: 5, seed: 3 });
  const v11 = random('1.1');

  it.each(['1.0', '1.1'] as const)("reads v%s under Caffe's and torchvision's names", (version) => {
    const network = random(version);
    expect(networkHash(load(save(network)))).toBe(networkHash(network));
    const theirs = torchvisionNames(version);
    expect(networkHash(load(save(network, (layer) => theirs.get(layer)!)))).toBe(networkHash(network));
  });

  it("knows torchvision's numbering of both versions", () => {
    expect(torchvisionNames('1.0').get('fire5/expand3x3')).toBe('features.7.expand3x3');
    expect(torchvisionNames('1.1').get('fire5/expand3x3')).toBe('features.7.expand3x3');
    expect(torchvisionNames('1.0').get('fire4/squeeze1x1')).toBe('features.5.squeeze');
    expect(torchvisionNames('1.1').get('fire4/squeeze1x1')).toBe('features.6.squeeze');
    expect(torchvisionNames('1.1').get('fire9/squeeze1x1')).toBe('features.12.squeeze');
  });

  it('names what is missing, strange or misshapen', async () => {
    const tensors = save(v11);
    const without = tensors.filter(({ name }) => name !== 'fire5/expand3x3.bias');
    expect(await diagnosticOf(() => load(without))).toMatchObject({
      code: 'FF112',
      subject: 'n, tensor fire5/expand3x3.bias',
    });
    expect(await diagnosticOf(() => load([...tensors, f32('extra', [1], [0])]))).toMatchObject({
      code: 'FF113',
      subject: 'n, tensor extra',
    });
    const bent = tensors.map((tensor) =>
      tensor.name === 'fire3/squeeze1x1.weight' ? { ...tensor, shape: [128, 16, 1, 1] } : tensor,
    );
    expect(await diagnosticOf(() => load(bent))).toMatchObject({
      code: 'FF114',
      subject: 'n, tensor fire3/squeeze1x1.weight',
      reason: 'its shape is 128x16x1x1, not 16x128x1x1',
    });
    expect(await diagnosticOf(() => load([f32('x', [1], [0])]))).toMatchObject({ code: 'FF117' });
    const empty = tensors.map((tensor) =>
      tensor.name === 'conv10.weight' ? f32('conv10.weight', [0, 512, 1, 1], []) : tensor,
    );
    expect(await diagnosticOf(() => load(empty))).toMatchObject({
      code: 'FF114',
      reason: 'its shape is 0x512x1x1, not 1000x512x1x1',
    });
    const strange = f32('conv1.weight', [8, 3, 5, 5], new Float32Array(600));
    expect(await diagnosticOf(() => load([strange]))).toMatchObject({ code: 'FF118' });
  });

  it.each(['1.0', '1.1'] as const)(
    'reads v%s under the names of Keras, HWIO, with floor-mode pools',
    (version) => {
      const network = random(version);
      const found = load(
        saveKeras(
          network,
          (layer) => `${layer}/kernel:0`,
          (layer) => `${layer}/bias:0`,
        ),
        66,
      );
      expect(convolutions(found)).toEqual(convolutions(network));
      const pools = found.layers.filter((layer) => layer.kind === 'maxpool');
      expect(pools.map(({ ceil }) => ceil)).toEqual([false, false, false]);
      const caffe = load(save(network), 66);
      expect(layerShapes(found).at(-2)).not.toEqual(layerShapes(caffe).at(-2));
    },
  );

  it.each([
    ['conv1/kernel', 'conv1.weight'],
    ['conv1/bias:0', 'conv1.bias'],
    ['conv1_W:0', 'conv1.weight'],
    ['conv10/conv10_b:0', 'conv10.bias'],
    ['conv1/conv1/kernel:0', 'conv1.weight'],
    ['fire2/squeeze1x1/kernel:0', 'fire2/squeeze1x1.weight'],
    ['fire2/squeeze1x1/fire2/squeeze1x1/bias:0', 'fire2/squeeze1x1.bias'],
    ['model_weights/fire9/expand3x3/fire9/expand3x3_W:0', 'fire9/expand3x3.weight'],
    ['fire2_squeeze1x1_W', 'fire2/squeeze1x1.weight'],
    ['fire2_squeeze/kernel:0', 'fire2/squeeze1x1.weight'],
    ['fire3_expand1/bias:0', 'fire3/expand1x1.bias'],
    ['fire3_expand2/kernel:0', 'fire3/expand3x3.weight'],
    ['conv10.kernel', 'conv10.weight'],
    ['conv100/kernel', undefined],
    ['optimizer/conv1/kernel/momentum:0', undefined],
    ['fire2/relu_squeeze1x1/kernel', undefined],
  ])('takes %s for %s', (theirs, ours) => {
    expect(kerasName(theirs)).toBe(ours);
  });

  it('names what is wrong with a Keras file in its own names and order', async () => {
    const tensors = saveKeras(
      v11,
      (layer) => `${layer}/kernel:0`,
      (layer) => `${layer}/bias:0`,
    );
    const twice = [...tensors, { ...tensors[0], name: 'copy/conv1/kernel' }];
    expect(await diagnosticOf(() => load(twice))).toMatchObject({
      code: 'FF119',
      subject: 'n, tensor copy/conv1/kernel',
      reason: 'it is the same parameter as conv1/kernel:0',
    });
    const theano = tensors.map((tensor) =>
      tensor.name === 'conv1/kernel:0' ? { ...tensor, shape: [64, 3, 3, 3] } : tensor,
    );
    expect(await diagnosticOf(() => load(theano))).toMatchObject({
      code: 'FF118',
      reason: 'the shape 64x3x3x3 is that of neither SqueezeNet v1.0 (7x7x3x96) nor v1.1 (3x3x3x64)',
    });
    const bent = tensors.map((tensor) =>
      tensor.name === 'fire3/squeeze1x1/kernel:0' ? { ...tensor, shape: [1, 1, 16, 128] } : tensor,
    );
    expect(await diagnosticOf(() => load(bent))).toMatchObject({
      subject: 'n, tensor fire3/squeeze1x1/kernel:0',
      reason: 'its shape is 1x1x16x128, not 1x1x128x16',
    });
    expect(await diagnosticOf(() => load([...tensors, f32('dense/kernel:0', [1], [0])]))).toMatchObject({
      code: 'FF113',
    });
  });

  it('reads a network of gray images: weights of 0 for the channels that it does not have', () => {
    const gray = v11.layers[0];
    if (gray.kind !== 'conv') throw new Error('conv1 expected');
    const one = gray.conv.weight.filter((_, at) => Math.floor(at / 9) % 3 === 0);
    const tensors = save(v11).map((tensor) =>
      tensor.name === 'conv1.weight' ? f32('conv1.weight', [64, 1, 3, 3], one) : tensor,
    );
    const [first, ...others] = convolutions(load(tensors));
    expect(first).toMatchObject({ inChannels: 3, outChannels: 64 });
    const channel = (c: number) => first.weight.filter((_, at) => Math.floor(at / 9) % 3 === c);
    expect(channel(0)).toEqual(one);
    expect(new Set([...channel(1), ...channel(2)])).toEqual(new Set([0]));
    expect(others).toEqual(convolutions(v11).slice(1));
  });

  it("names torchvision's tensor where that is missing", async () => {
    const theirs = torchvisionNames('1.1');
    const tensors = save(v11, (layer) => theirs.get(layer)!);
    const without = tensors.filter(({ name }) => name !== 'features.12.squeeze.weight');
    expect(await diagnosticOf(() => load(without))).toMatchObject({
      subject: 'n, tensor features.12.squeeze.weight',
    });
  });
});

describe.each([
  ['squeezenet1_0-caffe.safetensors', '1.0'],
  ['squeezenet1_1-torchvision.safetensors', '1.1'],
])('%s', (file, version) => {
  it.skipIf(!hasShared(file))(`is v${version} (needs ../shared/models/${file})`, () => {
    const named = recogniseTensors(file, readSafetensors(readFileSync(sharedModel(file)), file));
    expect(named.spec.version).toBe(version);
    expect(named.spec.classes).toBe(1000);
  });
});
