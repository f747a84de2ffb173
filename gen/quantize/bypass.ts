/**
 * Bypasses in integers: a Fire module's output and what is added to it are two maps of uint8, terms, each with a
 * zero point where it may be negative, and the addition is a 1x1 convolution over both with one weight a term.
 */
import { type Convolution, NO_PADDING } from '../graph/network.ts';
import type { ChannelStatistics } from './calibration.ts';
import type { IntegerConvolution } from './integer-network.ts';
import { encodeMultipliers } from './multiplier.ts';
import { ACTIVATION_MAX, WEIGHT_MAX } from './numerics.ts';
import type { SourceMap } from './source-map.ts';

/** A map that is added. For channel c the real value is steps[c] · (stored - zeros[c]); means are of the stored. */
export interface TermMap {
  readonly steps: Float64Array;
  readonly zeros: Uint8Array;
  readonly means: Float64Array;
}

/**
 * The term that convolutions side by side write: each channel's own range, from its lowest value to its highest,
 * in 255 steps, with 0 on one of them.
 */
export function termMap(statistics: readonly ChannelStatistics[]): TermMap {
  const channels = statistics.flatMap(({ range, low, mean }) =>
    range.map((high, c) => ({ high, low: low?.[c] ?? 0, mean: mean[c] })),
  );
  const widest = channels.reduce((most, { high, low }) => Math.max(most, high + low), 0) || 1;
  const steps = Float64Array.from(channels, ({ high, low }) => (high + low || widest) / ACTIVATION_MAX);
  const zeros = Uint8Array.from(channels, ({ low }, c) => Math.round(low / steps[c]));
  const clamped = (value: number) => Math.max(0, Math.min(value, ACTIVATION_MAX));
  const means = Float64Array.from(channels, ({ mean }, c) => clamped(mean / steps[c] + zeros[c]));
  return { steps, zeros, means };
}

/** A map of the network as a term. */
export function unsignedTerm({ steps, means }: SourceMap): TermMap {
  return { steps, zeros: new Uint8Array(steps.length), means };
}

/** The channels of a term from `first` on. */
export function termSlice(term: TermMap, first: number, count: number): TermMap {
  return {
    steps: term.steps.slice(first, first + count),
    zeros: term.zeros.slice(first, first + count),
    means: term.means.slice(first, first + count),
  };
}

/** A convolution whose output 0 is stored as the term's zero point: what the zero point is worth goes into the bias. */
export function aboveZero(conv: Convolution, { steps, zeros }: TermMap): Convolution {
  return { ...conv, bias: conv.bias.map((bias, c) => bias + zeros[c] * steps[c]) };
}

/**
 * The addition `clamp(own + added)` as a convolution over the two terms. Per channel the coarser term's weight is
 * from 64 to 127, the one with which the finer's comes closest to a whole number; what that still lacks is
 * balanced in the bias for the mean.
 */
export function quantizeAddition(
  name: string,
  own: TermMap,
  added: TermMap,
  output: SourceMap,
): IntegerConvolution {
  const channels = output.steps.length;
  const weight = new Int8Array(channels * 2 * channels);
  const bias = new Int32Array(channels);
  const scales = new Float64Array(channels);
  const terms = [own, added];
  for (let c = 0; c < channels; c++) {
    const scale = additionScale(own.steps[c], added.steps[c]);
    let sum = 0;
    for (const [index, { steps, zeros, means }] of terms.entries()) {
      const ideal = steps[c] / scale;
      const rounded = Math.round(ideal);
      weight[c * 2 * channels + index * channels + c] = rounded;
      sum += rounded * zeros[c] + (rounded - ideal) * (means[c] - zeros[c]);
    }
    bias[c] = -Math.round(sum);
    scales[c] = scale;
  }
  return {
    ...{ name, inChannels: 2 * channels, outChannels: channels, kernel: 1, stride: 1, padding: NO_PADDING },
    diagonal: [0, channels],
    padValue: new Array<number>(2 * channels).fill(0),
    weight,
    bias,
    ...encodeMultipliers(scales.map((scale, c) => scale / output.steps[c])),
    weightScale: scales,
    inputScale: 1,
    outputScale: output.scale,
    outputChannelScale: output.steps,
  };
}

/** Real value of one step of the sum. */
function additionScale(first: number, second: number): number {
  const coarse = Math.max(first, second);
  const ratio = Math.min(first, second) / coarse;
  let best = { weight: WEIGHT_MAX, error: Number.POSITIVE_INFINITY };
  for (let weight = WEIGHT_MAX; weight > WEIGHT_MAX / 2; weight--) {
    const error = Math.abs(Math.round(weight * ratio) / weight - ratio);
    if (error < best.error) best = { weight, error };
  }
  return coarse / best.weight;
}
