/** Groups the layers of the integer network into fused stages, and names what does not map. */
import { unmappedLayer } from '../diagnostics/schedule.ts';
import { expands, type MaxPoolLayer, NO_PADDING, type Padding } from '../graph/network.ts';
import { convLength, poolLength } from '../graph/shapes.ts';
import type { IntegerConvolution, IntegerLayer, IntegerNetwork } from '../quantize/integer-network.ts';
import type { PoolShape } from './nest.ts';

/** A feature map that stages write and read. */
export interface FusedMap {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

/** Channels of a convolution that are computed and laid out by themselves. */
export interface Slice {
  readonly conv: IntegerConvolution;
  readonly firstChannel: number;
  readonly channels: number;
  /** Slices side by side take turns tile by tile, in this order. */
  readonly turn: number;
}

export interface FusedStage {
  readonly name: string;
  /** What the slices read: nothing is the image, two maps are the terms of an addition. */
  readonly sources: readonly FusedMap[];
  /** In the order of the concatenated channels. */
  readonly slices: readonly Slice[];
  /** Output of the slices, before pooling. */
  readonly width: number;
  readonly height: number;
  /** Pixels behind the map that a padded classifier sums too; they read 0. */
  readonly border: number;
  readonly pool?: PoolShape;
  readonly squeeze?: IntegerConvolution;
  readonly globalPool?: { readonly relu: boolean; readonly classes: number };
  /** The concatenated, pooled map; absent with a global pool. */
  readonly wide?: FusedMap;
  /** What the squeeze writes. */
  readonly out?: FusedMap;
}

type IntegerFire = Extract<IntegerLayer, { kind: 'fire' }>;

const isPadded = (p: Padding, by: number) => [p.top, p.left, p.bottom, p.right].every((side) => side === by);

/**
 * Stages in order; the last has a global pool, or writes the map that is the network's output. Throws FF501 naming
 * the first layer that the engine cannot run.
 */
export function fuseStages(network: IntegerNetwork): FusedStage[] {
  return new Fuser(network).fuse();
}

class Fuser {
  private readonly layers: IntegerLayer[];
  private readonly stages: FusedStage[] = [];
  private readonly input: { readonly width: number; readonly height: number };

  constructor(network: IntegerNetwork) {
    this.layers = [...network.layers];
    this.input = network.input;
  }

  fuse(): FusedStage[] {
    for (let layer = this.layers.shift(); layer; layer = this.layers.shift()) {
      if (this.stages.length === 0) this.first(layer);
      else if (this.stages.at(-1)?.globalPool) throw unmapped(layer, 'a layer behind the last one');
      else if (layer.kind === 'fire') this.fire(layer);
      else if (layer.kind === 'classifier') this.classifier(layer);
      else if (layer.kind === 'average') this.average(layer);
      else if (layer.kind === 'maxpool') this.copy(layer);
      else if (layer.kind === 'gmp') this.globalMaximum(layer);
      else this.plain(layer.conv);
    }
    return this.stages;
  }

  private first(layer: IntegerLayer): void {
    if (layer.kind !== 'conv') throw unmapped(layer, 'the first layer must be a convolution');
    const { kernel, stride, padding } = layer.conv;
    if (stride > 2 || ![1, 3, 5, 7].includes(kernel))
      throw unmapped(layer, `a ${kernel}x${kernel} kernel with stride ${stride}`);
    if (Object.values(padding).some((pixels) => pixels >= kernel))
      throw unmapped(layer, `a ${kernel}x${kernel} kernel with windows that lie in the padding alone`);
    const width = convLength(this.input.width, kernel, stride, padding.left, padding.right);
    const height = convLength(this.input.height, kernel, stride, padding.top, padding.bottom);
    this.stage(layer.name, [], wholly([layer.conv]), { width, height });
  }

