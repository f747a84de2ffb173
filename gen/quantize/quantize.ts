/** The float network and its calibration → the integer network. Neither board nor lanes take part. */
import { signedActivation, unquantizedLayer } from '../diagnostics/quantize.ts';
import {
  additionName,
  type ConvLayer,
  type Convolution,
  expands,
  type FireLayer,
  type GlobalAveragePoolLayer,
  isClassifier,
  type Network,
} from '../graph/network.ts';
import { layerShapes } from '../graph/shapes.ts';
import type { Calibration } from './calibration.ts';
import { equalizedSteps, uniformSteps } from './equalize.ts';
import type { IntegerLayer, IntegerNetwork } from './integer-network.ts';
import {
  type Maps,
  quantizeBypassedFire,
  quantizeClassifier,
  quantizeFire,
  requantizedConvolution,
} from './layers.ts';
import { isOutputMap, networkOutput, quantizeAverage } from './output.ts';
import { type QuantizationReport, ReportBuilder } from './report.ts';
import { featureSource, imageSource, type SourceMap } from './source-map.ts';

export interface QuantizedNetwork extends IntegerNetwork {
  readonly report: QuantizationReport;
}

/**
 * Quantizes by the numeric contract (docs/reference/numerics.md): layer by layer in the order of the data,
 * each convolution against the map that it reads and the steps of the map that it writes.
 *
 * @param calibration of this network, as `loadCalibration` or `calibrate` gives it.
 * @throws FireforgeError FF310 to FF312 for a network that the contract does not cover.
 */
export function quantize(network: Network, calibration: Calibration): QuantizedNetwork {
  requireEnd(network);
  const shapes = layerShapes(network);
  const report = new ReportBuilder();
  const layers: IntegerLayer[] = [];
  let input = imageSource(network.input, network.preprocess);
  /** Real value of one step of what the last layer gives. */
  let scale = input.scale;
  for (const [index, layer] of network.layers.entries()) {
    const pixels = (of: number) => shapes[of].height * shapes[of].width;
    if (layer.kind === 'maxpool' || layer.kind === 'gmp') layers.push(layer);
    else if (layer.kind === 'gap') {
      if (isClassifier(network.layers, index - 1)) continue;
      const { layer: average, averageScale } = quantizeAverage(layer.name, input, pixels(index - 1));
      layers.push(average);
      scale = averageScale;
    } else if (layer.kind === 'conv' && isClassifier(network.layers, index)) {
      const gap = network.layers[index + 1] as GlobalAveragePoolLayer;
      const { logitScale, ...classifier } = quantizeClassifier(layer.conv, gap, input, pixels(index), report);
      layers.push(classifier);
      scale = logitScale;
    } else {
      const output = targetMap(writersOf(layer), calibration, isOutputMap(network, index));
      layers.push(quantizeMapLayer(layer, { input, output }, calibration, report));
      input = output;
      scale = output.scale;
    }
  }
  const output = networkOutput(network, scale);
  return { name: network.name, input: network.input, layers, output, source: network, report };
}

/** A convolution or a Fire module, which read a map and write one. */
function quantizeMapLayer(
  layer: ConvLayer | FireLayer,
  maps: Maps,
  calibration: Calibration,
  report: ReportBuilder,
): IntegerLayer {
  if (layer.kind === 'conv') {
    requireUnsigned(layer.conv);
    return { kind: 'conv', name: layer.name, conv: requantizedConvolution(layer.conv, maps, report) };
  }
  requireFire(layer);
  const waist = targetMap([layer.squeeze.name], calibration, false);
  return layer.bypass.kind === 'none'
    ? quantizeFire(layer, maps, waist, report)
    : quantizeBypassedFire(layer, maps, waist, calibration, report);
}

/** What writes the map behind a layer, by name: convolutions side by side, or the addition of a bypass. */
function writersOf(layer: ConvLayer | FireLayer): string[] {
  if (layer.kind === 'conv') return [layer.conv.name];
  return layer.bypass.kind === 'none' ? expands(layer).map(({ name }) => name) : [additionName(layer.name)];
}

/** The map that writers side by side fill. They share its scale, so concatenation costs nothing. */
function targetMap(writers: readonly string[], { layers }: Calibration, uniform: boolean): SourceMap {
  const statistics = writers.map((name) => layers[name]);
  const ranges = statistics.flatMap(({ range }) => range);
  const means = statistics.flatMap(({ mean }) => mean);
  return featureSource(uniform ? uniformSteps(ranges) : equalizedSteps(ranges), means);
}

function requireUnsigned(conv: Convolution): void {
  if (!conv.relu) throw signedActivation(conv.name);
}

function requireFire({ squeeze, expand1x1, expand3x3, bypass }: FireLayer): void {
  requireUnsigned(squeeze);
  if (bypass.kind === 'none') for (const expand of [expand1x1, expand3x3]) requireUnsigned(expand);
}

/** A network begins with a convolution, and nothing stands behind a global pool. */
function requireEnd({ name, layers }: Network): void {
  if (layers.length === 0) throw unquantizedLayer(name, 'it has no layers');
  if (layers[0].kind !== 'conv') throw unquantizedLayer(layers[0].name, 'no convolution stands before it');
  const pool = layers.findIndex(({ kind }) => kind === 'gap' || kind === 'gmp');
  if (pool < 0 || pool === layers.length - 1) return;
  const kind = layers[pool].kind === 'gap' ? 'average' : 'max';
  throw unquantizedLayer(layers[pool + 1].name, `it stands behind the global ${kind} pool`);
}
