/** The layers of the integer network, each from its float layer and the maps that it reads and writes. */
import {
  additionName,
  type Convolution,
  expands,
  type FireLayer,
  type GlobalAveragePoolLayer,
} from '../graph/network.ts';
import { aboveZero, quantizeAddition, type TermMap, termMap, termSlice, unsignedTerm } from './bypass.ts';
import type { Calibration } from './calibration.ts';
import { scaleLogits } from './classifier.ts';
import { type Accumulation, quantizeAccumulation } from './convolution.ts';
import type { IntegerConvolution, IntegerLayer } from './integer-network.ts';
import { encodeMultipliers } from './multiplier.ts';
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

/** A Fire module without bypass. */
export function quantizeFire(
  { name, squeeze, expand1x1, expand3x3 }: FireLayer,
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
    bypass: { kind: 'none' },
  };
}

/** A Fire module with one: its expands write a term instead of a map. */
export function quantizeBypassedFire(
  fire: FireLayer,
  { input, output }: Maps,
  waist: SourceMap,
  calibration: Calibration,
  report: ReportBuilder,
): IntegerLayer {
  const { name, squeeze, expand1x1, expand3x3, bypass } = fire;
  const statisticsOf = (convs: readonly Convolution[]) => convs.map((conv) => calibration.layers[conv.name]);
  const own = termMap(statisticsOf(expands(fire)));
  const term = (conv: Convolution, source: SourceMap, all: TermMap, first: number) =>
    termConvolution(conv, source, termSlice(all, first, conv.outChannels), report);
  const integers = {
    kind: 'fire',
    name,
    squeeze: requantizedConvolution(squeeze, { input, output: waist }, report),
    expand1x1: term(expand1x1, waist, own, 0),
    expand3x3: term(expand3x3, waist, own, expand1x1.outChannels),
  } as const;
  const add = (added: TermMap) => quantizeAddition(additionName(name), own, added, output);
  if (bypass.kind !== 'complex') {
    return { ...integers, bypass: { kind: 'simple', add: add(unsignedTerm(input)) } };
  }
  const added = termMap(statisticsOf([bypass.conv]));
  const conv = term(bypass.conv, input, added, 0);
  return { ...integers, bypass: { kind: 'complex', conv, add: add(added) } };
}

/** A convolution that writes (its part of) a term. */
function termConvolution(
  conv: Convolution,
  input: SourceMap,
  term: TermMap,
  report: ReportBuilder,
): IntegerConvolution {
  const accumulation = quantizeAccumulation(aboveZero(conv, term), input);
  report.add(conv.name, accumulation);
  return {
    ...accumulatedConvolution(conv, accumulation, input),
    ...encodeMultipliers(accumulation.scales.map((scale, c) => scale / term.steps[c])),
    outputScale: term.steps.reduce((most, step) => Math.max(most, step), 0),
    outputChannelScale: term.steps,
    zeroPoint: term.zeros,
  };
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
