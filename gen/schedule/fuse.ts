/** Groups the layers of the integer network into fused stages, and names what does not map. */
import { unmappedLayer } from '../diagnostics/schedule.ts';
import { expands, type MaxPoolLayer, type Padding } from '../graph/network.ts';
import { convLength, poolLength } from '../graph/shapes.ts';
import type { IntegerConvolution, IntegerLayer, IntegerNetwork } from '../quantize/integer-network.ts';
import type { PoolShape } from './nest.ts';

export interface FusedStage {
  readonly name: string;
  /** One convolution, or expand 1x1 and expand 3x3. */
  readonly convs: readonly IntegerConvolution[];
  /** Output of the convolutions, before pooling. */
  readonly width: number;
  readonly height: number;
  readonly pool?: PoolShape;
  readonly squeeze?: IntegerConvolution;
  readonly globalPool?: { readonly relu: boolean; readonly classes: number };
}

const isPadded = (p: Padding, by: number) => [p.top, p.left, p.bottom, p.right].every((side) => side === by);

/** Stages in order. Throws FF501 naming the first layer that the engine cannot run. */
export function fuseStages(network: IntegerNetwork): FusedStage[] {
  const layers = [...network.layers];
  const stages: FusedStage[] = [];
  let { width, height } = network.input;
  while (layers.length > 0) {
    const layer = layers.shift()!;
    if (stages.length === 0) {
      if (layer.kind !== 'conv') throw unmapped(layer, 'the first layer must be a convolution');
      const { kernel, stride, padding } = layer.conv;
      if (stride > 2 || ![1, 3, 5, 7].includes(kernel))
        throw unmapped(layer, `a ${kernel}x${kernel} kernel with stride ${stride}`);
      if (Object.values(padding).some((pixels) => pixels >= kernel))
        throw unmapped(layer, `a ${kernel}x${kernel} kernel with windows that lie in the padding alone`);
      width = convLength(width, kernel, stride, padding.left, padding.right);
      height = convLength(height, kernel, stride, padding.top, padding.bottom);
    } else if (layer.kind === 'conv' || layer.kind === 'maxpool') {
      throw unmapped(layer, `a ${layer.kind === 'conv' ? 'plain convolution' : 'pool'} at this place`);
    }
    if (layer.kind === 'classifier') {
      checkPointwise(layer.conv);
      stages.push({
        name: layer.conv.name,
        convs: [layer.conv],
        width,
        height,
        globalPool: { relu: layer.relu, classes: layer.conv.outChannels },
      });
      if (layers.length > 0) throw unmapped(layers[0], 'a layer behind the classifier');
      return stages;
    }
    const convs = expandConvolutions(layer);
    const pool =
      layers[0]?.kind === 'maxpool' ? poolOf(layers.shift() as MaxPoolLayer, width, height) : undefined;
    const next = layers[0];
    const squeeze = next?.kind === 'fire' ? next.squeeze : undefined;
    if (squeeze) checkPointwise(squeeze);
    stages.push({
      name: [layer.name, ...(pool ? ['pool'] : []), ...(squeeze ? [squeeze.name] : [])].join(' + '),
      convs,
      width,
      height,
      ...(pool && { pool }),
      ...(squeeze && { squeeze }),
    });
    if (pool) ({ width, height } = pool);
  }
  throw unmappedLayer(
    network.name,
    'the network ends without a classifier',
    'end it with a 1x1 convolution and a global average pool',
  );
}

function expandConvolutions(layer: IntegerLayer): IntegerConvolution[] {
  if (layer.kind === 'conv') return [layer.conv];
  if (layer.kind !== 'fire') throw unmapped(layer, 'a layer of this kind at this place');
  if (layer.bypass.kind !== 'none') throw unmapped(layer, `a ${layer.bypass.kind} bypass`);
  checkPointwise(layer.expand1x1);
  const e3 = layer.expand3x3;
  if (e3.kernel !== 3 || e3.stride !== 1 || !isPadded(e3.padding, 1)) {
    throw unmappedLayer(
      e3.name,
      'is not a 3x3 convolution with stride 1 and padding 1',
      "only such expands keep the map's size",
    );
  }
  return expands(layer);
}

function checkPointwise(conv: IntegerConvolution): void {
  if (conv.kernel === 1 && conv.stride === 1 && isPadded(conv.padding, 0)) return;
  throw unmappedLayer(
    conv.name,
    'is not a 1x1 convolution with stride 1 and no padding',
    'squeeze, expand 1x1 and classifier layers must be',
  );
}

function poolOf(layer: MaxPoolLayer, width: number, height: number): PoolShape {
  if (layer.stride !== 2 || (layer.kernel !== 2 && layer.kernel !== 3) || !isPadded(layer.padding, 0)) {
    throw unmapped(layer, `a ${layer.kernel}x${layer.kernel} pool with stride ${layer.stride} or padding`);
  }
  const pooledWidth = poolLength(width, layer, 0, 0);
  const pooledHeight = poolLength(height, layer, 0, 0);
  if (Math.min(pooledWidth, pooledHeight) < 1)
    throw unmapped(layer, `a ${layer.kernel}x${layer.kernel} pool over ${width} x ${height} pixels`);
  const reach = (outputs: number) => 2 * (outputs - 1) + layer.kernel;
  return {
    kernel: layer.kernel,
    width: pooledWidth,
    height: pooledHeight,
    partialColumn: reach(pooledWidth) > width,
    partialRow: reach(pooledHeight) > height,
  };
}

function unmapped(layer: IntegerLayer, what: string) {
  return unmappedLayer(
    layer.name,
    `the engine does not run ${what}`,
    'see docs/reference/networks.md for what maps',
  );
}
