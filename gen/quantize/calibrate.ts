/** Calibration: images through the float network → what quantizing needs to know of its activations. */
import { activationNotFinite, noCalibrationImages } from '../diagnostics/quantize.ts';
import { networkHash } from '../graph/hash.ts';
import type { Network } from '../graph/network.ts';
import {
  type Calibration,
  type ChannelStatistics,
  mapWriters,
  RANGE_METHODS,
  type RangeMethod,
} from './calibration.ts';
import { ChannelHistograms, type Histogram } from './histogram.ts';
import type { IntegerNetwork } from './integer-network.ts';
import { quantize } from './quantize.ts';
import { channelRange } from './ranges.ts';

/**
 * Runs the float network on an image (height × width × 3, uint8, RGB). Gives, under the name of each
 * convolution that writes a map, its output after ReLU and a directly following max-pool (of an expand: its
 * half of the concatenation), in real units, channels last. Implemented by the float witness.
 */
export type FloatRunner = (image: Uint8Array) => Promise<ReadonlyMap<string, Float32Array>>;

/** How well an integer network does on the calibration images, higher is better: SQNR of the results in dB. */
export type Evaluator = (network: IntegerNetwork) => Promise<number>;

/** Histograms of each channel of each map, gathered once for all range methods. */
export interface ActivationStatistics {
  readonly images: number;
  readonly layers: ReadonlyMap<string, WriterHistograms>;
}

/** Of what a map's writer gave over 0 and, where it may be negative, of how far it went below. */
export interface WriterHistograms {
  readonly high: ChannelHistograms;
  readonly low?: ChannelHistograms;
}

/** Significant digits of a calibration's numbers: far more than 8-bit steps need, and short files. */
const DIGITS = 5;

export type Images = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * Streams images through the float network; none is kept.
 *
 * @throws FireforgeError FF306 without images, FF307 if an activation is not finite.
 */
export async function collectStatistics(
  network: Network,
  images: Images,
  runFloat: FloatRunner,
): Promise<ActivationStatistics> {
  const layers = new Map(
    mapWriters(network).map(({ name, outChannels, signed }): [string, WriterHistograms] => {
      const high = new ChannelHistograms(outChannels);
      return [name, { high, ...(signed && { low: new ChannelHistograms(outChannels) }) }];
    }),
  );
  let count = 0;
  for await (const image of images) {
    const activations = await runFloat(image);
    for (const [name, { high, low }] of layers) {
      const values = activations.get(name)!;
      if (!high.add(values)) throw activationNotFinite(name);
      low?.add(values.map((value) => -value));
    }
    count++;
  }
  if (count === 0) throw noCalibrationImages(network.name);
  return { images: count, layers };
}

/** The ranges by one method, rounded as the file keeps them, so that a saved calibration gives the same bits. */
export function chooseRanges(
  network: Network,
  statistics: ActivationStatistics,
  method: RangeMethod,
): Calibration {
  const rounded = (value: number) => Number(value.toPrecision(DIGITS));
  const ranges = (histograms: readonly Histogram[]) =>
    histograms.map((histogram) => rounded(channelRange(histogram, method)));
  const layers = [...statistics.layers].map(([name, layer]): [string, ChannelStatistics] => {
    const high = layer.high.all();
    const low = layer.low?.all();
    const mean = high.map((histogram, c) => rounded(histogram.mean - (low?.[c].mean ?? 0)));
    return [name, { range: ranges(high), mean, ...(low && { low: ranges(low) }) }];
  });
  return {
    networkName: network.name,
    networkHash: networkHash(network),
    method,
    images: statistics.images,
    layers: Object.fromEntries(layers),
  };
}

/** Statistics and ranges in one. */
export async function collectRanges(
  network: Network,
  images: Images,
  method: RangeMethod,
  runFloat: FloatRunner,
): Promise<Calibration> {
  return chooseRanges(network, await collectStatistics(network, images, runFloat), method);
}

export interface Trial {
  readonly calibration: Calibration;
  /** What the evaluator said of it. */
  readonly score: number;
}

/** Quantizes by every range method and rates each; the best first, of equals in the order of RANGE_METHODS. */
export async function compareMethods(
  network: Network,
  statistics: ActivationStatistics,
  evaluate: Evaluator,
): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (const method of RANGE_METHODS) {
    const calibration = chooseRanges(network, statistics, method);
    trials.push({ calibration, score: await evaluate(quantize(network, calibration)) });
  }
  return trials.sort((a, b) => b.score - a.score);
}
