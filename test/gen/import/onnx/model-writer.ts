/** Writes small ONNX models of any age for tests. */
import { MODEL } from '../../../../gen/import/onnx/schema.ts';

type Attribute =
  | number
  | readonly number[]
  | string
  | { readonly float: number }
  | { readonly tensor: object };

export interface TestNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

export interface TestModel {
  readonly nodes: readonly TestNode[];
  readonly initializers: readonly object[];
  readonly inputs: readonly { readonly name: string; readonly dims?: readonly number[] }[];
  readonly outputs: readonly string[];
}

/** A float32 initializer; as raw data, or as the list of floats that some exporters write. */
export function floats(name: string, dims: readonly number[], values: ArrayLike<number>, raw = true): object {
  const data = Float32Array.from(values);
  return raw
    ? { name, dims, dataType: 1, rawData: new Uint8Array(data.buffer) }
    : { name, dims, dataType: 1, floatData: [...data] };
}

export function ints(name: string, values: readonly number[]): object {
  return { name, dims: [values.length], dataType: 7, int64Data: values };
}

function attribute(name: string, value: Attribute): object {
  if (typeof value === 'number') return { name, i: value };
  if (typeof value === 'string') return { name, s: Buffer.from(value) };
  if ('float' in value) return { name, f: value.float };
  if ('tensor' in value) return { name, t: value.tensor };
  return { name, ints: value };
}

export function writeModel({ nodes, initializers, inputs, outputs }: TestModel, irVersion = 8): Uint8Array {
  const valueInfo = ({ name, dims }: { name: string; dims?: readonly number[] }) => ({
    name,
    ...(dims && {
      type: { tensorType: { elemType: 1, shape: { dim: dims.map((n) => ({ dimValue: n })) } } },
    }),
  });
  const graph = {
    node: nodes.map(({ operator, inputs: input, output, name = '', domain = '', attributes = {} }) => ({
      ...{ input, output: [output], name, domain, opType: operator },
      attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
    })),
    initializer: initializers,
    input: inputs.map(valueInfo),
    output: outputs.map((name) => valueInfo({ name })),
  };
  return MODEL.encode(MODEL.fromObject({ irVersion, graph })).finish();
}

/** A small network of the family, 3x64x64: conv1, pool1, fire2, (changes), conv3, global average pool. */
export function smallModel({ expand1x1 = 16, classes = 5 } = {}): TestModel {
  const ramp = (count: number) => Float32Array.from({ length: count }, (_, i) => ((i % 11) - 5) / 8);
  const conv = (
    name: string,
    input: string,
    out: number,
    channels: number,
    kernel: number,
    more: object = {},
  ) => ({
    nodes: [
      {
        operator: 'Conv',
        inputs: [input, `${name}_w`, `${name}_b`],
        output: `${name}_raw`,
        name,
        attributes: { kernel_shape: [kernel, kernel], ...more },
      },
      { operator: 'Relu', inputs: [`${name}_raw`], output: `${name}_y`, name: `${name}_relu` },
    ],
    initializers: [
      floats(`${name}_w`, [out, channels, kernel, kernel], ramp(out * channels * kernel * kernel)),
      floats(`${name}_b`, [out], ramp(out)),
    ],
  });
  const parts = [
    conv('first', 'image', 16, 3, 3, { strides: [2, 2] }),
    conv('sq', 'pool_y', 16, 16, 1),
    conv('e1', 'sq_y', expand1x1, 16, 1),
    conv('e3', 'sq_y', 16, 16, 3, { pads: [1, 1, 1, 1] }),
    conv('last', 'cat_y', classes, expand1x1 + 16, 1),
  ];
  const pool: TestNode = {
    operator: 'MaxPool',
    inputs: ['first_y'],
    output: 'pool_y',
    name: 'pool',
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1] },
  };
  const concat: TestNode = {
    operator: 'Concat',
    inputs: ['e1_y', 'e3_y'],
    output: 'cat_y',
    name: 'cat',
    attributes: { axis: 1 },
  };
  const mean: TestNode = {
    operator: 'GlobalAveragePool',
    inputs: ['last_y'],
    output: 'mean_y',
    name: 'mean',
  };
  const [first, sq, e1, e3, last] = parts.map((part) => part.nodes);
  return {
    nodes: [...first, pool, ...sq, ...e1, ...e3, concat, ...last, mean],
    initializers: parts.flatMap((part) => part.initializers),
    inputs: [{ name: 'image', dims: [1, 3, 64, 64] }],
    outputs: ['mean_y'],
  };
}

/** The model with the node of this name changed. */
export function changeNode(model: TestModel, name: string, change: Partial<TestNode>): TestModel {
  return { ...model, nodes: model.nodes.map((node) => (node.name === name ? { ...node, ...change } : node)) };
}

/** The model with one node put between a value and its readers. */
export function insertAfter(
  model: TestModel,
  value: string,
  operator: string,
  more: Partial<TestNode> = {},
): TestModel {
  const output = `${value}_${operator}`;
  const nodes = model.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((input) => (input === value ? output : input)),
  }));
  const outputs = model.outputs.map((name) => (name === value ? output : name));
  return {
    ...model,
    nodes: [...nodes, { operator, inputs: [value], output, name: operator, ...more }],
    outputs,
  };
}
