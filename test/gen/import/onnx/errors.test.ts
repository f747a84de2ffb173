import { describe, expect, it } from 'vitest';
import { importOnnx } from '../../../../gen/import/onnx/import.ts';
import { preset } from '../../../../gen/import/preprocess.ts';
import { diagnosticOf } from '../errors.ts';
import { changeNode, floats, insertAfter, smallModel, type TestModel, writeModel } from './model-writer.ts';

const base = smallModel();

async function refusal(model: TestModel | Uint8Array, side?: number): Promise<string> {
  const bytes = model instanceof Uint8Array ? model : writeModel(model);
  const options = { file: 'm.onnx', name: 'm', preprocessFor: (s: number) => preset('caffe', s) };
  const { code, subject, reason } = await diagnosticOf(() =>
    importOnnx(bytes, side === undefined ? options : { ...options, size: { height: side, width: side } }),
  );
  return `${code} ${subject}: ${reason}`;
}

const withInitializer = (name: string, tensor: object | undefined): TestModel => ({
  ...base,
  initializers: base.initializers.flatMap((t) =>
    (t as { name: string }).name === name ? (tensor ?? []) : t,
  ),
});

const withInput = (dims: number[]): TestModel => ({ ...base, inputs: [{ name: 'image', dims }] });

const pool = (attributes: object) =>
  changeNode(base, 'pool', { attributes: { kernel_shape: [3, 3], strides: [2, 2], ...attributes } });

