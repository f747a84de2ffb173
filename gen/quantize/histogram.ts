/** Histograms of the channels of a feature map; their ranges grow with the data. */

/** Bins of a channel; at least half of them lie under its largest value. */
export const BINS = 1024;

/** Bin width before the first value; it is only ever doubled, so that bins merge exactly. */
const FIRST_WIDTH = 2 ** -40;

/** What one channel held. Zeros, most of what a ReLU gives, are in none of the bins. */
export interface Histogram {
  /** Per bin, from 0 up, how many values over 0 it holds. */
  readonly counts: Float64Array;
  readonly width: number;
  readonly positives: number;
  readonly max: number;
  readonly mean: number;
}

/** Counts activations (0 or more) as they stream by. The counts do not depend on the order of the images. */
export class ChannelHistograms {
  readonly #channels: number;
  readonly #counts: Float64Array;
  readonly #widths: Float64Array;
  readonly #maxima: Float64Array;
  readonly #sums: Float64Array;
  #pixels = 0;

  constructor(channels: number) {
    this.#channels = channels;
    this.#counts = new Float64Array(channels * BINS);
    this.#widths = new Float64Array(channels).fill(FIRST_WIDTH);
    this.#maxima = new Float64Array(channels);
    this.#sums = new Float64Array(channels);
  }

  /**
   * Adds one image's map, pixel-major, channels last.
   *
   * @returns false, with nothing counted, if a value is not finite.
   */
  add(values: Float32Array): boolean {
    const channels = this.#channels;
    if (values.some((value) => !Number.isFinite(value))) return false;
    for (let i = 0, c = 0; i < values.length; i++, c = c + 1 < channels ? c + 1 : 0) {
      if (values[i] > this.#maxima[c]) this.#maxima[c] = values[i];
    }
    for (let c = 0; c < channels; c++) while (this.#maxima[c] >= this.#widths[c] * BINS) this.#doubleWidth(c);
    const perWidth = this.#widths.map((width) => 1 / width);
    for (let i = 0, c = 0; i < values.length; i++, c = c + 1 < channels ? c + 1 : 0) {
      const value = values[i];
      if (value <= 0) continue;
      this.#counts[c * BINS + Math.floor(value * perWidth[c])]++;
      this.#sums[c] += value;
    }
    this.#pixels += values.length / channels;
    return true;
  }

  channel(c: number): Histogram {
    const counts = this.#counts.subarray(c * BINS, (c + 1) * BINS);
    const positives = counts.reduce((total, count) => total + count, 0);
    return {
      counts,
      width: this.#widths[c],
      positives,
      max: this.#maxima[c],
      mean: this.#sums[c] / Math.max(this.#pixels, 1),
    };
  }

  /** All channels in order. */
  all(): Histogram[] {
    return Array.from({ length: this.#channels }, (_, c) => this.channel(c));
  }

  #doubleWidth(c: number): void {
    const counts = this.#counts.subarray(c * BINS, (c + 1) * BINS);
    for (let i = 0; i < BINS / 2; i++) counts[i] = counts[2 * i] + counts[2 * i + 1];
    counts.fill(0, BINS / 2);
    this.#widths[c] *= 2;
  }
}
