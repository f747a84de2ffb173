/**
 * The two published SqueezeNets as data: widths, kernels and where the pools stand. v1.0 is the network of
 * the paper (Iandola et al., 2016, table 1), v1.1 its cheaper successor by the same authors.
 */
import type {
  Convolution,
  FireLayer,
  ImageSize,
  Layer,
  MaxPoolLayer,
  Network,
  Padding,
  Preprocess,
} from './network.ts';
import { NO_PADDING, uniformPadding, usualLabelOffset } from './network.ts';
import { samePadding } from './shapes.ts';

export type SqueezenetVersion = '1.0' | '1.1';

/** Classes of ImageNet, for which every published SqueezeNet was trained. */
export const IMAGENET_CLASSES = 1000;

/** Smallest side of the image that is offered; below it the last maps have too few pixels to classify. */
export const MIN_SIDE = 48;

/** Largest side of an image or a map that is looked at; engines' images end at an eighth of it. */
export const MAX_SIDE = 4096;

/** Side for which each version was published. */
export const DEFAULT_SIDE: Readonly<Record<SqueezenetVersion, number>> = { '1.0': 227, '1.1': 224 };

/** A Fire module's widths; `expand` is that of each of the two expands. */
export interface FireWidths {
  readonly name: string;
  readonly squeeze: number;
  readonly expand: number;
}

export interface SqueezenetSpec {
  readonly version: SqueezenetVersion;
  readonly conv1: { readonly kernel: number; readonly stride: number; readonly outChannels: number };
  /** Around the image, for conv1. */
  readonly imagePadding: ImagePadding;
  readonly fires: readonly FireWidths[];
  /** Layers behind which a 3x3 stride-2 max-pool stands. */
  readonly poolsAfter: readonly string[];
  /** Whether the pools are in ceil mode, as in Caffe and torchvision; Keras' are not. */
  readonly ceil: boolean;
  readonly classes: number;
  /** Zeros around the classifier's input; its output grows by as many pixels, each ReLU(bias). */
  readonly classifierPadding: number;
  readonly end: NetworkEnd;
}

/**
 * What stands behind the last Fire module: the classifier with its global average pool, nothing (the result is
 * the map), or a global pool alone.
 */
export const NETWORK_ENDS = ['classifier', 'map', 'average', 'maximum'] as const;
export type NetworkEnd = (typeof NETWORK_ENDS)[number];

/** None, as TensorFlow's `SAME` (an odd pixel at the end), or pixels. Caffe, torchvision and most Keras ports: none. */
export type ImagePadding = 'none' | 'same' | Padding;

/** `none`, `same`, or four numbers: top, left, bottom, right. Undefined for any other text. */
export function parseImagePadding(text: string): ImagePadding | undefined {
  if (text === 'none' || text === 'same') return text;
  if (!/^\d(,\d){3}$/.test(text)) return undefined;
  const [top, left, bottom, right] = text.split(',').map(Number);
  return { top, left, bottom, right };
}

/** More zeros than these around a 1x1 classifier are a mistake. */
export const MAX_CLASSIFIER_PADDING = 8;

/** What weights alone do not tell of the network that they belong to; what is absent is as usual. */
export interface TopologyWish {
  /** As `parseImagePadding` reads it. */
  readonly imagePadding?: string;
  /** Pixels on each side. Caffe's v1.0 has 1, every other 0. */
  readonly classifierPadding?: number;
  /** Other than a classifier: Keras' include_top=False with pooling None, 'avg' or 'max'. */
  readonly end?: NetworkEnd;
}

const FIRES: readonly FireWidths[] = [
  { name: 'fire2', squeeze: 16, expand: 64 },
  { name: 'fire3', squeeze: 16, expand: 64 },
  { name: 'fire4', squeeze: 32, expand: 128 },
  { name: 'fire5', squeeze: 32, expand: 128 },
  { name: 'fire6', squeeze: 48, expand: 192 },
  { name: 'fire7', squeeze: 48, expand: 192 },
  { name: 'fire8', squeeze: 64, expand: 256 },
  { name: 'fire9', squeeze: 64, expand: 256 },
];

/** The topology of a version for any number of classes. */
export function squeezenetSpec(version: SqueezenetVersion, classes = IMAGENET_CLASSES): SqueezenetSpec {
  const common = {
    version,
    fires: FIRES,
    imagePadding: 'none',
    ceil: true,
    classes,
    classifierPadding: 0,
    end: 'classifier',
  } as const;
  return version === '1.0'
    ? {
        ...common,
        conv1: { kernel: 7, stride: 2, outChannels: 96 },
        poolsAfter: ['conv1', 'fire4', 'fire8'],
      }
    : {
        ...common,
        conv1: { kernel: 3, stride: 2, outChannels: 64 },
        poolsAfter: ['conv1', 'fire3', 'fire5'],
      };
}