describe('importOnnx refuses', () => {
  it('files that are not whole', async () => {
    const whole = writeModel(base);
    expect(await refusal(whole.subarray(0, whole.length >> 1))).toBe(
      'FF120 m.onnx: not a readable ONNX model: it is truncated',
    );
    expect(await refusal(new Uint8Array(0))).toBe(
      'FF120 m.onnx: not a readable ONNX model: it holds no graph',
    );
    expect(await refusal(Buffer.from('not a model at all'))).toMatch(
      /^FF120 m\.onnx: not a readable ONNX model/,
    );
  });

  it('unknown operators, by node', async () => {
    expect(await refusal(changeNode(base, 'first_relu', { operator: 'LeakyRelu' }))).toBe(
      'FF121 m.onnx, node first_relu: the operator LeakyRelu has no counterpart in the accelerator',
    );
    expect(
      await refusal(changeNode(base, 'first_relu', { operator: 'Relu', domain: 'com.example' })),
    ).toMatch('the operator com.example.Relu has no counterpart');
    expect(await refusal(insertAfter(base, 'first_y', 'Cast', { attributes: { to: 7 } }))).toMatch(
      /^FF121 m\.onnx, node Cast: the operator Cast to other than floats/,
    );
  });

  it('cycles, missing values and values with two sources', async () => {
    expect(await refusal(changeNode(base, 'sq', { inputs: ['cat_y', 'sq_w', 'sq_b'] }))).toMatch(
      /^FF122 m\.onnx, node \w+: the graph is cyclic/,
    );
    expect(
      await refusal(changeNode(base, 'first_relu', { operator: 'Identity', inputs: ['first_y'] })),
    ).toMatch(/^FF122 m\.onnx, node first_relu/);
    expect(await refusal(withInitializer('e1_w', undefined))).toBe(
      'FF123 m.onnx, node e1: its input e1_w is neither an initializer, nor an input of the graph, ' +
        "nor another node's output",
    );
    expect(await refusal(changeNode(base, 'e3_relu', { output: 'e1_y' }))).toBe(
      'FF128 m.onnx, value e1_y: two nodes define it',
    );
    expect(await refusal(changeNode(base, 'e1', { inputs: ['sq_y', 'first_y'] }))).toMatch(
      'FF124 m.onnx, node e1: its parameter first_y is not a constant of the file',
    );
  });

  it('weights of another type, of another size, and NaN', async () => {
    const bytes = (dataType: number, size: number) => ({
      ...{ name: 'e1_b', dims: [16], dataType, rawData: new Uint8Array(16 * size) },
    });
    expect(await refusal(withInitializer('e1_b', bytes(3, 1)))).toBe(
      'FF111 m.onnx, tensor e1_b: its element type is int8; weights must be float32 or float16',
    );
    expect(await refusal(withInitializer('e1_b', bytes(16, 2)))).toMatch('its element type is bfloat16');
    expect(await refusal(withInitializer('e1_b', { ...bytes(1, 4), dims: [17] }))).toBe(
      'FF116 m.onnx, tensor e1_b: its shape needs 17 values, but the file holds 16',
    );
    expect(await refusal(withInitializer('e1_b', { ...bytes(1, 4), dataLocation: 1 }))).toMatch(
      'the tensor e1_b is kept in another file',
    );
    const nan = floats(
      'e1_b',
      [16],
      Float32Array.from({ length: 16 }, (_, i) => (i === 9 ? NaN : 0)),
    );
    expect(await refusal(withInitializer('e1_b', nan))).toBe(
      'FF115 m.onnx, tensor e1_b: its element 9 is NaN',
    );
    expect(await refusal(withInitializer('e1_b', floats('e1_b', [8], new Float32Array(8))))).toBe(
      'FF114 m.onnx, tensor e1_b: its shape is 8, not 16',
    );
    expect(await refusal(withInitializer('e1_w', floats('e1_w', [16, 8, 1, 1], new Float32Array(128))))).toBe(
      'FF114 m.onnx, tensor e1_w: its shape is 16x8x1x1, not 16x16x1x1',
    );
  });

  it('windows that the engine does not have', async () => {
    expect(await refusal(pool({ kernel_shape: [3, 2] }))).toBe(
      'FF125 m.onnx, node pool: its attribute kernel_shape is 3x2, not square',
    );
    expect(await refusal(pool({ strides: [2, 1] }))).toMatch('its attribute strides is 2x1, not square');
    expect(await refusal(pool({ dilations: [2, 2] }))).toMatch('it is dilated');
    expect(await refusal(pool({ pads: [0, 0, 3, 3] }))).toMatch('its pads are not four numbers');
    expect(await refusal(pool({ auto_pad: 'MIRROR' }))).toMatch('its auto_pad is unknown');
    const grouped = changeNode(base, 'sq', { attributes: { group: 2 } });
    expect(await refusal(grouped)).toBe('FF125 m.onnx, node sq: it is a grouped convolution (group 2)');
    const wrong = changeNode(base, 'sq', { attributes: { kernel_shape: [3, 3] } });
    expect(await refusal(wrong)).toBe(
      'FF125 m.onnx, node sq: its kernel_shape is 3, but its weights are 1x1',
    );
  });

  it('inputs that are no square RGB image', async () => {
    expect(await refusal(withInput([1, 64, 64, 3]))).toBe(
      'FF127 m.onnx, input image: its shape is 1x64x64x3',
    );
    expect(await refusal(withInput([0, 3, 64, 0]))).toBe('FF127 m.onnx, input image: its shape is ?x3x64x?');
    expect(await refusal(withInput([1, 4, 64, 64]))).toMatch('FF127');
    expect(await refusal(withInput([1, 3, 32, 32]))).toMatch('FF130 m.onnx: a side of 32 pixels is under');
    expect(await refusal(base, 80)).toBe(
      'FF135 m.onnx: --side 80 contradicts the file, whose input is 64x64',
    );
  });

  it('connections that are not of the family', async () => {
    const late = insertAfter(base, 'mean_y', 'Relu');
    expect(await refusal(late)).toBe('FF126 m.onnx, node Relu: Relu follows the global pool');
    expect(await refusal({ ...base, outputs: ['last_raw'] })).toBe(
      'FF126 m.onnx, node last: no Relu follows it; maps between layers are unsigned',
    );
    expect(await refusal(changeNode(base, 'cat', { attributes: { axis: 2 } }))).toMatch(
      'FF126 m.onnx, node cat: a Fire module concatenates two maps over channels',
    );
    expect(await refusal(changeNode(base, 'cat', { inputs: ['e3_y', 'e1_y'] }))).toBe(
      'FF126 m.onnx, node e3: in a Fire module it must be 1x1 with stride 1 and padding 0',
    );
    expect(await refusal(changeNode(base, 'pool', { inputs: ['first_raw'] }))).toBe(
      'FF126 m.onnx, node first: no Relu follows it; maps between layers are unsigned',
    );
    const part = changeNode(base, 'mean', {
      operator: 'AveragePool',
      attributes: { kernel_shape: [13, 13] },
    });
    expect(await refusal(part)).toBe(
      'FF126 m.onnx, node mean: it averages 13x13 of the 15x15 pixels, not all of them',
    );
    const axis = changeNode(base, 'mean', { operator: 'ReduceMean', attributes: { axes: [1, 2] } });
    expect(await refusal(axis)).toMatch('it reduces the axes 1,2, not height and width');
  });
});
