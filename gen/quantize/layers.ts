/** The layers of the integer network, each from its float layer and the maps that it reads and writes. */
import type { Convolution, FireLayer, GlobalAveragePoolLayer } from '../graph/network.ts';
import { scaleLogits } from './classifier.ts';
import { type Accumulation, quantizeAccumulation } from './convolution.ts';
import type { IntegerBypass, IntegerConvolution, IntegerLayer } from './integer-network.ts';
import { encodeMultiplier, encodeMultipliers } from './multiplier.ts';
import { ACTIVATION_MAX } from './numerics.ts';
import type { ReportBuilder } from './report.ts';
import type { SourceMap } from './source-map.ts';

export interface Maps {
  readonly input: SourceMap;
  readonly output: SourceMap;
}

/** A convolution whose channels are those of the output map from `firstChannel` on. */
export function requantizedConvolution(
  conv: Convolution,
  { input, output }: Maps,
  report: ReportBuilder,
  firstChannel = 0,
): IntegerConvolution {
  const accumulation = quantizeAccumulation(conv, input);
  report.add(conv.name, accumulation);
  const steps = output.steps.slice(firstChannel, firstChannel + conv.outChannels);
  return {
    ...accumulatedConvolution(conv, accumulation, input),
    ...encodeMultipliers(accumulation.scales.map((scale, c) => scale / steps[c])),
    outputScale: output.scale,
    outputChannelScale: steps,
  };
}

export function quantizeFire(
  { name, squeeze, expand1x1, expand3x3, bypass }: FireLayer,
  { input, output }: Maps,
  waist: SourceMap,
  report: ReportBuilder,
): IntegerLayer {
  return {
    kind: 'fire',
    name,
    squeeze: requantizedConvolution(squeeze, { input, output: waist }, report),
    expand1x1: requantizedConvolution(expand1x1, { input: waist, output }, report),
    expand3x3: requantizedConvolution(expand3x3, { input: waist, output }, report, expand1x1.outChannels),
    bypass: quantizeBypass(bypass, { input, output }, report),
  };
}

function quantizeBypass(bypass: FireLayer['bypass'], maps: Maps, report: ReportBuilder): IntegerBypass {
  switch (bypass.kind) {
    case 'none':
      return bypass;
    case 'simple':
      return { kind: 'simple', ...encodeMultiplier(maps.input.scale / maps.output.scale) };
    case 'complex':
      return { kind: 'complex', conv: requantizedConvolution(bypass.conv, maps, report) };
  }
}

/** @param pixels of the classifier's output map. */
export function quantizeClassifier(
  conv: Convolution,
  gap: GlobalAveragePoolLayer,
  input: SourceMap,
  pixels: number,
  report: ReportBuilder,
): Extract<IntegerLayer, { kind: 'classifier' }> & { readonly logitScale: number } {
  const accumulation = quantizeAccumulation(conv, input);
  report.add(conv.name, accumulation);
  const { logitScale, m, s } = scaleLogits(accumulation, pixels);
  const integers = { ...accumulatedConvolution(conv, accumulation, input), m, s, outputScale: logitScale };
  return { kind: 'classifier', name: conv.name, conv: integers, relu: conv.relu, gap, logitScale };
}

/** All of an integer convolution up to its accumulators. */
function accumulatedConvolution(
  conv: Convolution,
  { weight, bias, scales }: Accumulation,
  { offsets, scale }: SourceMap,
): Omit<IntegerConvolution, 'm' | 's' | 'outputScale' | 'outputChannelScale'> {
  const { name, inChannels, outChannels, kernel, stride, padding } = conv;
  return {
    ...{ name, inChannels, outChannels, kernel, stride, padding, weight, bias },
    padValue: Array.from(offsets, (offset) => Math.max(0, Math.min(Math.round(offset), ACTIVATION_MAX))),
    weightScale: scales.map((accumulatorScale) => accumulatorScale / scale),
    inputScale: scale,
  };
}
