/** The float network and its calibration → the integer network. Neither board nor lanes take part. */
import { signedActivation, unquantizedLayer } from '../diagnostics/quantize.ts';
import {
  additionName,
  type ConvLayer,
  type Convolution,
  expands,
  type FireLayer,
  type Network,
} from '../graph/network.ts';
import { layerShapes } from '../graph/shapes.ts';
import type { Calibration } from './calibration.ts';
import { equalizedSteps } from './equalize.ts';
import type { IntegerLayer, IntegerNetwork } from './integer-network.ts';
import { quantizeBypassedFire, quantizeClassifier, quantizeFire, requantizedConvolution } from './layers.ts';
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
  const shapes = layerShapes(network);
  const report = new ReportBuilder();
  const layers: IntegerLayer[] = [];
  let input = imageSource(network.input, network.preprocess);
  for (const [index, layer] of network.layers.entries()) {
    if (layer.kind === 'maxpool') {
      layers.push(layer);
      continue;
    }
    if (layer.kind === 'gap') throw unquantizedLayer(layer.name, 'no convolution stands directly before it');
    const next = network.layers[index + 1];
    if (layer.kind === 'conv' && next?.kind === 'gap') {
      const { height, width } = shapes[index];
      const { logitScale, ...classifier } = quantizeClassifier(
        layer.conv,
        next,
        input,
        height * width,
        report,
      );
      requireLast(network, index + 1);
      return {
        name: network.name,
        input: network.input,
        layers: [...layers, classifier],
        logitScale,
        source: network,
        report,
      };
    }
    const output = targetMap(writersOf(layer), calibration);
    if (layer.kind === 'conv') {
      requireUnsigned(layer.conv);
      const conv = requantizedConvolution(layer.conv, { input, output }, report);
      layers.push({ kind: 'conv', name: layer.name, conv });
    } else {
      requireFire(layer);
      const waist = targetMap([layer.squeeze.name], calibration);
      layers.push(
        layer.bypass.kind === 'none'
          ? quantizeFire(layer, { input, output }, waist, report)
          : quantizeBypassedFire(layer, { input, output }, waist, calibration, report),
      );
    }
    input = output;
  }
  throw unquantizedLayer(network.name, 'no classifier with a global average pool behind it');
}

/** What writes the map behind a layer, by name: convolutions side by side, or the addition of a bypass. */
function writersOf(layer: ConvLayer | FireLayer): string[] {
  if (layer.kind === 'conv') return [layer.conv.name];
  return layer.bypass.kind === 'none' ? expands(layer).map(({ name }) => name) : [additionName(layer.name)];
}

/** The map that writers side by side fill. They share its scale, so concatenation costs nothing. */
function targetMap(writers: readonly string[], { layers }: Calibration): SourceMap {
  const statistics = writers.map((name) => layers[name]);
  const ranges = statistics.flatMap(({ range }) => range);
  const means = statistics.flatMap(({ mean }) => mean);
  return featureSource(equalizedSteps(ranges), means);
}

function requireUnsigned(conv: Convolution): void {
  if (!conv.relu) throw signedActivation(conv.name);
}

function requireFire({ squeeze, expand1x1, expand3x3, bypass }: FireLayer): void {
  requireUnsigned(squeeze);
  if (bypass.kind === 'none') for (const expand of [expand1x1, expand3x3]) requireUnsigned(expand);
}

function requireLast({ layers }: Network, index: number): void {
  const follower = layers[index + 1];
  if (follower) throw unquantizedLayer(follower.name, 'it stands behind the global average pool');
}
