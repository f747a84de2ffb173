/**
 * The fixed simulator: the numeric contract (docs/reference/numerics.md) in plain loops, made to be read. It
 * knows the integer network and nothing of tapes, lanes or ONNX.
 */
import { expands } from '../../gen/graph/network.ts';
import type { IntegerLayer, IntegerNetwork } from '../../gen/quantize/integer-network.ts';
import type { LayerTensor, WitnessResult } from '../compare/tensors.ts';
import { convolve } from './convolution.ts';
import { type ByteMap, concatenate, sliceChannels } from './feature-map.ts';
import { maxPool } from './pool.ts';
import {
  addBypass,
  requantizeMap,
  scaleBytes,
  scaleSums,
  scaleTotals,
  sumPixels,
  type Term,
} from './scaling.ts';

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
        map = expand(layer, map, squeezed);
        writers = expands(layer);
        break;
      }
      case 'classifier': {
        const totals = sumPixels(convolve(map, layer.conv), layer.relu);
        layers.push({ name: layer.conv.name, values: totals });
        return { layers, logits: scaleTotals(totals, layer.conv) };
      }
    }
  }
  throw new Error(`internal error: ${network.name}: no classifier`);
}

/** The second half of a Fire module. Without bypass the expands are clamped on their own, else after the sum. */
function expand({ expand1x1, expand3x3, bypass }: IntegerFire, input: ByteMap, squeezed: ByteMap): ByteMap {
  const sums = [expand1x1, expand3x3].map((conv) => ({ conv, map: convolve(squeezed, conv) }));
  if (bypass.kind === 'none') {
    const [first, second] = sums.map(({ conv, map }) => requantizeMap(map, conv));
    return concatenate(first, second);
  }
  const terms = sums.map(({ conv, map }) => ({ channels: conv.outChannels, term: scaleSums(map, conv) }));
  const added: Term =
    bypass.kind === 'simple'
      ? scaleBytes(input, bypass)
      : scaleSums(convolve(input, bypass.conv), bypass.conv);
  return addBypass(terms, added, squeezed);
}

function layerTensors(map: ByteMap, writers: Writers): LayerTensor[] {
  let start = 0;
  return writers.map(({ name, outChannels }) => {
    const values = sliceChannels(map, start, start + outChannels);
    start += outChannels;
    return { name, values };
  });
}
