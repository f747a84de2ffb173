/**
 * The typed network: what every importer produces and every later step reads. Pure data.
 *
 * It holds the Fire family of the SqueezeNet paper (Iandola et al., 2016): a first convolution, Fire
 * modules of any width, max-pools anywhere, bypasses, as a list of layers in the order of the data. It ends
 * with a 1x1 classifier and a global average pool, or as feature extractors do: behind any map, or with a
 * global average or max-pool over one. Dropout, Softmax and batch-norm never reach it: importers drop or fold
 * them.
 */

/** Zero padding in pixels on each side of a feature map. */
export interface Padding {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

export const NO_PADDING: Padding = { top: 0, left: 0, bottom: 0, right: 0 };

/** Same padding on all four sides. */
export function uniformPadding(pixels: number): Padding {
  return { top: pixels, left: pixels, bottom: pixels, right: pixels };
}

/** A convolution with a square kernel, float32. `name` is its path, e.g. `fire2/squeeze1x1`. */
export interface Convolution {
  readonly name: string;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: Padding;
  /** Whether a ReLU follows directly. */
  readonly relu: boolean;
  /** OIHW, outChannels × inChannels × kernel × kernel. */
  readonly weight: Float32Array;
  /** outChannels. */
  readonly bias: Float32Array;
}

/** A convolution that stands alone: conv1 and the classifier. */
export interface ConvLayer {
  readonly kind: 'conv';
  readonly name: string;
  readonly conv: Convolution;
}

/** What is added to a Fire module's output: nothing, its input, or a 1x1 convolution of its input (no ReLU). */
export type Bypass =
  | { readonly kind: 'none' }
  | { readonly kind: 'simple' }
  | { readonly kind: 'complex'; readonly conv: Convolution };

/**
 * A Fire module: squeeze 1x1, then expand 1x1 and expand 3x3 side by side, concatenated 1x1 first. With a share
 * of 3x3 of 0 or 100 % one of the two has no output channels.
 */
export interface FireLayer {
  readonly kind: 'fire';
  readonly name: string;
  readonly squeeze: Convolution;
  readonly expand1x1: Convolution;
  readonly expand3x3: Convolution;
  readonly bypass: Bypass;
}

/** The path of a Fire module's addition, beside those of its convolutions. */
export const additionName = (fire: string) => `${fire}/add`;

/** A max-pool with a square window. With `ceil`, a last window may reach over the edge (Caffe's rule). */
export interface MaxPoolLayer {
  readonly kind: 'maxpool';
  readonly name: string;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: Padding;
  readonly ceil: boolean;
}

/** The mean over all pixels of each channel. */
export interface GlobalAveragePoolLayer {
  readonly kind: 'gap';
  readonly name: string;
}

/** The largest value of each channel over all pixels. */
export interface GlobalMaxPoolLayer {
  readonly kind: 'gmp';
  readonly name: string;
}

export type Layer = ConvLayer | FireLayer | MaxPoolLayer | GlobalAveragePoolLayer | GlobalMaxPoolLayer;

/** Whether a layer is the classifier: a convolution whose map goes into the global average pool alone. */
export function isClassifier(layers: readonly Layer[], index: number): boolean {
  return layers[index]?.kind === 'conv' && layers[index + 1]?.kind === 'gap';
}

/**
 * How a photograph becomes the network's input. The short or whole side handling is `resize` (the whole
 * image to resize × resize, antialiased bilinear) and a centre crop to the network's side; then each
 * channel in `order` becomes `(raw - mean) * scale` with raw 0..255. `mean` and `scale` are listed in
 * the network's channel order. With `gray` the photograph is made gray first, and its three channels are alike.
 */
export interface Preprocess {
  readonly order: ChannelOrder;
  readonly mean: readonly number[];
  readonly scale: readonly number[];
  readonly resize: number;
}

export const CHANNEL_ORDERS = ['rgb', 'bgr', 'gray'] as const;
export type ChannelOrder = (typeof CHANNEL_ORDERS)[number];

export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/** Height, width and channels of the image the network reads. */
export interface ImageShape extends ImageSize {
  readonly channels: number;
}

export interface Network {
  /** Family member, e.g. `squeezenet1.1`, or the model file's base name. */
  readonly name: string;
  readonly input: ImageShape;
  readonly preprocess: Preprocess;
  readonly layers: readonly Layer[];
  /** Trained weights, or random ones (`--weights none`), which may be calibrated on synthetic images. */
  readonly trained: boolean;
  /** Classes in front of those of the list of labels, such as a background class; absent: none. */
  readonly labelOffset?: number;
}

/** How many classes a network tells apart; 0 of one that ends without a classifier. */
export function classCount({ layers }: Pick<Network, 'layers'>): number {
  const classifier = layers.find((_, index) => isClassifier(layers, index));
  return classifier?.kind === 'conv' ? classifier.conv.outChannels : 0;
}

/** Classes of ImageNet as TensorFlow numbers them: a background class first. */
const CLASSES_WITH_BACKGROUND = 1001;

/** The label offset that a number of classes usually has. */
export function usualLabelOffset(classes: number): number {
  return classes === CLASSES_WITH_BACKGROUND ? 1 : 0;
}

/** The expands that have channels, in the order in which they are concatenated. */
export function expands<Conv extends { readonly outChannels: number }>({
  expand1x1,
  expand3x3,
}: {
  readonly expand1x1: Conv;
  readonly expand3x3: Conv;
}): Conv[] {
  return [expand1x1, expand3x3].filter(({ outChannels }) => outChannels > 0);
}

/** Every convolution of the network in the order of the data, expand 1x1 before expand 3x3. */
export function convolutions(network: Network): Convolution[] {
  return network.layers.flatMap((layer) => {
    if (layer.kind === 'conv') return [layer.conv];
    if (layer.kind !== 'fire') return [];
    const bypass = layer.bypass.kind === 'complex' ? [layer.bypass.conv] : [];
    return [layer.squeeze, layer.expand1x1, layer.expand3x3, ...bypass];
  });
}
