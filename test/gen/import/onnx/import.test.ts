import { describe, expect, it } from 'vitest';
import { networkHash } from '../../../../gen/graph/hash.ts';
import { convolutions, type ImageSize, type Network } from '../../../../gen/graph/network.ts';
import { layerShapes } from '../../../../gen/graph/shapes.ts';
import { assembleSqueezenet, squeezenetSpec } from '../../../../gen/graph/squeezenet.ts';
import { loadNetwork } from '../../../../gen/import/load.ts';
import { importOnnx } from '../../../../gen/import/onnx/import.ts';
import { preset } from '../../../../gen/import/preprocess.ts';
import { hasShared, sharedModel } from '../shared.ts';
import {
  changeNode,
  floats,
  insertAfter,
  ints,
  smallModel,
  type TestModel,
  writeModel,
} from './model-writer.ts';

function load(model: TestModel, side?: number, irVersion?: number): Network {
  return importOnnx(writeModel(model, irVersion), {
    file: 'm.onnx',
    name: 'm',
    preprocessFor: (s) => preset('caffe', s),
    ...(side && { size: { height: side, width: side } }),
  });
}

const base = smallModel();
const network = load(base);
const hash = networkHash(network);

const initializer = (name: string) => base.initializers.find((t) => (t as { name: string }).name === name);
const replaced = (name: string, tensor: object): TestModel => ({
  ...base,
  initializers: base.initializers.map((t) => ((t as { name: string }).name === name ? tensor : t)),
});
const valuesOf = (name: string) => {
  const { rawData } = initializer(name) as { rawData: Uint8Array };
  return new Float32Array(rawData.buffer, rawData.byteOffset, rawData.byteLength / 4);
};

