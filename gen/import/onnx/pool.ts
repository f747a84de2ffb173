/** Pools: max-pools with exact edges, and the spellings of a mean over the whole map. */
import { onnxPatternUnsupported } from '../../diagnostics/model.ts';
import type { ImageShape, MaxPoolLayer } from '../../graph/network.ts';
import { layerShape } from '../../graph/shapes.ts';
import type { OnnxGraph } from './graph.ts';
import type { OnnxNode } from './node.ts';
import { readWindow } from './window.ts';

/**
 * A max-pool. Exporters without ceil mode wrote it as padding at the end; as cells outside the map take no
 * part in a maximum, the two are the same wherever they give the same number of windows.
 */
export function takeMaxPool(graph: OnnxGraph, node: OnnxNode, input: ImageShape, name: string): MaxPoolLayer {
  const window = readWindow(graph.file, node, input);
  const written: MaxPoolLayer = { kind: 'maxpool', name, ...window, ceil: node.int('ceil_mode', 0) === 1 };
  const { top, left, bottom, right } = window.padding;
  const trailing = bottom >= top && right >= left && (bottom > top || right > left);
  if (written.ceil || !trailing) return written;
  const padding = { top, left, bottom: top, right: left };
  const inCeilMode: MaxPoolLayer = { ...written, padding, ceil: true };
  const [a, b] = [written, inCeilMode].map((pool) => layerShape(input, pool));
  return a.height === b.height && a.width === b.width ? inCeilMode : written;
}

/** Operators that can be the mean over all pixels. */
export const AVERAGES = ['GlobalAveragePool', 'AveragePool', 'ReduceMean'];

/** Operators that are, or can be, the maximum over all pixels. */
export const GLOBAL_MAXIMA = ['GlobalMaxPool', 'ReduceMax'];

/** Refuses a global pool that is not over exactly the whole map. */
export function requireWholeMap(graph: OnnxGraph, node: OnnxNode, input: ImageShape): void {
  const refuse = (reason: string) => onnxPatternUnsupported(graph.file, node.label, reason);
  if (node.operator === 'AveragePool') {
    const { kernel, padding } = readWindow(graph.file, node, input);
    const padded = Object.values(padding).some((pixels) => pixels > 0);
    if (padded || kernel !== input.height || kernel !== input.width) {
      throw refuse(
        `it averages ${kernel}x${kernel} of the ${input.height}x${input.width} pixels, not all of them`,
      );
    }
  }
  if (node.operator === 'ReduceMean' || node.operator === 'ReduceMax') {
    const axes = graph.hasInput(node, 1) ? graph.integers(node, 1) : (node.ints('axes') ?? []);
    const positive = axes.map((axis) => (axis < 0 ? axis + 4 : axis)).sort();
    if (positive.join() !== '2,3')
      throw refuse(`it reduces the axes ${axes.join(',')}, not height and width`);
  }
}