  /** Its expands read what the stage before has squeezed. */
  private fire(fire: IntegerFire): void {
    const { expand1x1, expand3x3, bypass } = fire;
    checkPointwise(expand1x1);
    checkExpand(expand3x3);
    const before = this.stages[this.stages.length - 1];
    const own = expands(fire);
    const squeezed = before.out!;
    if (bypass.kind === 'none') {
      this.stage(fire.name, [squeezed], wholly(own), squeezed);
      return;
    }
    const term = this.term(`${fire.name} (term)`, squeezed, wholly(own));
    let added = before.wide!;
    if (bypass.kind === 'complex') {
      checkPointwise(bypass.conv);
      added = this.term(bypass.conv.name, added, likeExpands(bypass.conv, own));
    }
    this.stage(bypass.add.name, [term, added], likeExpands(bypass.add, own), term);
  }

  private classifier({ conv, relu }: Extract<IntegerLayer, { kind: 'classifier' }>): void {
    const source = this.stages[this.stages.length - 1].wide!;
    const [{ top: pad }] = [conv.padding];
    if (conv.kernel !== 1 || conv.stride !== 1 || !isPadded(conv.padding, pad)) checkPointwise(conv);
    const { width, height } = source;
    this.stages.push({
      name: conv.name,
      sources: [source],
      slices: wholly([conv]),
      ...{ width, height },
      border: (width + 2 * pad) * (height + 2 * pad) - width * height,
      globalPool: { relu, classes: conv.outChannels },
    });
  }

  /** The mean of a map's own channels: its sums, as if by a classifier that changes nothing. */
  private average({ name, channels, m, s }: Extract<IntegerLayer, { kind: 'average' }>): void {
    const source = this.stages[this.stages.length - 1].wide!;
    this.stages.push({
      ...{ name, sources: [source], slices: wholly([{ ...identity(name, channels), m, s }]) },
      ...{ width: source.width, height: source.height, border: 0 },
      globalPool: { relu: false, classes: channels },
    });
  }

  /** Pools of 2x2 until one pixel is left. */
  private globalMaximum({ name }: Extract<IntegerLayer, { kind: 'gmp' }>): void {
    let { wide, slices } = this.stages[this.stages.length - 1];
    const channels = slices.reduce((sum, slice) => sum + slice.channels, 0);
    for (let step = 1; wide!.width > 1 || wide!.height > 1; step++) {
      const pool = poolOf(HALVING, wide!.width, wide!.height);
      const { width, height } = pool;
      const label = `${name} (step ${step})`;
      const next = { name: label, width, height };
      this.stages.push({
        ...{ name: label, sources: [wide!], slices: wholly([identity(label, channels)]), pool },
        ...{ width: wide!.width, height: wide!.height, border: 0, wide: next },
      });
      wide = next;
    }
  }

  /** A convolution between Fire modules. */
  private plain(conv: IntegerConvolution): void {
    const source = this.stages[this.stages.length - 1].wide!;
    if (conv.kernel === 3) checkExpand(conv);
    else checkPointwise(conv);
    this.stage(conv.name, [source], wholly([conv]), source);
  }

  /** A pool that has no convolution of its own: the map is copied through the array. */
  private copy(pool: MaxPoolLayer): void {
    const before = this.stages[this.stages.length - 1];
    const source = before.wide!;
    this.layers.unshift(pool);
    this.stage(`${pool.name} (copy)`, [source], copies(before.slices), source);
  }

  /** A whole map that only an addition reads. */
  private term(name: string, source: FusedMap, slices: readonly Slice[]): FusedMap {
    const { width, height } = source;
    const wide = { name, width, height };
    this.stages.push({ name, sources: [source], slices, width, height, border: 0, wide });
    return wide;
  }

