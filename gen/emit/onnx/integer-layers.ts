/** The layers of the integer network in ONNX operators: accumulate, requantize, classify. An addition is a convolution too. */
import { expands } from '../../graph/network.ts';
import type { IntegerConvolution, IntegerLayer } from '../../quantize/integer-network.ts';
import { ACTIVATION_MAX } from '../../quantize/numerics.ts';
import {
  appendChannels,
  appendConcat,
  convolvedMap,
  exposeLayers,
  type FeatureMap,
  type GraphOutputs,
  onnxPads,
} from './feature-map.ts';
import type { GraphBuilder } from './graph-builder.ts';

type IntegerFire = Extract<IntegerLayer, { kind: 'fire' }>;
type Classifier = Extract<IntegerLayer, { kind: 'classifier' }>;
type Average = Extract<IntegerLayer, { kind: 'average' }>;

/** Multiplier and shift per channel. */
interface Scaling {
  readonly m: ArrayLike<number>;
  readonly s: ArrayLike<number>;
}

/** A convolution and its requantizer: uint8 in, uint8 out. */
export function appendQuantized(
  graph: GraphBuilder,
  conv: IntegerConvolution,
  input: FeatureMap,
): FeatureMap {
  const { name } = conv;
  const sum = appendSum(graph, conv, input);
  // Exact before the shift: a negative sum rounds to 0 or less, which the clamp would cut off as well.
  const relu = graph.node('Relu', `${name}/relu`, [sum.tensor]);
  const wide = graph.cast(`${name}/wide`, relu, 'uint64');
  const product = graph.node('Mul', `${name}/product`, [wide, unsignedChannels(graph, `${name}/m`, conv.m)]);
  const halves = Array.from(conv.s, (s) => 2 ** (s - 1));
  const rounded = graph.node('Add', `${name}/rounded`, [
    product,
    unsignedChannels(graph, `${name}/half`, halves),
  ]);
  const shifted = graph.node(
    'BitShift',
    `${name}/shifted`,
    [rounded, unsignedChannels(graph, `${name}/s`, conv.s)],
    { direction: 'RIGHT' },
  );
  const limit = graph.initializer(`${name}/limit`, 'uint64', [], BigUint64Array.of(BigInt(ACTIVATION_MAX)));
  const clamped = graph.node('Min', `${name}/clamped`, [shifted, limit]);
  return { ...sum, tensor: graph.cast(`${name}/quantized`, clamped, 'uint8') };
}

/** A Fire module: uint8 in, uint8 out, the two expands concatenated. */
export function appendFire(
  graph: GraphBuilder,
  fire: IntegerFire,
  input: FeatureMap,
  outputs: GraphOutputs,
): FeatureMap {
  const squeezed = appendQuantized(graph, fire.squeeze, input);
  if (outputs === 'all') exposeLayers(graph, 'uint8', squeezed, [fire.squeeze]);
  const halves = expands(fire).map((conv) => appendQuantized(graph, conv, squeezed));
  const concat = appendConcat(graph, `${fire.name}/concat`, halves);
  const { bypass } = fire;
  if (bypass.kind === 'none') return concat;
  if (outputs === 'all') exposeLayers(graph, 'uint8', concat, expands(fire));
  const added = bypass.kind === 'complex' ? appendQuantized(graph, bypass.conv, input) : input;
  if (outputs === 'all' && bypass.kind === 'complex') exposeLayers(graph, 'uint8', added, [bypass.conv]);
  return appendQuantized(graph, bypass.add, appendConcat(graph, `${bypass.add.name}/terms`, [concat, added]));
}

/** What gives out the map behind a Fire module. */
export function fireWriters(fire: IntegerFire): IntegerConvolution[] {
  return fire.bypass.kind === 'none' ? expands(fire) : [fire.bypass.add];
}

/**
 * The classifier and its global average pool: the sum over all pixels of relu(acc + bias), scaled to
 * `logits`, int32 [1, classes].
 */
export function appendClassifier(
  graph: GraphBuilder,
  { name, conv, relu }: Classifier,
  input: FeatureMap,
  outputs: GraphOutputs,
): FeatureMap {
  const sum = appendSum(graph, conv, input);
  const rectified = relu ? graph.node('Relu', `${name}/relu`, [sum.tensor]) : sum.tensor;
  const total = appendTotal(graph, name, rectified);
  if (outputs === 'all') {
    graph.node('Flatten', conv.name, [total]);
    graph.output(conv.name, 'int64', [1, conv.outChannels]);
  }
  return { ...sum, tensor: appendLogits(graph, name, total, conv), height: 1, width: 1 };
}

/** The mean of each channel of a map of uint8, as `logits`, int32 [1, channels]. */
export function appendAverage(graph: GraphBuilder, average: Average, input: FeatureMap): FeatureMap {
  const total = appendTotal(graph, average.name, input.tensor);
  return { ...input, tensor: appendLogits(graph, average.name, total, average), height: 1, width: 1 };
}

