/** What calibration images tell of a network: all that quantizing needs beside the weights. */
import { type Convolution, expands, type Network } from '../graph/network.ts';

/** Ways to choose a channel's range: its largest activation, a percentile, or the least mean squared error. */
export const RANGE_METHODS = ['minmax', 'percentile', 'mse'] as const;
export type RangeMethod = (typeof RANGE_METHODS)[number];

/** Of one convolution's output, after ReLU and a directly following max-pool; real units, one per channel. */
export interface ChannelStatistics {
  /** Activations above it are clipped. */
  readonly range: readonly number[];
  readonly mean: readonly number[];
}

export interface Calibration {
  readonly networkName: string;
  /** `networkHash` of the network. */
  readonly networkHash: string;
  readonly method: RangeMethod;
  /** How many images it was measured on. */
  readonly images: number;
  /** Under the name of each convolution that writes a feature map. */
  readonly layers: Readonly<Record<string, ChannelStatistics>>;
}

/**
 * The convolutions whose outputs are feature maps, in the order of the data: all but the classifier, whose
 * sums are scaled without a range, and the bypasses, which are part of the expands' sums.
 */
export function mapConvolutions(network: Network): Convolution[] {
  return network.layers.flatMap((layer, index) => {
    if (layer.kind === 'conv') return network.layers[index + 1]?.kind === 'gap' ? [] : [layer.conv];
    return layer.kind === 'fire' ? [layer.squeeze, ...expands(layer)] : [];
  });
}
