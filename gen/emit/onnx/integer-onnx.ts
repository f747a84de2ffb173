/**
 * network.onnx: the integer network in standard ONNX operators, so that any engine gives the board's bits.
 * Written from the numeric contract (docs/reference/numerics.md), not from the simulator.
 */
import type { IntegerConvolution, IntegerLayer, IntegerNetwork } from '../../quantize/integer-network.ts';
import {
  appendGlobalMaxPool,
  appendMaxPool,
  exposeFeatures,
  exposeLayers,
  type FeatureMap,
  type GraphOutputs,
} from './feature-map.ts';
import { GraphBuilder } from './graph-builder.ts';
import {
  appendAverage,
  appendClassifier,
  appendFire,
  appendQuantized,
  fireWriters,
} from './integer-layers.ts';

const DESCRIPTION =
  'The integer network, exact to the bit. image: the pixels as they are, 8-bit RGB, channels last. ';
const RESULTS = {
  logits: 'logits: integers; times logit_scale they are the real logits.',
  map: 'features: 8-bit, channels last; times feature_scale they are the real features.',
};

/**
 * From `image`, uint8 [1, H, W, 3], the very bytes at IMAGE_ADDR, to `logits`, int32 [1, channels], or where
 * the network ends with a map, `features`, uint8 [1, H, W, C]. With 'all', before it, each convolution's layer
 * tensor under its name: uint8 [1, H, W, C] after requantizing, and after the pool where one follows directly; of
 * the classifier the sums per class, int64 [1, classes].
 */
export function integerOnnx(network: IntegerNetwork, outputs: GraphOutputs = 'result'): Uint8Array {
  const graph = new GraphBuilder();
  const { height, width, channels } = network.input;
  const image = graph.input('image', 'uint8', [1, height, width, channels]);
  const planes = graph.node('Transpose', 'image/planes', [image], { perm: [0, 3, 1, 2] });
  let map: FeatureMap = { tensor: planes, channels, height, width };
  let unexposed: readonly IntegerConvolution[] = [];
  for (const [index, layer] of network.layers.entries()) {
    map = appendLayer(graph, layer, map, outputs);
    if (layer.kind === 'conv') unexposed = [layer.conv];
    if (layer.kind === 'fire') unexposed = fireWriters(layer);
    if (layer.kind === 'classifier') unexposed = [];
    if (outputs === 'result' || network.layers[index + 1]?.kind === 'maxpool') continue;
    exposeLayers(graph, 'uint8', map, unexposed);
    unexposed = [];
  }
  const { kind, scale } = network.output;
  if (kind === 'logits') graph.output('logits', 'int32', [1, map.channels]);
  else exposeFeatures(graph, 'uint8', map);
  const metadata = { [kind === 'logits' ? 'logit_scale' : 'feature_scale']: String(scale) };
  return graph.encode(network.name, DESCRIPTION + RESULTS[kind], metadata);
}

function appendLayer(
  graph: GraphBuilder,
  layer: IntegerLayer,
  input: FeatureMap,
  outputs: GraphOutputs,
): FeatureMap {
  switch (layer.kind) {
    case 'conv':
      return appendQuantized(graph, layer.conv, input);
    case 'fire':
      return appendFire(graph, layer, input, outputs);
    case 'maxpool':
      return appendMaxPool(graph, layer, input);
    case 'gmp':
      return appendGlobalMaxPool(graph, layer.name, input);
    case 'classifier':
      return appendClassifier(graph, layer, input, outputs);
    case 'average':
      return appendAverage(graph, layer, input);
  }
}
