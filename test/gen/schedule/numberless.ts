/** Integer networks of the right shapes with zero weights: what planning needs, without quantizing. */
import type { Convolution } from '../../../gen/graph/network.ts';
import type { SqueezenetVersion } from '../../../gen/graph/squeezenet.ts';
import { randomSqueezenet } from '../../../gen/import/random.ts';
import type {
  IntegerConvolution,
  IntegerLayer,
  IntegerNetwork,
} from '../../../gen/quantize/integer-network.ts';
import { networkOutput } from '../../../gen/quantize/output.ts';

function numberless(conv: Convolution): IntegerConvolution {
  return {
    name: conv.name,
    inChannels: conv.inChannels,
    outChannels: conv.outChannels,
    kernel: conv.kernel,
    stride: conv.stride,
    padding: conv.padding,
    padValue: new Array<number>(conv.inChannels).fill(0),
    weight: new Int8Array(conv.weight.length),
    bias: new Int32Array(conv.outChannels),
    m: new Uint16Array(conv.outChannels),
    s: new Uint8Array(conv.outChannels).fill(1),
    weightScale: new Float64Array(conv.outChannels).fill(1),
    inputScale: 1,
    outputScale: 1,
  };
}

export function numberlessSqueezenet(
  version: SqueezenetVersion,
  side: number,
  classes = 1000,
): IntegerNetwork {
  const source = randomSqueezenet({ version, side, classes, seed: 1 });
  const layers = source.layers.flatMap((layer, index): IntegerLayer[] => {
    const next = source.layers[index + 1];
    if (layer.kind === 'maxpool') return [layer];
    if (layer.kind === 'gap' || layer.kind === 'gmp') return [];
    if (layer.kind === 'conv') {
      const conv = numberless(layer.conv);
      if (next?.kind !== 'gap') return [{ kind: 'conv', name: layer.name, conv }];
      return [{ kind: 'classifier', name: layer.name, conv, relu: true, gap: next }];
    }
    const { name, squeeze, expand1x1, expand3x3 } = layer;
    return [
      {
        kind: 'fire',
        name,
        squeeze: numberless(squeeze),
        expand1x1: numberless(expand1x1),
        expand3x3: numberless(expand3x3),
        bypass: { kind: 'none' },
      },
    ];
  });
  return { name: source.name, input: source.input, layers, output: networkOutput(source, 1), source };
}
