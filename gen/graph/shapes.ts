/** Shapes and work of a network: output sides, MACs, parameters. Arithmetic only. */
import type { Convolution, ImageShape, Layer, MaxPoolLayer, Network, Padding } from './network.ts';

/** Output length of a convolution along one axis (floor, as every framework does). */
export function convLength(
  length: number,
  kernel: number,
  stride: number,
  before: number,
  after: number,
): number {
  return Math.floor((length + before + after - kernel) / stride) + 1;
}

/** Padding with which a map keeps ⌈length / stride⌉ positions, halved as evenly as it goes. */
export function samePadding(length: number, kernel: number, stride: number): { less: number; more: number } {
  const total = Math.max((Math.ceil(length / stride) - 1) * stride + kernel - length, 0);
  return { less: Math.floor(total / 2), more: Math.ceil(total / 2) };
}

/**
 * Output length of a max-pool along one axis. In ceil mode a window must still start inside the input or
 * its leading padding (Caffe's rule, kept by PyTorch).
 */
export function poolLength(
  length: number,
  pool: { kernel: number; stride: number; ceil: boolean },
  before: number,
  after: number,
): number {
  const span = length + before + after - pool.kernel;
  if (!pool.ceil) return Math.floor(span / pool.stride) + 1;
  const outputs = Math.ceil(span / pool.stride) + 1;
  return (outputs - 1) * pool.stride >= length + before ? outputs - 1 : outputs;
}

function convShape(shape: ImageShape, conv: Convolution): ImageShape {
  const p: Padding = conv.padding;
  return {
    height: convLength(shape.height, conv.kernel, conv.stride, p.top, p.bottom),
    width: convLength(shape.width, conv.kernel, conv.stride, p.left, p.right),
    channels: conv.outChannels,
  };
}

function poolShape(shape: ImageShape, pool: MaxPoolLayer): ImageShape {
  return {
    height: poolLength(shape.height, pool, pool.padding.top, pool.padding.bottom),
    width: poolLength(shape.width, pool, pool.padding.left, pool.padding.right),
    channels: shape.channels,
  };
}

/** Shape of a layer's output for a given input. */
export function layerShape(input: ImageShape, layer: Layer): ImageShape {
  switch (layer.kind) {
    case 'conv':
      return convShape(input, layer.conv);
    case 'fire':
      return { ...input, channels: layer.expand1x1.outChannels + layer.expand3x3.outChannels };
    case 'maxpool':
      return poolShape(input, layer);
    case 'gap':
    case 'gmp':
      return { height: 1, width: 1, channels: input.channels };
  }
}

/** Output shape of every layer, in order. */
export function layerShapes(network: Pick<Network, 'input' | 'layers'>): ImageShape[] {
  let shape = network.input;
  return network.layers.map((layer) => {
    shape = layerShape(shape, layer);
    return shape;
  });
}

/** Multiply-accumulates of each convolution for one image, padding taps counted as Caffe and the paper do. */
export function convolutionMacs(network: Network): Map<string, number> {
  const macs = new Map<string, number>();
  let shape = network.input;
  const count = (conv: Convolution, output: ImageShape) =>
    macs.set(conv.name, output.height * output.width * conv.outChannels * conv.inChannels * conv.kernel ** 2);
  for (const layer of network.layers) {
    const output = layerShape(shape, layer);
    if (layer.kind === 'conv') count(layer.conv, output);
    if (layer.kind === 'fire') {
      for (const conv of [layer.squeeze, layer.expand1x1, layer.expand3x3]) count(conv, output);
      if (layer.bypass.kind === 'complex') count(layer.bypass.conv, output);
    }
    shape = output;
  }
  return macs;
}

/** Useful MACs of one image. */
export function networkMacs(network: Network): number {
  return [...convolutionMacs(network).values()].reduce((sum, macs) => sum + macs, 0);
}
