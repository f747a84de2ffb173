/**
 * The integer network: the same layers as the float network, in the numbers of the contract. It knows no
 * board and no lanes: one network has one set of numbers.
 */
import type {
  GlobalAveragePoolLayer,
  GlobalMaxPoolLayer,
  ImageShape,
  MaxPoolLayer,
  Network,
  Padding,
} from '../graph/network.ts';

/**
 * A convolution in integers. Input and output are uint8 with zero point 0;
 * y[c] = clamp(((acc + bias[c]) * m[c] + 2^(s[c]-1)) >> s[c], 0, 255).
 */
export interface IntegerConvolution {
  readonly name: string;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: Padding;
  /** What a tap outside the image contributes, per input channel: 0 for maps, round(mean) for the image. */
  readonly padValue: readonly number[];
  /** OIHW, -127..127. Of the first convolution: in raw RGB channel order, scale folded in. */
  readonly weight: Int8Array;
  /** At accumulator scale (input scale × weight scale of the channel). */
  readonly bias: Int32Array;
  /** Multiplier and shift per output channel. */
  readonly m: Uint16Array;
  readonly s: Uint8Array;
  /** Real value of one weight step per output channel. */
  readonly weightScale: Float64Array;
  /**
   * Real value of one input step and of one output step (for the classifier: of one accumulator sum step,
   * unused). In equalized maps that of the channel with the largest range.
   */
  readonly inputScale: number;
  readonly outputScale: number;
  /** Real value of one output step of each channel of an equalized map; absent: `outputScale` for all. */
  readonly outputChannelScale?: Float64Array;
  /** The output that stands for 0, per channel: of the terms of an addition, which may be negative. Absent: 0. */
  readonly zeroPoint?: Uint8Array;
  /** Of a 1x1 convolution in which output channel c reads the input channels c + offset alone: the offsets. */
  readonly diagonal?: readonly number[];
}

/**
 * What is added to a Fire module's output before the last ReLU. `add` is a 1x1 convolution with two terms: the
 * concatenated expands, and the module's input or the output of `conv`.
 */
export type IntegerBypass =
  | { readonly kind: 'none' }
  | { readonly kind: 'simple'; readonly add: IntegerConvolution }
  | { readonly kind: 'complex'; readonly conv: IntegerConvolution; readonly add: IntegerConvolution };

export type IntegerLayer =
  | { readonly kind: 'conv'; readonly name: string; readonly conv: IntegerConvolution }
  | {
      readonly kind: 'fire';
      readonly name: string;
      readonly squeeze: IntegerConvolution;
      readonly expand1x1: IntegerConvolution;
      readonly expand3x3: IntegerConvolution;
      readonly bypass: IntegerBypass;
    }
  | MaxPoolLayer
  /**
   * The classifier and its global average pool in one: per class the sum over all pixels of
   * relu(acc + bias) (relu only if `relu`), then logit = (sum * m + 2^(s-1)) >> s, int32.
   */
  | {
      readonly kind: 'classifier';
      readonly name: string;
      readonly conv: IntegerConvolution;
      readonly relu: boolean;
      readonly gap: GlobalAveragePoolLayer;
    }
  /** Last: the largest uint8 of each channel. */
  | GlobalMaxPoolLayer
  /** Last: the mean of each channel of a map, (sum of the uint8 * m + 2^(s-1)) >> s, int32. */
  | {
      readonly kind: 'average';
      readonly name: string;
      readonly channels: number;
      readonly m: Uint16Array;
      readonly s: Uint8Array;
    };

/**
 * What leaves the chip. With scale, the real value of one step:
 * - logits: int32 per channel, of a classifier (1/P of the mean is inside m and s) or of an average;
 * - map: uint8, height × width × channels, channels last; 1 × 1 behind a global max-pool.
 */
export type NetworkOutput =
  | { readonly kind: 'logits'; readonly channels: number; readonly scale: number }
  | {
      readonly kind: 'map';
      readonly height: number;
      readonly width: number;
      readonly channels: number;
      readonly scale: number;
    };

/** The output's name in network.onnx and wherever it is compared. */
export function outputName({ kind }: NetworkOutput): 'logits' | 'features' {
  return kind === 'logits' ? 'logits' : 'features';
}

export interface IntegerNetwork {
  readonly name: string;
  readonly input: ImageShape;
  readonly layers: readonly IntegerLayer[];
  readonly output: NetworkOutput;
  /** The float network these numbers came from. */
  readonly source: Network;
}