/** The sum of each channel over all pixels, int64. */
function appendTotal(graph: GraphBuilder, name: string, input: string): string {
  const wide = graph.cast(`${name}/wide`, input, 'int64');
  const axes = graph.initializer(`${name}/axes`, 'int64', [2], BigInt64Array.of(2n, 3n));
  return graph.node('ReduceSum', `${name}/total`, [wide, axes]);
}

/** Sums scaled to `logits`, int32 [1, channels]. */
function appendLogits(graph: GraphBuilder, name: string, total: string, scaling: Scaling): string {
  const scaled = appendSignedScaling(graph, `${name}/scaled`, total, scaling);
  return graph.node('Flatten', 'logits', [graph.cast(`${name}/narrow`, scaled, 'int32')]);
}

/** acc + bias of a convolution, int32. */
function appendSum(graph: GraphBuilder, conv: IntegerConvolution, input: FeatureMap): FeatureMap {
  const { name, kernel, stride } = conv;
  const { source, pads } = appendPadding(graph, conv, input);
  const weight = graph.initializer(
    `${name}.weight`,
    'int8',
    [conv.outChannels, conv.inChannels, kernel, kernel],
    conv.weight,
  );
  // 1x1 layers too: MatMulInteger saturates on processors with AVX2 alone.
  const accumulator = graph.node('ConvInteger', `${name}/accumulator`, [source, weight], {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads,
  });
  const bias = graph.initializer(`${name}.bias`, 'int32', [1, conv.outChannels, 1, 1], conv.bias);
  return convolvedMap(input, conv, graph.node('Add', `${name}/sum`, [accumulator, bias]));
}

/** Zero padding is left to the convolution; another value is padded channel by channel before it. */
function appendPadding(
  graph: GraphBuilder,
  { name, padding, padValue }: IntegerConvolution,
  input: FeatureMap,
): { source: string; pads: number[] } {
  const pads = onnxPads(padding);
  const none = [0, 0, 0, 0];
  if (pads.every((pad) => pad === 0) || padValue.every((value) => value === 0)) {
    return { source: input.tensor, pads };
  }
  const margins = [0, 0, padding.top, padding.left, 0, 0, padding.bottom, padding.right];
  const amounts = graph.initializer(`${name}/margins`, 'int64', [8], BigInt64Array.from(margins.map(BigInt)));
  const planes = padValue.map((value, channel) => {
    const path = `${name}/plane${channel}`;
    const plane = appendChannels(graph, path, input, channel, channel + 1);
    const fill = graph.initializer(`${path}/fill`, 'uint8', [], Uint8Array.of(value));
    return graph.node('Pad', `${path}/padded`, [plane.tensor, amounts, fill]);
  });
  return { source: graph.node('Concat', `${name}/padded`, planes, { axis: 1 }), pads: none };
}

/** Every product of the contract and its rounding stay under this power of two. */
const OFFSET_BITS = 62n;

/**
 * (x · m + 2^(s-1)) >> s per channel, floored, on int64. ONNX shifts unsigned integers only, so a multiple
 * of 2^s that makes everything positive goes in before the shift and comes out after it.
 */
function appendSignedScaling(graph: GraphBuilder, path: string, input: string, { m, s }: Scaling): string {
  const shifts = Array.from(s, BigInt);
  const product = graph.node('Mul', `${path}/product`, [
    input,
    signedChannels(graph, `${path}/m`, Array.from(m, BigInt)),
  ]);
  const lift = shifts.map((shift) => (1n << (shift - 1n)) + (1n << OFFSET_BITS));
  const lifted = graph.node('Add', `${path}/lifted`, [product, signedChannels(graph, `${path}/lift`, lift)]);
  const positive = graph.cast(`${path}/positive`, lifted, 'uint64');
  const shifted = graph.node(
    'BitShift',
    `${path}/shifted`,
    [positive, unsignedChannels(graph, `${path}/s`, s)],
    { direction: 'RIGHT' },
  );
  const offset = shifts.map((shift) => 1n << (OFFSET_BITS - shift));
  return graph.node('Sub', path, [
    graph.cast(`${path}/signed`, shifted, 'int64'),
    signedChannels(graph, `${path}/offset`, offset),
  ]);
}

function unsignedChannels(graph: GraphBuilder, name: string, values: ArrayLike<number>): string {
  return graph.initializer(
    name,
    'uint64',
    [1, values.length, 1, 1],
    BigUint64Array.from(Array.from(values, BigInt)),
  );
}

function signedChannels(graph: GraphBuilder, name: string, values: readonly bigint[]): string {
  return graph.initializer(name, 'int64', [1, values.length, 1, 1], BigInt64Array.from(values));
}
