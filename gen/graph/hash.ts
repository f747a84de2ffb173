/** The identity of a network: what it computes, not where it came from. */
import { createHash } from 'node:crypto';
import type { Convolution, ImageShape, Layer, Network } from './network.ts';
import { layerShape } from './shapes.ts';

// Of a window only its size, stride, leading padding and number of positions matter: trailing padding and
// ceil mode are two spellings of the last, and a file's spelling must not change the hash.
function windowOf(item: {
  kernel: number;
  stride: number;
  padding: { top: number; left: number };
}): number[] {
  return [item.kernel, item.stride, item.padding.top, item.padding.left];
}

const describeConv = (conv: Convolution) => [
  conv.inChannels,
  conv.outChannels,
  ...windowOf(conv),
  conv.relu ? 1 : 0,
];

function describeLayer(layer: Layer, output: ImageShape): unknown[] {
  const place = [layer.kind, output.height, output.width, output.channels];
  switch (layer.kind) {
    case 'conv':
      return [...place, describeConv(layer.conv)];
    case 'fire': {
      const convs = [layer.squeeze, layer.expand1x1, layer.expand3x3].map(describeConv);
      const { bypass } = layer;
      return [...place, convs, bypass.kind, bypass.kind === 'complex' ? describeConv(bypass.conv) : []];
    }
    case 'maxpool':
      return [...place, windowOf(layer)];
    case 'gap':
    case 'gmp':
      return place;
  }
}

function layerConvolutions(layer: Layer): Convolution[] {
  if (layer.kind === 'conv') return [layer.conv];
  if (layer.kind !== 'fire') return [];
  const bypass = layer.bypass.kind === 'complex' ? [layer.bypass.conv] : [];
  return [layer.squeeze, layer.expand1x1, layer.expand3x3, ...bypass];
}

/** Float32 little-endian bytes, whatever the machine's own order. */
function littleEndianBytes(values: Float32Array): Uint8Array {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? bytes : Buffer.from(bytes).swap32();
}

/**
 * SHA-256, in hex, over input shape, preprocessing, topology and every weight and bias. The network's and
 * its layers' names, the file format and the way a pool's edge is written take no part, so one network read
 * from two formats has one hash.
 */
export function networkHash(network: Network): string {
  const hash = createHash('sha256');
  const { input, preprocess } = network;
  hash.update(JSON.stringify([input.height, input.width, input.channels]));
  hash.update(JSON.stringify([preprocess.order, preprocess.mean, preprocess.scale, preprocess.resize]));
  let shape = input;
  for (const layer of network.layers) {
    shape = layerShape(shape, layer);
    hash.update(JSON.stringify(describeLayer(layer, shape)));
    for (const conv of layerConvolutions(layer)) {
      hash.update(littleEndianBytes(conv.weight));
      hash.update(littleEndianBytes(conv.bias));
    }
  }
  return hash.digest('hex');
}
