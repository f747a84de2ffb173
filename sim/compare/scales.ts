/** What one step of each layer tensor is worth, so that integers can be held against the float network. */

import { expands } from '../../gen/graph/network.ts';
import { layerShapes } from '../../gen/graph/shapes.ts';
import {
  type IntegerBypass,
  type IntegerConvolution,
  type IntegerLayer,
  type IntegerNetwork,
  outputName,
} from '../../gen/quantize/integer-network.ts';

export interface LayerSteps {
  readonly name: string;
  readonly channels: number;
  /** Real value of one step, per channel. */
  readonly steps: ArrayLike<number>;
  /** The integer that stands for 0, per channel; absent: 0. */
  readonly zeros?: ArrayLike<number>;
}

/** The layer tensors of a network in the order of the data, what leaves the chip last. */
export function layerSteps(network: IntegerNetwork): LayerSteps[] {
  const layers = network.layers.flatMap((layer) => stepsOf(layer, network));
  const { channels, scale } = network.output;
  const steps = new Float64Array(channels).fill(scale);
  return [...layers, { name: outputName(network.output), channels, steps }];
}

function stepsOf(layer: IntegerLayer, network: IntegerNetwork): LayerSteps[] {
  switch (layer.kind) {
    case 'conv':
      return [outputSteps(layer.conv)];
    case 'fire':
      return [layer.squeeze, ...expands(layer), ...bypassConvolutions(layer.bypass)].map(outputSteps);
    case 'maxpool':
    case 'gmp':
    case 'average':
      return [];
    case 'classifier':
      return [classifierSteps(layer.conv, network)];
  }
}

function bypassConvolutions(bypass: IntegerBypass): IntegerConvolution[] {
  if (bypass.kind === 'none') return [];
  return bypass.kind === 'complex' ? [bypass.conv, bypass.add] : [bypass.add];
}

function outputSteps(conv: IntegerConvolution): LayerSteps {
  const { name, outChannels, outputScale, outputChannelScale, zeroPoint } = conv;
  const steps = outputChannelScale ?? new Float64Array(outChannels).fill(outputScale);
  return { name, channels: outChannels, steps, ...(zeroPoint && { zeros: zeroPoint }) };
}

/** The classifier's tensor is a sum over P pixels, the float network's its mean. */
function classifierSteps(
  { name, outChannels, weightScale, inputScale }: IntegerConvolution,
  { source }: IntegerNetwork,
): LayerSteps {
  const shapes = layerShapes(source);
  const { height, width } = shapes[source.layers.findIndex((layer) => layer.kind === 'gap') - 1];
  const steps = weightScale.map((scale) => (scale * inputScale) / (height * width));
  return { name, channels: outChannels, steps };
}
