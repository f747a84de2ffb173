/** What calibration images tell of a network: all that quantizing needs beside the weights. */
import { additionName, type Convolution, expands, isClassifier, type Network } from '../graph/network.ts';

/** Ways to choose a channel's range: its largest activation, a percentile, or the least mean squared error. */
export const RANGE_METHODS = ['minmax', 'percentile', 'mse'] as const;
export type RangeMethod = (typeof RANGE_METHODS)[number];

/** Of one convolution's output, after ReLU and a directly following max-pool; real units, one per channel. */
export interface ChannelStatistics {
  /** Activations above it are clipped. */
  readonly range: readonly number[];
  readonly mean: readonly number[];
  /** Of what a bypass adds, where it may be negative: what is below -low is clipped. */
  readonly low?: readonly number[];
}

export interface Calibration {
  readonly networkName: string;
  /** `networkHash` of the network. */
  readonly networkHash: string;
  readonly method: RangeMethod;
  /** How many images it was measured on. */
  readonly images: number;
  /** Under the name of each convolution or addition that writes a feature map. */
  readonly layers: Readonly<Record<string, ChannelStatistics>>;
}

/** What writes a feature map or a term of an addition. */
export interface MapWriter {
  readonly name: string;
  readonly outChannels: number;
  /** Whether its values may be negative. */
  readonly signed: boolean;
}

/**
 * All of them in the order of the data: every convolution but the classifier, whose sums are scaled without a
 * range, and the additions of bypasses.
 */
export function mapWriters(network: Network): MapWriter[] {
  const writer = ({ name, outChannels }: Convolution, signed = false) => ({ name, outChannels, signed });
  return network.layers.flatMap((layer, index) => {
    if (layer.kind === 'conv') return isClassifier(network.layers, index) ? [] : [writer(layer.conv)];
    if (layer.kind !== 'fire') return [];
    const { name, squeeze, bypass } = layer;
    const own = expands(layer);
    if (bypass.kind === 'none') return [squeeze, ...own].map((conv) => writer(conv));
    const terms = bypass.kind === 'complex' ? [...own, bypass.conv] : own;
    const outChannels = own.reduce((sum, conv) => sum + conv.outChannels, 0);
    return [
      writer(squeeze),
      ...terms.map((conv) => writer(conv, !conv.relu)),
      { name: additionName(name), outChannels, signed: false },
    ];
  });
}
