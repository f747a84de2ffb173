/** An integer network without its numbers. */
import {
  additionName,
  expands,
  type FireLayer,
  isClassifier,
  type Layer,
  type Network,
  NO_PADDING,
} from '../graph/network.ts';
import { layerShapes } from '../graph/shapes.ts';
import type { IntegerConvolution, IntegerLayer, IntegerNetwork } from './integer-network.ts';
import { networkOutput } from './output.ts';

/** For fusing and scheduling, which read no number: what a board can run is known before anything is measured. */
export function shapesOnly(network: Network): IntegerNetwork {
  const { name, input, layers } = network;
  const shapes = layerShapes(network);
  const integers = layers.flatMap((layer, index) =>
    layer.kind === 'gap' && !isClassifier(layers, index - 1)
      ? [withoutAverageNumbers(layer.name, shapes[index].channels)]
      : withoutLayerNumbers(layer, layers[index + 1]),
  );
  return { name, input, layers: integers, output: networkOutput(network, 1), source: network };
}

function withoutLayerNumbers(layer: Layer, next: Layer | undefined): IntegerLayer[] {
  switch (layer.kind) {
    case 'conv': {
      const conv = withoutNumbers(layer.conv);
      const { name } = layer;
      return next?.kind === 'gap'
        ? [{ kind: 'classifier', name, conv, relu: layer.conv.relu, gap: next }]
        : [{ kind: 'conv', name, conv }];
    }
    case 'fire': {
      const squeeze = withoutNumbers(layer.squeeze);
      const expand1x1 = withoutNumbers(layer.expand1x1);
      const expand3x3 = withoutNumbers(layer.expand3x3);
      return [{ ...layer, squeeze, expand1x1, expand3x3, bypass: withoutBypassNumbers(layer) }];
    }
    case 'maxpool':
    case 'gmp':
      return [layer];
    case 'gap':
      return [];
  }
}

const withoutAverageNumbers = (name: string, channels: number): IntegerLayer => ({
  kind: 'average',
  name,
  channels,
  m: new Uint16Array(),
  s: new Uint8Array(),
});

type ConvolutionShape = Pick<
  IntegerConvolution,
  'name' | 'inChannels' | 'outChannels' | 'kernel' | 'stride' | 'padding' | 'diagonal'
>;

function withoutNumbers(conv: ConvolutionShape): IntegerConvolution {
  return {
    ...conv,
    padValue: new Array<number>(conv.inChannels).fill(0),
    weight: new Int8Array(),
    bias: new Int32Array(),
    m: new Uint16Array(),
    s: new Uint8Array(),
    weightScale: new Float64Array(),
    inputScale: 1,
    outputScale: 1,
  };
}

function withoutBypassNumbers(fire: FireLayer) {
  const { bypass } = fire;
  switch (bypass.kind) {
    case 'none':
      return bypass;
    case 'simple':
      return { kind: 'simple', add: withoutNumbers(addition(fire)) } as const;
    case 'complex':
      return {
        kind: 'complex',
        conv: withoutNumbers(bypass.conv),
        add: withoutNumbers(addition(fire)),
      } as const;
  }
}

/** The shape of `quantizeAddition`'s convolution. */
function addition(fire: FireLayer) {
  const outChannels = expands(fire).reduce((sum, conv) => sum + conv.outChannels, 0);
  return {
    ...{ name: additionName(fire.name), inChannels: 2 * outChannels, outChannels, kernel: 1, stride: 1 },
    padding: NO_PADDING,
    diagonal: [0, outChannels],
  };
}
