/** Conv, with the batch normalization and ReLU that follow it → one convolution. */
import { onnxAttributeUnsupported, tensorShape } from '../../diagnostics/model.ts';
import type { Convolution, ImageShape } from '../../graph/network.ts';
import { requireFinite } from '../tensor.ts';
import type { OnnxGraph } from './graph.ts';
import type { OnnxNode } from './node.ts';
import { readWindow } from './window.ts';

/** A convolution that has no name yet, and the value behind it. */
export interface TakenConvolution {
  readonly conv: Omit<Convolution, 'name'>;
  readonly output: string;
  readonly node: OnnxNode;
}

/** Reads the Conv `node` on an input of this shape, and what follows it directly. */
export function takeConvolution(graph: OnnxGraph, node: OnnxNode, input: ImageShape): TakenConvolution {
  let conv = readConv(graph, node, input);
  let output = node.output;
  let next = onlyUser(graph, output);
  if (next?.operator === 'BatchNormalization') {
    conv = foldBatchNormalization(graph, next, conv);
    output = next.output;
    next = onlyUser(graph, output);
  }
  if (next?.operator === 'Relu') {
    conv = { ...conv, relu: true };
    output = next.output;
  }
  return { conv, output, node };
}

/** The one node that reads a value; undefined if there are more or none. */
export function onlyUser(graph: OnnxGraph, value: string): OnnxNode | undefined {
  const users = graph.users(value);
  return users.length === 1 ? users[0] : undefined;
}

function readConv(graph: OnnxGraph, node: OnnxNode, input: ImageShape): Omit<Convolution, 'name'> {
  const { file } = graph;
  const weight = graph.weights(node, 1);
  const [outChannels, inChannels, height, width] = weight.shape;
  if (weight.shape.length !== 4 || height !== width) {
    throw onnxAttributeUnsupported(
      file,
      node.label,
      `its kernel of shape ${weight.shape.join('x')} is not square`,
    );
  }
  if (node.int('group', 1) !== 1) {
    throw onnxAttributeUnsupported(
      file,
      node.label,
      `it is a grouped convolution (group ${node.int('group', 1)})`,
    );
  }
  if (inChannels !== input.channels) {
    throw tensorShape(file, weight.name, [outChannels, input.channels, height, width], weight.shape);
  }
  const bias = graph.hasInput(node, 2) ? graph.weights(node, 2) : undefined;
  if (bias && bias.values.length !== outChannels)
    throw tensorShape(file, bias.name, [outChannels], bias.shape);
  return {
    inChannels,
    outChannels,
    ...readWindow(file, node, input, height),
    relu: false,
    weight: weight.values,
    bias: bias?.values ?? new Float32Array(outChannels),
  };
}

/** ONNX's default of BatchNormalization's epsilon. */
const EPSILON = 1e-5;

/** y = γ·(x - μ)/√(σ² + ε) + β, per output channel, is a convolution with other weights and biases. */
function foldBatchNormalization(
  graph: OnnxGraph,
  node: OnnxNode,
  conv: Omit<Convolution, 'name'>,
): Omit<Convolution, 'name'> {
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((index) => {
    const tensor = graph.weights(node, index);
    if (tensor.values.length !== conv.outChannels) {
      throw tensorShape(graph.file, tensor.name, [conv.outChannels], tensor.shape);
    }
    return tensor.values;
  });
  const epsilon = node.float('epsilon', EPSILON);
  const factor = Array.from(gamma, (g, c) => g / Math.sqrt(variance[c] + epsilon));
  const perChannel = conv.weight.length / conv.outChannels;
  const weight = conv.weight.map((w, i) => w * factor[Math.floor(i / perChannel)]);
  const bias = conv.bias.map((b, c) => (b - mean[c]) * factor[c] + beta[c]);
  for (const values of [weight, bias]) {
    requireFinite(graph.file, { name: `${node.label} (folded)`, shape: [values.length], values });
  }
  return { ...conv, weight, bias };
}
