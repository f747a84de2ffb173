/** What leaves the chip, and the average as the one layer of it that has numbers of its own. */
import type { Network } from '../graph/network.ts';
import { layerShapes } from '../graph/shapes.ts';
import type { IntegerLayer, NetworkOutput } from './integer-network.ts';
import { encodeMultipliers } from './multiplier.ts';
import type { SourceMap } from './source-map.ts';

/** One unit of an average is this part of a step of the map: rounding to it costs nothing beside the map's own. */
const AVERAGE_PART = 2 ** -8;

export function networkOutput(network: Pick<Network, 'input' | 'layers'>, scale: number): NetworkOutput {
  const { height, width, channels } = layerShapes(network).at(-1)!;
  return network.layers.at(-1)!.kind === 'gap'
    ? { kind: 'logits', channels, scale }
    : { kind: 'map', height, width, channels, scale };
}

/** Whether the map behind layer `index` leaves the chip, pooled or not: the user then needs one step for all. */
export function isOutputMap({ layers }: Network, index: number): boolean {
  return layers.slice(index + 1).every(({ kind }) => kind === 'maxpool' || kind === 'gmp');
}

/**
 * The mean over the pixels of each channel of a map, in units of `averageScale`. The map's steps differ from
 * channel to channel, those of the means do not; 1/P is part of m and s.
 *
 * @param pixels P, of the map.
 */
export function quantizeAverage(
  name: string,
  { steps, scale }: SourceMap,
  pixels: number,
): { readonly layer: IntegerLayer; readonly averageScale: number } {
  const averageScale = scale * AVERAGE_PART;
  const factors = steps.map((step) => step / (pixels * averageScale));
  const layer = { kind: 'average', name, channels: steps.length, ...encodeMultipliers(factors) } as const;
  return { layer, averageScale };
}