describe('importOnnx', () => {
  it('names layers by position and keeps ReLU, padding and order', () => {
    expect(network.layers.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      ...['conv1 conv', 'pool1 maxpool', 'fire2 fire', 'conv3 conv', 'pool3 gap'],
    ]);
    const convs = convolutions(network);
    expect(convs.map(({ name, relu }) => `${name} ${relu}`)).toEqual([
      ...[
        'conv1 true',
        'fire2/squeeze1x1 true',
        'fire2/expand1x1 true',
        'fire2/expand3x3 true',
        'conv3 true',
      ],
    ]);
    expect(convs[3].padding).toEqual({ top: 1, left: 1, bottom: 1, right: 1 });
    expect([...convs[0].weight]).toEqual([...valuesOf('first_w')]);
    expect([...convs[4].bias]).toEqual([...valuesOf('last_b')]);
  });

  it('takes pools in a row and pools with padding', () => {
    const twice = insertAfter(base, 'pool_y', 'MaxPool', {
      attributes: { kernel_shape: [2, 2], strides: [2, 2], pads: [1, 0, 0, 1] },
    });
    const { layers } = load(twice);
    expect(layers.map(({ name }) => name)).toEqual(['conv1', 'pool1', 'pool1.2', 'fire2', 'conv3', 'pool3']);
    expect(layers[2]).toMatchObject({
      kernel: 2,
      stride: 2,
      padding: { top: 1, left: 0, bottom: 0, right: 1 },
    });
    const thrice = insertAfter(twice, 'pool_y_MaxPool', 'MaxPool', { attributes: { kernel_shape: [2, 2] } });
    expect(
      load(thrice)
        .layers.slice(1, 4)
        .map(({ name }) => name),
    ).toEqual(['pool1', 'pool1.2', 'pool1.3']);
  });

  it('takes any padding of the image', () => {
    const conv1 = (attributes: object) => {
      const all = { kernel_shape: [3, 3], strides: [2, 2], ...attributes };
      const [layer] = load(changeNode(base, 'first', { attributes: all })).layers;
      return layer.kind === 'conv' ? Object.values(layer.conv.padding) : [];
    };
    expect(conv1({})).toEqual([0, 0, 0, 0]);
    expect(conv1({ pads: [0, 1, 2, 1] })).toEqual([0, 1, 2, 1]);
    expect(conv1({ auto_pad: 'SAME_UPPER' })).toEqual([0, 0, 1, 1]);
    expect(conv1({ auto_pad: 'SAME_LOWER' })).toEqual([1, 1, 0, 0]);
    expect(conv1({ auto_pad: 'VALID' })).toEqual([0, 0, 0, 0]);
  });

  it('takes images that are not square, as the file or the option says', () => {
    const dims = (...of: number[]): TestModel => ({ ...base, inputs: [{ name: 'image', dims: of }] });
    const fixed = load(dims(1, 3, 64, 96));
    expect(fixed.input).toEqual({ height: 64, width: 96, channels: 3 });
    expect(layerShapes(fixed)[1]).toEqual({ height: 15, width: 23, channels: 16 });
    expect(fixed.preprocess.resize).toBe(256);
    const open = (size: ImageSize) =>
      importOnnx(writeModel(dims(0, 3, 0, 0)), {
        file: 'm.onnx',
        name: 'm',
        preprocessFor: (side) => preset('caffe', side),
        size,
      });
    const wide = open({ height: 48, width: 300 });
    expect([wide.input.height, wide.input.width, wide.preprocess.resize]).toEqual([48, 300, 300]);
    expect(networkHash(open({ height: 64, width: 96 }))).toBe(networkHash(fixed));
  });

  it('makes a network of gray images one of RGB ones', () => {
    const one = valuesOf('first_w').filter((_, at) => Math.floor(at / 9) % 3 === 0);
    const gray: TestModel = {
      ...replaced('first_w', floats('first_w', [16, 1, 3, 3], one)),
      inputs: [{ name: 'image', dims: [1, 1, 64, 64] }],
    };
    const [conv1, ...others] = convolutions(load(gray));
    const expected = valuesOf('first_w').map((value, at) => (Math.floor(at / 9) % 3 === 0 ? value : 0));
    expect([...conv1.weight]).toEqual([...expected]);
    expect(others).toEqual(convolutions(network).slice(1));
    expect(load(gray).input.channels).toBe(3);
    // By the weights where the file leaves the channels open, or the whole shape.
    for (const input of [{ name: 'image', dims: [0, 0, 0, 0] }, { name: 'image' }]) {
      expect(convolutions(load({ ...gray, inputs: [input] }, 64))[0]).toEqual(conv1);
    }
  });

  it('ends with a map, an average or a maximum where the file does', () => {
    const kinds = (model: TestModel) => load(model).layers.map(({ name, kind }) => `${name} ${kind}`);
    const body = ['conv1 conv', 'pool1 maxpool', 'fire2 fire'];
    const map: TestModel = { ...base, outputs: ['cat_y'] };
    expect(kinds(map)).toEqual(body);
    const globally = (operator: string, attributes = {}): TestModel => ({
      ...base,
      nodes: [...base.nodes, { operator, inputs: ['cat_y'], output: 'all_y', name: 'all', attributes }],
      outputs: ['all_y'],
    });
    expect(kinds(globally('GlobalAveragePool'))).toEqual([...body, 'pool2 gap']);
    expect(kinds(globally('GlobalMaxPool'))).toEqual([...body, 'pool2 gmp']);
    expect(kinds(globally('ReduceMax', { axes: [-2, -1] }))).toEqual([...body, 'pool2 gmp']);
    expect(kinds(globally('MaxPool', { kernel_shape: [3, 3], strides: [2, 2] }))).toEqual([
      ...body,
      'pool2 maxpool',
    ]);
    expect(load(map).labelOffset).toBe(0);
  });

  it('turns padding at the end into ceil mode where the windows are the same', () => {
    expect(network.layers[1]).toMatchObject({
      ceil: true,
      padding: { top: 0, left: 0, bottom: 0, right: 0 },
    });
    expect(layerShapes(network).map((shape) => shape.height)).toEqual([31, 15, 15, 15, 1]);
    // 65 pixels give 32: the padded pool has 16 windows, as in ceil mode; unpadded floor mode has 15.
    const open: TestModel = { ...base, inputs: [{ name: 'image', dims: [0, 3, 0, 0] }] };
    expect(layerShapes(load(open, 65))[1].height).toBe(16);
    // Two more pixels make a window that no ceil mode has.
    const wide = changeNode(base, 'pool', {
      attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [0, 0, 2, 2] },
    });
    expect(load(wide).layers[1]).toMatchObject({ ceil: false, padding: { top: 0, bottom: 2 } });
    expect(layerShapes(load(wide))[1].height).toBe(16);
  });

  it('reads ceil mode and automatic padding', () => {
    const pool = (attributes: object) =>
      changeNode(base, 'pool', { attributes: { kernel_shape: [3, 3], strides: [2, 2], ...attributes } });
    expect(networkHash(load(pool({ ceil_mode: 1 })))).toBe(hash);
    const same = load(pool({ auto_pad: 'SAME_UPPER' }));
    expect(same.layers[1]).toMatchObject({ ceil: false, padding: { top: 1, left: 1, bottom: 1, right: 1 } });
    expect(layerShapes(same)[1].height).toBe(16);
    // 31 pixels in windows of 2 lack one: at the end it is ceil mode, at the beginning it stays padding.
    const upper = load(pool({ kernel_shape: [2, 2], auto_pad: 'SAME_UPPER' })).layers[1];
    expect(upper).toMatchObject({ ceil: true, padding: { top: 0, left: 0, bottom: 0, right: 0 } });
    const lower = load(pool({ kernel_shape: [2, 2], auto_pad: 'SAME_LOWER' })).layers[1];
    expect(lower).toMatchObject({ ceil: false, padding: { top: 1, left: 1, bottom: 0, right: 0 } });
    expect(networkHash(load(pool({ auto_pad: 'VALID' })))).toBe(hash);
  });

  it('reads old files, whose initializers are inputs too', () => {
    const listed = base.initializers.map((t) => t as { name: string; dims: number[] });
    expect(networkHash(load({ ...base, inputs: [...base.inputs, ...listed] }, undefined, 3))).toBe(hash);
  });

  it('reads weights as float lists, halves in integers, and Constant nodes', () => {
    const bias = valuesOf('first_b');
    expect(networkHash(load(replaced('first_b', floats('first_b', [16], bias, false))))).toBe(hash);
    // Multiples of 1/8 under 1 are exact halves.
    const halves = [...bias].map((value) => {
      const exponent = value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value)));
      const fraction = value === 0 ? 0 : (Math.abs(value) / 2 ** exponent - 1) * 1024;
      return (value < 0 ? 0x8000 : 0) | (value === 0 ? 0 : ((exponent + 15) << 10) | fraction);
    });
    const half = { name: 'first_b', dims: [16], dataType: 10 };
    expect(networkHash(load(replaced('first_b', { ...half, int32Data: halves })))).toBe(hash);
    const rawData = new Uint8Array(Uint16Array.from(halves).buffer);
    expect(networkHash(load(replaced('first_b', { ...half, rawData })))).toBe(hash);
    const constant: TestModel = {
      ...base,
      initializers: base.initializers.filter((t) => t !== initializer('first_b')),
      nodes: [
        {
          operator: 'Constant',
          inputs: [],
          output: 'first_b',
          attributes: { value: { tensor: floats('', [16], bias) } },
        },
        ...base.nodes,
      ],
    };
    expect(networkHash(load(constant))).toBe(hash);
  });

  it('sees through Dropout, Identity and casts between floats, of maps and of weights', () => {
    for (const operator of ['Dropout', 'Identity']) {
      expect(networkHash(load(insertAfter(base, 'cat_y', operator)))).toBe(hash);
    }
    const cast = { attributes: { to: 1 } };
    expect(networkHash(load(insertAfter(base, 'image', 'Cast', cast)))).toBe(hash);
    expect(networkHash(load(insertAfter(base, 'e3_w', 'Cast', cast)))).toBe(hash);
  });

  it('takes nodes in any order', () => {
    expect(networkHash(load({ ...base, nodes: base.nodes.toReversed() }))).toBe(hash);
  });

  it('takes every spelling of the mean over the map and of the tail', () => {
    const mean = (operator: string, attributes: object, inputs = ['last_y']) =>
      changeNode(base, 'mean', { operator, inputs, attributes: attributes as never });
    expect(networkHash(load(mean('AveragePool', { kernel_shape: [15, 15] })))).toBe(hash);
    expect(networkHash(load(mean('ReduceMean', { axes: [2, 3], keepdims: 0 })))).toBe(hash);
    expect(networkHash(load(mean('ReduceMean', { axes: [-1, -2] })))).toBe(hash);
    const axes = mean('ReduceMean', {}, ['last_y', 'axes']);
    expect(networkHash(load({ ...axes, initializers: [...axes.initializers, ints('axes', [2, 3])] }))).toBe(
      hash,
    );
    const flat = insertAfter(insertAfter(base, 'mean_y', 'Flatten'), 'mean_y_Flatten', 'Softmax');
    expect(networkHash(load(flat))).toBe(hash);
    const shape = { operator: 'Shape', inputs: ['mean_y'], output: 'shape', name: 'shape' };
    const view = insertAfter(base, 'mean_y', 'Reshape', { inputs: ['mean_y', 'shape'] });
    expect(networkHash(load({ ...view, nodes: [...view.nodes, shape] }))).toBe(hash);
  });

  it('accepts one Relu behind the concatenation instead of two before it', () => {
    const bare = {
      ...base,
      nodes: base.nodes
        .filter(({ name }) => name !== 'e1_relu' && name !== 'e3_relu')
        .map((node) => (node.name === 'cat' ? { ...node, inputs: ['e1_raw', 'e3_raw'] } : node)),
    };
    expect(networkHash(load(insertAfter(bare, 'cat_y', 'Relu')))).toBe(hash);
  });

  it('leaves the ReLU of the classifier open', () => {
    const bare = {
      ...base,
      nodes: base.nodes
        .filter(({ name }) => name !== 'last_relu')
        .map((node) => (node.name === 'mean' ? { ...node, inputs: ['last_raw'] } : node)),
    };
    expect(convolutions(load(bare)).map((conv) => conv.relu)).toEqual([true, true, true, true, false]);
  });

  it('folds batch normalization', () => {
    const named = (name: string, value: number) => floats(name, [16], new Float32Array(16).fill(value));
    const model = insertAfter(base, 'first_raw', 'BatchNormalization', {
      inputs: ['first_raw', 'gamma', 'beta', 'mu', 'var'],
      attributes: { epsilon: { float: 0.25 } },
    });
    const parameters = [named('gamma', 3), named('beta', 0.5), named('mu', 0.125), named('var', 2)];
    const { weight, bias } = convolutions(
      load({ ...model, initializers: [...model.initializers, ...parameters] }),
    )[0];
    const factor = 3 / Math.sqrt(2.25);
    expect([...weight]).toEqual([...valuesOf('first_w')].map((w) => Math.fround(w * factor)));
    expect([...bias]).toEqual([...valuesOf('first_b')].map((b) => Math.fround((b - 0.125) * factor + 0.5)));
  });

  it('reads simple and complex bypasses', () => {
    const around = (inputs: string[], nodes: TestModel['nodes'], more: object[]): TestModel => ({
      ...insertAfter(base, 'cat_y', 'Add', { inputs }),
      initializers: [...base.initializers.filter((t) => !more.some((m) => nameOf(m) === nameOf(t))), ...more],
      nodes: [...insertAfter(base, 'cat_y', 'Add', { inputs }).nodes, ...nodes],
    });
    const bypass = [{ operator: 'Conv', inputs: ['pool_y', 'by_w'], output: 'by_y', name: 'by' }];
    const complex = around(['cat_y', 'by_y'], bypass, [
      floats('by_w', [32, 16, 1, 1], new Float32Array(512).fill(1)),
    ]);
    const fire = load(insertAfter(complex, 'cat_y_Add', 'Relu')).layers[2];
    expect(fire).toMatchObject({
      kind: 'fire',
      bypass: { kind: 'complex', conv: { name: 'fire2/bypass1x1', relu: false, outChannels: 32 } },
    });
    // A simple bypass needs as many channels as the module gives: 16 in, 8 + 8 out.
    const narrow = [
      floats('e1_w', [8, 16, 1, 1], new Float32Array(128)),
      floats('e1_b', [8], new Float32Array(8)),
      floats('e3_w', [8, 16, 3, 3], new Float32Array(1152)),
      floats('e3_b', [8], new Float32Array(8)),
      floats('last_w', [5, 16, 1, 1], new Float32Array(80)),
    ];
    expect(load(around(['cat_y', 'pool_y'], [], narrow)).layers[2]).toMatchObject({
      bypass: { kind: 'simple' },
    });
  });
});

const nameOf = (tensor: object) => (tensor as { name: string }).name;

describe('an ONNX file of 2018', () => {
  const file = 'squeezenet1_1-caffe.fp16.onnx';
  it.skipIf(!hasShared(file))(`is v1.1 at 224, layer by layer (needs ../shared/models/${file})`, async () => {
    const imported = await loadNetwork({ model: sharedModel(file), preprocess: 'caffe' });
    const head = { name: 'n', height: 224, width: 224, preprocess: imported.preprocess, trained: true };
    const known = assembleSqueezenet(squeezenetSpec('1.1'), head, (conv) => ({
      weight: new Float32Array(conv.outChannels * conv.inChannels * conv.kernel ** 2),
      bias: new Float32Array(conv.outChannels),
    }));
    expect(imported.layers.map((layer) => layer.name)).toEqual(known.layers.map((layer) => layer.name));
    expect(layerShapes(imported)).toEqual(layerShapes(known));
    const shapes = (network: Network) =>
      convolutions(network).map(({ weight, bias, ...conv }) => ({
        ...conv,
        n: [weight.length, bias.length],
      }));
    expect(shapes(imported)).toEqual(shapes(known));
  });
});
