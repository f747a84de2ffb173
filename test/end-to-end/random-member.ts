/** A member of the SqueezeNet family as plain data, small enough to read, and the network that it stands for. */
import {
  type Bypass,
  type Convolution,
  type FireLayer,
  type ImageShape,
  type Layer,
  type MaxPoolLayer,
  type Network,
  NO_PADDING,
  type Padding,
  uniformPadding,
} from '../../gen/graph/network.ts';
import { poolLength } from '../../gen/graph/shapes.ts';
import { preset } from '../../gen/import/preprocess.ts';
import { Prng } from '../../gen/import/prng.ts';

/**
 * How a convolution's weights are drawn:
 * - bell: as `--weights none` does;
 * - extremes: plus or minus one value, so that every quantized weight is 127 or -127;
 * - positive: one value, the largest sums there are;
 * - halfZero: every other filter is zero, bias included;
 * - zero: all filters are, but for their biases;
 * - biased: bell, with biases far larger than the sums.
 */
export const WEIGHT_KINDS = ['bell', 'extremes', 'positive', 'halfZero', 'zero', 'biased'] as const;
export type WeightKind = (typeof WEIGHT_KINDS)[number];

export interface MemberPool {
  readonly kernel: 2 | 3;
  readonly ceil: boolean;
}

/** Around a Fire module; simple where the channels allow it, else complex. `relu`: one stands before the addition too. */
export interface MemberBypass {
  readonly kind: 'simple' | 'complex';
  readonly relu: boolean;
}

export interface MemberFire {
  readonly squeeze: number;
  readonly expand1x1: number;
  readonly expand3x3: number;
  readonly weights: WeightKind;
  readonly pool: MemberPool | null;
  /** A second pool behind the first. */
  readonly poolAgain?: MemberPool | null;
  readonly bypass?: MemberBypass | null;
}

export interface Member {
  readonly height: number;
  readonly width: number;
  readonly conv1: {
    readonly channels: number;
    readonly kernel: 1 | 3 | 5 | 7;
    readonly stride: 1 | 2;
    readonly padding: Padding;
    readonly weights: WeightKind;
    readonly pool: MemberPool | null;
  };
  readonly fires: readonly MemberFire[];
  readonly classifier: {
    readonly classes: number;
    readonly relu: boolean;
    readonly weights: WeightKind;
    readonly padding?: number;
  };
  /** What stands behind the last module instead of the classifier: nothing, or a global pool. */
  readonly end?: 'map' | 'average' | 'maximum' | null;
  readonly preprocess: 'torchvision' | 'caffe';
  /** Of weights and images. */
  readonly seed: number;
}

const SMALL_BIAS = 0.1;
const LARGE_BIAS = 20;

type ConvolutionShape = Omit<Convolution, 'weight' | 'bias'>;

function draw(kind: WeightKind, conv: ConvolutionShape, prng: Prng): Convolution {
  const { outChannels, inChannels, kernel } = conv;
  const fanIn = inChannels * kernel ** 2;
  const deviation = Math.sqrt(2 / fanIn);
  const isZero = (o: number) => kind === 'zero' || (kind === 'halfZero' && o % 2 === 0);
  const value = (o: number) => {
    if (isZero(o)) return 0;
    if (kind === 'positive') return deviation;
    return deviation * (kind === 'extremes' ? Math.sign(prng.bell()) || 1 : prng.bell());
  };
  const weight = Float32Array.from({ length: outChannels * fanIn }, (_, i) => value(Math.floor(i / fanIn)));
  const reach = kind === 'biased' ? LARGE_BIAS : SMALL_BIAS;
  const bias = Float32Array.from({ length: outChannels }, (_, o) =>
    kind === 'halfZero' && isZero(o) ? 0 : reach * (2 * prng.uniform() - 1),
  );
  return { ...conv, weight, bias };
}

function pointwise(name: string, inChannels: number, outChannels: number, relu = true): ConvolutionShape {
  return { name, inChannels, outChannels, kernel: 1, stride: 1, padding: NO_PADDING, relu };
}

function fireLayer(name: string, fire: MemberFire, inChannels: number, prng: Prng): FireLayer {
  const { squeeze, expand1x1, expand3x3, weights, bypass } = fire;
  const relu = bypass?.relu ?? true;
  const wide = {
    ...pointwise(`${name}/expand3x3`, squeeze, expand3x3, relu),
    kernel: 3,
    padding: uniformPadding(1),
  };
  return {
    kind: 'fire',
    name,
    squeeze: draw(weights, pointwise(`${name}/squeeze1x1`, inChannels, squeeze), prng),
    expand1x1: draw(weights, pointwise(`${name}/expand1x1`, squeeze, expand1x1, relu), prng),
    expand3x3: draw(weights, wide, prng),
    bypass: bypass ? drawBypass(name, fire, bypass.kind, inChannels, prng) : { kind: 'none' },
  };
}

function drawBypass(
  name: string,
  { expand1x1, expand3x3, weights }: MemberFire,
  kind: MemberBypass['kind'],
  inChannels: number,
  prng: Prng,
): Bypass {
  const channels = expand1x1 + expand3x3;
  if (kind === 'simple' && channels === inChannels) return { kind };
  const conv = draw(weights, pointwise(`${name}/bypass1x1`, inChannels, channels, false), prng);
  return { kind: 'complex', conv };
}

function poolLayers(name: string, pool: MemberPool | null): MaxPoolLayer[] {
  return pool ? [{ kind: 'maxpool', name, ...pool, stride: 2, padding: NO_PADDING }] : [];
}

/** Whether a pool has a window in a map of this size. */
export function poolFits({ height, width }: Pick<ImageShape, 'height' | 'width'>, pool: MemberPool): boolean {
  return [height, width].every((length) => poolLength(length, { ...pool, stride: 2 }, 0, 0) > 0);
}

/** The same member gives the same network. */
export function memberNetwork({
  height,
  width,
  conv1,
  fires,
  classifier,
  end,
  preprocess,
  seed,
}: Member): Network {
  const prng = new Prng(seed);
  const { channels: first, kernel, stride, padding } = conv1;
  const image = { name: 'conv1', inChannels: 3, outChannels: first, kernel, stride, padding, relu: true };
  const layers: Layer[] = [
    { kind: 'conv', name: 'conv1', conv: draw(conv1.weights, image, prng) },
    ...poolLayers('pool1', conv1.pool),
  ];
  let channels = first;
  for (const [index, fire] of fires.entries()) {
    const number = index + 2;
    layers.push(
      fireLayer(`fire${number}`, fire, channels, prng),
      ...poolLayers(`pool${number}`, fire.pool),
      ...poolLayers(`pool${number}b`, fire.poolAgain ?? null),
    );
    channels = fire.expand1x1 + fire.expand3x3;
  }
  const head = {
    ...pointwise('classifier', channels, classifier.classes, classifier.relu),
    padding: uniformPadding(classifier.padding ?? 0),
  };
  if (!end) layers.push({ kind: 'conv', name: 'classifier', conv: draw(classifier.weights, head, prng) });
  if (!end || end === 'average') layers.push({ kind: 'gap', name: 'average' });
  if (end === 'maximum') layers.push({ kind: 'gmp', name: 'maximum' });
  return {
    name: 'member',
    input: { height, width, channels: 3 },
    preprocess: preset(preprocess, Math.max(height, width)),
    layers,
    trained: false,
  };
}
