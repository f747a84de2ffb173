/**
 * What a witness reports of one image, in the form in which all of them are compared.
 *
 * There is one tensor a convolution, under the convolution's name: its uint8 output after requantizing, and
 * after the max-pool where one follows directly (an expand's half of the pooled concatenation), pixel-major
 * with the channels last. The classifier's tensor is the sum per class over all pixels of relu(acc + bias),
 * before scaling; it may leave 32 bits, but never the integers of a double.
 */
export interface LayerTensor {
  readonly name: string;
  readonly values: Uint8Array | Int32Array | Float64Array;
}

/** One image through an integer witness. `layers` is in the order of the data. */
export interface WitnessResult {
  readonly layers: readonly LayerTensor[];
  /** What leaves the chip: int32 logits, or a map of uint8, pixel-major with the channels last. */
  readonly output: Int32Array | Uint8Array;
}

/** The float network's counterpart of a layer tensor, in real units; of the classifier: the mean, that is, the logits. */
export interface FloatTensor {
  readonly name: string;
  readonly values: Float32Array;
}

/** One image through the float witness. */
export interface FloatResult {
  readonly layers: readonly FloatTensor[];
  readonly output: Float32Array;
}