/** The topology with what is wished of it. */
export function withTopology(
  spec: SqueezenetSpec,
  { imagePadding = 'none', ...wish }: TopologyWish,
): SqueezenetSpec {
  return { ...spec, ...wish, imagePadding: parseImagePadding(imagePadding)! };
}

function paddingOf({ imagePadding, conv1 }: SqueezenetSpec, { height, width }: ImageSize): Padding {
  if (imagePadding === 'none') return NO_PADDING;
  if (imagePadding !== 'same') return imagePadding;
  const [rows, columns] = [height, width].map((length) => samePadding(length, conv1.kernel, conv1.stride));
  return { top: rows.less, left: columns.less, bottom: rows.more, right: columns.more };
}

/** A convolution before it has weights. */
export type ConvolutionSpec = Omit<Convolution, 'weight' | 'bias'>;

const convolution = (
  name: string,
  inChannels: number,
  outChannels: number,
  kernel: number,
  stride: number,
  padding: Padding,
) => ({ name, inChannels, outChannels, kernel, stride, padding, relu: true });

/** Every convolution of a version in the order of the data; conv1's padding, which depends on the size, is left out. */
export function convolutionSpecs(spec: SqueezenetSpec): ConvolutionSpec[] {
  const { kernel, stride, outChannels } = spec.conv1;
  const specs: ConvolutionSpec[] = [convolution('conv1', 3, outChannels, kernel, stride, NO_PADDING)];
  let channels = outChannels;
  for (const { name, squeeze, expand } of spec.fires) {
    specs.push(convolution(`${name}/squeeze1x1`, channels, squeeze, 1, 1, NO_PADDING));
    specs.push(convolution(`${name}/expand1x1`, squeeze, expand, 1, 1, NO_PADDING));
    specs.push(convolution(`${name}/expand3x3`, squeeze, expand, 3, 1, uniformPadding(1)));
    channels = 2 * expand;
  }
  if (spec.end !== 'classifier') return specs;
  specs.push(convolution('conv10', channels, spec.classes, 1, 1, uniformPadding(spec.classifierPadding)));
  return specs;
}

function poolAfter(layer: string, ceil: boolean): MaxPoolLayer {
  const name = `pool${layer.replace(/\D/g, '')}`;
  return { kind: 'maxpool', name, kernel: 3, stride: 2, padding: NO_PADDING, ceil };
}

/**
 * The network of a version. `weigh` gives each convolution its weights (OIHW, the shape of its spec) and
 * biases; it is called once per convolution, in the order of the data.
 */
export function assembleSqueezenet(
  spec: SqueezenetSpec,
  head: ImageSize & { name: string; preprocess: Preprocess; trained: boolean },
  weigh: (conv: ConvolutionSpec) => { weight: Float32Array; bias: Float32Array },
): Network {
  const padding = paddingOf(spec, head);
  const specs = convolutionSpecs(spec).map((conv) => (conv.name === 'conv1' ? { ...conv, padding } : conv));
  const convs = specs.map((conv): Convolution => ({ ...conv, ...weigh(conv) }));
  const named = new Map(convs.map((conv) => [conv.name, conv]));
  const fire = ({ name }: FireWidths): FireLayer => ({
    kind: 'fire',
    name,
    squeeze: named.get(`${name}/squeeze1x1`)!,
    expand1x1: named.get(`${name}/expand1x1`)!,
    expand3x3: named.get(`${name}/expand3x3`)!,
    bypass: { kind: 'none' },
  });
  const weighted: Layer[] = [
    { kind: 'conv', name: 'conv1', conv: named.get('conv1')! },
    ...spec.fires.map(fire),
  ];
  const layers = weighted.flatMap((layer): Layer[] =>
    spec.poolsAfter.includes(layer.name) ? [layer, poolAfter(layer.name, spec.ceil)] : [layer],
  );
  const last = spec.fires.at(-1)!.name.replace(/\D/g, '');
  const end: Readonly<Record<NetworkEnd, () => Layer[]>> = {
    classifier: () => [
      { kind: 'conv', name: 'conv10', conv: named.get('conv10')! },
      { kind: 'gap', name: 'pool10' },
    ],
    map: () => [],
    average: () => [{ kind: 'gap', name: `pool${last}` }],
    maximum: () => [{ kind: 'gmp', name: `pool${last}` }],
  };
  const { name, height, width, preprocess, trained } = head;
  return {
    name,
    input: { height, width, channels: 3 },
    preprocess,
    layers: [...layers, ...end[spec.end]()],
    trained,
    labelOffset: spec.end === 'classifier' ? usualLabelOffset(spec.classes) : 0,
  };
}
