/** Feature maps inside a graph, and what the float and the integer graph do with them alike. */
import type { MaxPoolLayer, Padding } from '../../graph/network.ts';
import { convLength, poolLength } from '../../graph/shapes.ts';
import type { GraphBuilder } from './graph-builder.ts';
import type { ElementType } from './messages.ts';

/** A tensor of the graph, 1 × channels × height × width. */
export interface FeatureMap {
  readonly tensor: string;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** What both kinds of convolution have in common. */
export interface ConvolutionShape {
  readonly name: string;
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: Padding;
}

/** A layer tensor's name and channels. */
export type ExposedLayer = Pick<ConvolutionShape, 'name' | 'outChannels'>;

/** Which tensors a graph gives out: the result alone, or before it one tensor a convolution. */
export type GraphOutputs = 'result' | 'all';

/** ONNX's order of paddings: starts of all axes, then ends. */
export function onnxPads({ top, left, bottom, right }: Padding): number[] {
  return [top, left, bottom, right];
}

/** The map that a convolution of `input` fills, as `tensor`. */
export function convolvedMap(input: FeatureMap, conv: ConvolutionShape, tensor: string): FeatureMap {
  const { kernel, stride, padding } = conv;
  return {
    tensor,
    channels: conv.outChannels,
    height: convLength(input.height, kernel, stride, padding.top, padding.bottom),
    width: convLength(input.width, kernel, stride, padding.left, padding.right),
  };
}

/**
 * Appends a max-pool. Runtimes disagree on ONNX's ceil_mode where a last window would start outside, so the
 * padding is written out that gives the length of `poolLength`; padded cells take no part in a maximum.
 */
export function appendMaxPool(graph: GraphBuilder, pool: MaxPoolLayer, input: FeatureMap): FeatureMap {
  const { kernel, stride, padding } = pool;
  const height = poolLength(input.height, pool, padding.top, padding.bottom);
  const width = poolLength(input.width, pool, padding.left, padding.right);
  const reach = (outputs: number, before: number, length: number) =>
    Math.max(0, (outputs - 1) * stride + kernel - before - length);
  const bottom = reach(height, padding.top, input.height);
  const right = reach(width, padding.left, input.width);
  const tensor = graph.node('MaxPool', pool.name, [input.tensor], {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: onnxPads({ ...padding, bottom, right }),
  });
  return { ...input, tensor, height, width };
}

/** Appends the largest value of each channel over the whole map, as a max-pool: GlobalMaxPool is for floats alone. */
export function appendGlobalMaxPool(graph: GraphBuilder, name: string, input: FeatureMap): FeatureMap {
  const { height, width } = input;
  const tensor = graph.node('MaxPool', name, [input.tensor], { kernel_shape: [height, width] });
  return { ...input, tensor, height: 1, width: 1 };
}

/** Gives out a map that leaves the network: `features`, 1 × height × width × channels. */
export function exposeFeatures(graph: GraphBuilder, type: ElementType, map: FeatureMap): void {
  graph.node('Transpose', 'features', [map.tensor], { perm: [0, 2, 3, 1] });
  graph.output('features', type, [1, map.height, map.width, map.channels]);
}

/** Appends the concatenation of maps of one size along the channels; one map stays as it is. */
export function appendConcat(graph: GraphBuilder, name: string, maps: readonly FeatureMap[]): FeatureMap {
  if (maps.length === 1) return maps[0];
  const tensors = maps.map(({ tensor }) => tensor);
  const channels = maps.reduce((sum, map) => sum + map.channels, 0);
  return { ...maps[0], tensor: graph.node('Concat', name, tensors, { axis: 1 }), channels };
}

/** Appends the channels `first` … `end - 1` of a map. */
export function appendChannels(
  graph: GraphBuilder,
  name: string,
  map: FeatureMap,
  first: number,
  end: number,
): FeatureMap {
  const bounds = [first, end, 1].map((value, index) =>
    graph.initializer(
      `${name}/${['first', 'end', 'axis'][index]}`,
      'int64',
      [1],
      BigInt64Array.of(BigInt(value)),
    ),
  );
  return { ...map, tensor: graph.node('Slice', name, [map.tensor, ...bounds]), channels: end - first };
}

/**
 * Gives out the layer tensors of the convolutions that together make up `map`: one output each, under the
 * convolution's name, 1 × height × width × channels.
 */
export function exposeLayers(
  graph: GraphBuilder,
  type: ElementType,
  map: FeatureMap,
  convs: readonly ExposedLayer[],
): void {
  let first = 0;
  for (const { name, outChannels } of convs) {
    const end = first + outChannels;
    const whole = outChannels === map.channels;
    const part = whole ? map : appendChannels(graph, `${name}/part`, map, first, end);
    graph.node('Transpose', name, [part.tensor], { perm: [0, 2, 3, 1] });
    graph.output(name, type, [1, map.height, map.width, outChannels]);
    first = end;
  }
}