  /** A stage and what of the layers behind it belongs to it: a max-pool, and the squeeze of the next Fire module. */
  private stage(
    name: string,
    sources: readonly FusedMap[],
    slices: readonly Slice[],
    { width, height }: { readonly width: number; readonly height: number },
  ): void {
    const pool =
      this.layers[0]?.kind === 'maxpool'
        ? poolOf(this.layers.shift() as MaxPoolLayer, width, height)
        : undefined;
    const next = this.layers[0];
    const squeeze = next?.kind === 'fire' ? next.squeeze : undefined;
    if (squeeze) checkPointwise(squeeze);
    const side = pool ? { width: pool.width, height: pool.height } : { width, height };
    this.stages.push({
      name: [name, ...(pool ? ['pool'] : []), ...(squeeze ? [squeeze.name] : [])].join(' + '),
      ...{ sources, slices, width, height },
      border: 0,
      ...(pool && { pool }),
      ...(squeeze && { squeeze, out: { name: `${squeeze.name} (output)`, ...side } }),
      wide: { name: `${name} (concatenated)`, ...side },
    });
  }
}

/** Every window of it has a pixel, whatever the size of the map. */
const HALVING: MaxPoolLayer = {
  ...{ kind: 'maxpool', name: 'halving', kernel: 2, stride: 2, ceil: true },
  padding: NO_PADDING,
};

/** Convolutions side by side; 3x3 ones begin, see layPasses. */
export function wholly(convs: readonly IntegerConvolution[]): Slice[] {
  return convs.map((conv) => ({
    ...{ conv, firstChannel: 0, channels: conv.outChannels },
    turn: -conv.kernel,
  }));
}

/** A convolution in the parts that the expands have, so that channels lie as theirs do. */
function likeExpands(conv: IntegerConvolution, own: readonly IntegerConvolution[]): Slice[] {
  let firstChannel = 0;
  return own.map(({ outChannels, kernel }) => {
    const slice = { conv, firstChannel, channels: outChannels, turn: -kernel };
    firstChannel += outChannels;
    return slice;
  });
}

/** Slices that copy a map to one laid out as the slices that wrote it, under their convolutions' names. */
export function copies(slices: readonly Slice[]): Slice[] {
  const inChannels = slices.reduce((sum, { channels }) => sum + channels, 0);
  let offset = 0;
  return slices.map(({ conv, firstChannel, channels, turn }) => {
    const copy = copyOf(conv, inChannels, offset - firstChannel, firstChannel, channels);
    offset += channels;
    return { conv: copy, firstChannel, channels, turn };
  });
}

/** A convolution that changes nothing. */
export function identity(name: string, channels: number): IntegerConvolution {
  return copyOf({ name, outChannels: channels, outputScale: 1 }, channels, 0, 0, channels);
}

/** y = (2x + 1) >> 1 = x: output channel c is input channel c + offset. */
function copyOf(
  {
    name,
    outChannels,
    outputScale,
    outputChannelScale,
  }: Pick<IntegerConvolution, 'name' | 'outChannels' | 'outputScale' | 'outputChannelScale'>,
  inChannels: number,
  offset: number,
  first: number,
  channels: number,
): IntegerConvolution {
  const weight = new Int8Array(outChannels * inChannels);
  for (let c = first; c < first + channels; c++) weight[c * inChannels + c + offset] = 1;
  return {
    ...{ name, inChannels, outChannels, kernel: 1, stride: 1, padding: NO_PADDING, weight },
    diagonal: [offset],
    padValue: new Array<number>(inChannels).fill(0),
    bias: new Int32Array(outChannels),
    m: new Uint16Array(outChannels).fill(2),
    s: new Uint8Array(outChannels).fill(1),
    weightScale: new Float64Array(outChannels).fill(1),
    ...{ inputScale: outputScale, outputScale },
    ...(outputChannelScale && { outputChannelScale }),
  };
}

function checkExpand(conv: IntegerConvolution): void {
  if (conv.kernel === 3 && conv.stride === 1 && isPadded(conv.padding, 1)) return;
  throw unmappedLayer(
    conv.name,
    'is not a 3x3 convolution with stride 1 and padding 1',
    "only such expands keep the map's size",
  );
}

function checkPointwise(conv: IntegerConvolution): void {
  if (conv.kernel === 1 && conv.stride === 1 && isPadded(conv.padding, 0)) return;
  throw unmappedLayer(
    conv.name,
    'is not a 1x1 convolution with stride 1 and no padding',
    'squeeze, expand 1x1 and bypass layers must be',
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
