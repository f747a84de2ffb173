/** One convolution into integers: weights with the source's steps inside, bias, and the proof that both fit. */
import type { Convolution } from '../graph/network.ts';
import { ACCUMULATOR_MAX, ACTIVATION_MAX, WEIGHT_MAX } from './numerics.ts';
import { accumulatorExcess, fitsAccumulator, type SumBounds, sumBounds } from './proof.ts';
import { roundFilter, type TapGroups } from './rounding.ts';
import type { SourceMap } from './source-map.ts';

/** Integers of a convolution up to its accumulators; `scales` are the real values of an accumulator's step. */
export interface Accumulation {
  readonly weight: Int8Array;
  readonly bias: Int32Array;
  readonly scales: Float64Array;
  readonly bounds: readonly SumBounds[];
  /** Output channels whose scale is larger than their weights ask for, so that the sums fit. */
  readonly enlarged: readonly number[];
}

interface Channel {
  readonly weight: Int8Array;
  readonly bias: number;
  readonly scale: number;
}

/** Beyond what the proof asks for, so that rounding does not undo the fit. */
const FIT_MARGIN = 1 + 2 ** -10;

export function quantizeAccumulation(conv: Convolution, source: SourceMap): Accumulation {
  const { inChannels, outChannels, kernel } = conv;
  const taps = kernel ** 2;
  const size = inChannels * taps;
  const groups = source.groups(size, kernel);
  const weight = new Int8Array(outChannels * size);
  const bias = new Int32Array(outChannels);
  const scales = new Float64Array(outChannels);
  const bounds: SumBounds[] = [];
  const enlarged: number[] = [];
  for (let o = 0; o < outChannels; o++) {
    const filter = filterOverSteps(conv, o, source);
    const ideal = largestMagnitude(filter) / WEIGHT_MAX;
    const channel = fitChannel(filter, conv.bias[o], ideal, source, groups);
    weight.set(channel.weight, o * size);
    bias[o] = channel.bias;
    scales[o] = channel.scale;
    bounds.push(sumBounds(channel.weight, channel.bias));
    if (channel.scale !== ideal) enlarged.push(o);
  }
  return { weight, bias, scales, bounds, enlarged };
}

/** The filter of one output channel against raw steps: in the source's channel order, its steps multiplied in. */
function filterOverSteps(conv: Convolution, o: number, { order, steps }: SourceMap): Float64Array {
  const taps = conv.kernel ** 2;
  const filter = new Float64Array(conv.inChannels * taps);
  for (let i = 0; i < conv.inChannels; i++) {
    const from = (o * conv.inChannels + i) * taps;
    const to = order[i] * taps;
    for (let t = 0; t < taps; t++) filter[to + t] = conv.weight[from + t] * steps[order[i]];
  }
  return filter;
}

/**
 * Starts from the scale that lets the largest weight be 127, floored so that the bias alone fits (a filter of
 * zeros has no scale of its own), and enlarges it until the proof holds.
 */
function fitChannel(
  filter: Float64Array,
  bias: number,
  ideal: number,
  source: SourceMap,
  groups: TapGroups,
): Channel {
  const floor = Math.abs(bias) / ACCUMULATOR_MAX;
  let scale = Math.max(ideal, floor) || source.scale / ACTIVATION_MAX;
  for (;;) {
    const weight = roundFilter(filter, scale, groups);
    const channel = { weight, bias: foldBias(filter, weight, bias, scale, source), scale };
    const bounds = sumBounds(weight, channel.bias);
    if (fitsAccumulator(bounds)) return channel;
    scale *= accumulatorExcess(bounds) * FIT_MARGIN;
    if (!Number.isFinite(scale)) throw new Error('internal error: a weight, a step or a bias is not finite');
  }
}

/**
 * The bias in accumulator steps. It takes in the source's offset (the image's mean) with the quantized
 * weights, and the mean error of the rounding: Σ (rounded - exact) · mean input, which would otherwise shift
 * the channel on every image.
 */
function foldBias(
  filter: Float64Array,
  weight: Int8Array,
  bias: number,
  scale: number,
  { offsets, means }: SourceMap,
): number {
  const taps = filter.length / means.length;
  let folded = bias / scale;
  for (let i = 0; i < filter.length; i++) {
    const channel = Math.floor(i / taps);
    const error = weight[i] - filter[i] / scale;
    folded -= weight[i] * offsets[channel] + error * (means[channel] - offsets[channel]);
  }
  return Math.round(folded);
}

function largestMagnitude(values: Float64Array): number {
  return values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}
