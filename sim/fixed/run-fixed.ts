/**
 * The fixed simulator: the numeric contract (docs/reference/numerics.md) in plain loops, made to be read. It
 * knows the integer network and nothing of tapes, lanes or ONNX.
 */
import { expands } from '../../gen/graph/network.ts';
import type { IntegerBypass, IntegerLayer, IntegerNetwork } from '../../gen/quantize/integer-network.ts';
import type { LayerTensor, WitnessResult } from '../compare/tensors.ts';
import { convolve } from './convolution.ts';
import { type ByteMap, concatenate, sliceChannels } from './feature-map.ts';
import { globalMaxPool, maxPool, sumBytes } from './pool.ts';
import { addTerms, requantizeMap, scaleTotals, sumPixels } from './scaling.ts';

type IntegerFire = Extract<IntegerLayer, { kind: 'fire' }>;

/** The convolutions whose outputs a map is made of, in the order of their channels. */
type Writers = readonly { readonly name: string; readonly outChannels: number }[];

/**
 * Runs one image.
 *
 * @param image height × width × 3, uint8, RGB: the bytes at IMAGE_ADDR.
 */
export function runFixed(network: IntegerNetwork, image: Uint8Array): WitnessResult {
  const layers: LayerTensor[] = [];
  let map: ByteMap = { ...network.input, values: image };
  // A map is reported when nothing more happens to it: a following max-pool belongs to it.
  let writers: Writers = [];
  const report = () => {
    layers.push(...layerTensors(map, writers));
    writers = [];
  };
  for (const layer of network.layers) {
    if (layer.kind === 'maxpool') {
      map = maxPool(map, layer);
      continue;
    }
    report();
    switch (layer.kind) {
      case 'conv':
        map = requantizeMap(convolve(map, layer.conv), layer.conv);
        writers = [layer.conv];
        break;
      case 'fire': {
        const squeezed = requantizeMap(convolve(map, layer.squeeze), layer.squeeze);
        layers.push({ name: layer.squeeze.name, values: squeezed.values });
        const wide = expand(layer, squeezed);
        if (layer.bypass.kind === 'none') {
          map = wide;
          writers = expands(layer);
          break;
        }
        layers.push(...layerTensors(wide, expands(layer)));
        const added = bypassed(layer.bypass, map);
        if (layer.bypass.kind === 'complex')
          layers.push({ name: layer.bypass.conv.name, values: added.values });
        map = addTerms(wide, added, layer.bypass.add);
        writers = [layer.bypass.add];
        break;
      }
      case 'classifier': {
        const totals = sumPixels(convolve(map, layer.conv), layer.relu);
        layers.push({ name: layer.conv.name, values: totals });
        return { layers, output: scaleTotals(totals, layer.conv) };
      }
      case 'average':
        return { layers, output: scaleTotals(sumBytes(map), layer) };
      case 'gmp':
        map = globalMaxPool(map);
    }
  }
  report();
  return { layers, output: map.values };
}

/** The second half of a Fire module, without its bypass. */
function expand({ expand1x1, expand3x3 }: IntegerFire, squeezed: ByteMap): ByteMap {
  const [first, second] = [expand1x1, expand3x3].map((conv) => requantizeMap(convolve(squeezed, conv), conv));
  return concatenate(first, second);
}

/** What is added to it. */
function bypassed(bypass: Exclude<IntegerBypass, { kind: 'none' }>, input: ByteMap): ByteMap {
  return bypass.kind === 'complex' ? requantizeMap(convolve(input, bypass.conv), bypass.conv) : input;
}

function layerTensors(map: ByteMap, writers: Writers): LayerTensor[] {
  let start = 0;
  return writers.map(({ name, outChannels }) => {
    const values = sliceChannels(map, start, start + outChannels);
    start += outChannels;
    return { name, values };
  });
}
