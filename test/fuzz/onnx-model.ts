/** Damage to what an ONNX file says, in a file whose bytes are in order. */

import { MODEL } from '../../gen/import/onnx/schema.ts';
import type { Prng } from '../../gen/import/prng.ts';

interface Node {
  opType: string;
  input: string[];
  output: string[];
  attribute: { name: string; i?: number; ints?: number[]; f?: number; s?: Uint8Array }[];
}

interface Graph {
  node: Node[];
  initializer: { name: string; dims: number[]; dataType: number; rawData?: Uint8Array }[];
  input: { name: string; type?: { tensorType?: { shape?: { dim: { dimValue: number }[] } } } }[];
  output: { name: string }[];
}

const OPERATORS = [
  ...['Conv', 'BatchNormalization', 'Relu', 'MaxPool', 'Concat', 'Add', 'GlobalAveragePool', 'AveragePool'],
  ...[
    'ReduceMean',
    'ReduceMax',
    'GlobalMaxPool',
    'Softmax',
    'Reshape',
    'Flatten',
    'Squeeze',
    'Identity',
    'Cast',
  ],
  ...['Dropout', 'Constant', 'Sigmoid', ''],
];
const ATTRIBUTES = [
  'kernel_shape',
  'strides',
  'pads',
  'dilations',
  'axes',
  'axis',
  'auto_pad',
  'ceil_mode',
  'group',
  'value',
];
const NUMBERS = [0, 1, 2, 3, 7, -1, 64, 2 ** 31, 2 ** 40, 2 ** 53, -(2 ** 40)];

type Change = (graph: Graph, pick: <T>(of: readonly T[]) => T) => void;

const values = ({ node, initializer, input }: Graph) => [
  ...[...node.flatMap(({ output }) => output), ...initializer.map(({ name }) => name)],
  ...[...input.map(({ name }) => name), '', 'nowhere'],
];
const replace = <T>(list: T[], at: number, value: T) => {
  if (list.length > 0) list[at] = value;
};

const CHANGES: readonly Change[] = [
  (graph, pick) => {
    const { input } = pick(graph.node);
    replace(input, pick([...input.keys()]), pick(values(graph)));
  },
  (graph, pick) => replace(pick(graph.node).output, 0, pick(values(graph))),
  (graph, pick) => {
    pick(graph.node).opType = pick(OPERATORS);
  },
  (graph, pick) => {
    const name = pick(ATTRIBUTES);
    const ints = Array.from({ length: pick([0, 1, 2, 4, 5]) }, () => pick(NUMBERS));
    pick(graph.node).attribute.push({
      name,
      ints,
      i: pick(NUMBERS),
      s: Buffer.from(pick(['SAME_UPPER', 'x'])),
    });
  },
  (graph, pick) => {
    const { dims } = pick(graph.initializer);
    replace(dims, pick([...dims.keys()]), pick(NUMBERS));
  },
  (graph, pick) => {
    pick(graph.initializer).dataType = pick([0, 1, 6, 7, 10, 11, 99]);
  },
  (graph, pick) => {
    graph.node.splice(pick([...graph.node.keys()]), 1);
  },
  (graph, pick) => {
    const node = pick(graph.node);
    graph.node.push({ ...node, output: [pick(['again', node.output[0] ?? ''])] });
  },
  (graph, pick) => {
    graph.output = [{ name: pick(values(graph)) }, ...graph.output.slice(pick([0, 1]))];
  },
  (graph, pick) => {
    const dim = Array.from({ length: pick([0, 1, 3, 4, 5]) }, () => ({ dimValue: pick(NUMBERS) }));
    pick(graph.input).type = { tensorType: { shape: { dim } } };
  },
];

/** One to three changes to the graph of a model, written again. */
export function changeGraph(file: Uint8Array, random: Prng): Uint8Array {
  const model = MODEL.toObject(MODEL.decode(file), { longs: Number, arrays: true }) as { graph: Graph };
  const pick = <T>(of: readonly T[]): T => of[random.next() % Math.max(of.length, 1)];
  for (let left = 1 + (random.next() % 3); left > 0 && model.graph.node.length > 0; left--) {
    pick(CHANGES)(model.graph, pick);
  }
  return MODEL.encode(MODEL.fromObject(model)).finish();
}
