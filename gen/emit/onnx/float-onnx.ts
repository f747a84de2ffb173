/** The float network as an ONNX file: the reference every quantized result is measured against. */
import {
  additionName,
  type Convolution,
  expands,
  type FireLayer,
  isClassifier,
  type Layer,
  type Network,
} from '../../graph/network.ts';
import {
  appendConcat,
  appendGlobalMaxPool,
  appendMaxPool,
  convolvedMap,
  type ExposedLayer,
  exposeFeatures,
  exposeLayers,
  type FeatureMap,
  type GraphOutputs,
  onnxPads,
} from './feature-map.ts';
import { GraphBuilder } from './graph-builder.ts';

/**
 * From `image`, float32 [1, C, H, W], already normalized and in the network's channel order, to `logits`,
 * float32 [1, channels], or where the network ends with a map, `features`, float32 [1, H, W, C]. With 'all',
 * before it, each convolution's output, float32 [1, H, W, C] under its name: after its ReLU, and after the pool
 * where one follows directly.
 */
export function floatOnnx(network: Network, outputs: GraphOutputs = 'result'): Uint8Array {
  const graph = new GraphBuilder();
  const { height, width, channels } = network.input;
  const image = graph.input('image', 'float32', [1, channels, height, width]);
  let map: FeatureMap = { tensor: image, channels, height, width };
  let unexposed: readonly ExposedLayer[] = [];
  for (const [index, layer] of network.layers.entries()) {
    map = appendLayer(graph, layer, map, outputs);
    if (layer.kind === 'conv') unexposed = [layer.conv];
    if (layer.kind === 'fire') unexposed = fireWriters(layer, map);
    // The classifier's tensor is its mean.
    const unfinished = network.layers[index + 1]?.kind === 'maxpool' || isClassifier(network.layers, index);
    if (outputs === 'result' || unfinished) continue;
    exposeLayers(graph, 'float32', map, unexposed);
    unexposed = [];
  }
  if (network.layers.at(-1)?.kind === 'gap') {
    graph.node('Flatten', 'logits', [map.tensor]);
    graph.output('logits', 'float32', [1, map.channels]);
  } else exposeFeatures(graph, 'float32', map);
  return graph.encode(network.name, 'The float network: normalized image to logits or features.');
}

function appendLayer(
  graph: GraphBuilder,
  layer: Layer,
  input: FeatureMap,
  outputs: GraphOutputs,
): FeatureMap {
  switch (layer.kind) {
    case 'conv':
      return appendConvolution(graph, layer.conv, input);
    case 'fire':
      return appendFire(graph, layer, input, outputs);
    case 'maxpool':
      return appendMaxPool(graph, layer, input);
    case 'gap': {
      const tensor = graph.node('GlobalAveragePool', layer.name, [input.tensor]);
      return { ...input, tensor, height: 1, width: 1 };
    }
    case 'gmp':
      return appendGlobalMaxPool(graph, layer.name, input);
  }
}

function appendConvolution(graph: GraphBuilder, conv: Convolution, input: FeatureMap): FeatureMap {
  const { name, kernel, stride } = conv;
  const weight = graph.initializer(
    `${name}.weight`,
    'float32',
    [conv.outChannels, conv.inChannels, kernel, kernel],
    conv.weight,
  );
  const bias = graph.initializer(`${name}.bias`, 'float32', [conv.outChannels], conv.bias);
  const sum = graph.node('Conv', `${name}/conv`, [input.tensor, weight, bias], {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: onnxPads(conv.padding),
  });
  return convolvedMap(input, conv, conv.relu ? graph.node('Relu', `${name}/relu`, [sum]) : sum);
}

function appendFire(
  graph: GraphBuilder,
  fire: FireLayer,
  input: FeatureMap,
  outputs: GraphOutputs,
): FeatureMap {
  const squeezed = appendConvolution(graph, fire.squeeze, input);
  if (outputs === 'all') exposeLayers(graph, 'float32', squeezed, [fire.squeeze]);
  const halves = expands(fire).map((conv) => appendConvolution(graph, conv, squeezed));
  const concat = appendConcat(graph, `${fire.name}/concat`, halves);
  const { bypass } = fire;
  if (bypass.kind === 'none') return concat;
  if (outputs === 'all') exposeLayers(graph, 'float32', concat, expands(fire));
  const added = bypass.kind === 'complex' ? appendConvolution(graph, bypass.conv, input) : input;
  if (outputs === 'all' && bypass.kind === 'complex') exposeLayers(graph, 'float32', added, [bypass.conv]);
  const sum = graph.node('Add', `${fire.name}/sum`, [concat.tensor, added.tensor]);
  return { ...concat, tensor: graph.node('Relu', `${fire.name}/relu`, [sum]) };
}

/** What gives out the map behind a Fire module, under which name. */
function fireWriters(fire: FireLayer, { channels }: FeatureMap): ExposedLayer[] {
  return fire.bypass.kind === 'none'
    ? expands(fire)
    : [{ name: additionName(fire.name), outChannels: channels }];
}
