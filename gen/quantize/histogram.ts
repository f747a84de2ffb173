/** Histograms of activations, whose range grows with the data and whose result does not depend on its order. */

/** Bins of a histogram; at least half of them lie under the largest value. */
export const BINS = 1024;

/** Bin width before the first value; only ever doubled, so that bins merge exactly. */
const FIRST_WIDTH = 2 ** -40;

/** Counts of values of 0 or more, and their sum. Zeros, the most of what a ReLU gives, are counted apart. */
export class Histogram {
  readonly counts = new Float64Array(BINS);
  width = FIRST_WIDTH;
  zeros = 0;
  sum = 0;
  max = 0;

  /** Adds `values[start]`, `values[start + stride]` and so on. */
  add(values: Float32Array, start: number, stride: number): void {
    for (let i = start; i < values.length; i += stride) if (values[i] > this.max) this.max = values[i];
    while (this.max >= this.width * BINS) this.#doubleWidth();
    const perWidth = 1 / this.width;
    for (let i = start; i < values.length; i += stride) {
      const value = values[i];
      if (value > 0) {
        this.counts[Math.floor(value * perWidth)]++;
        this.sum += value;
      } else this.zeros++;
    }
  }

  /** How many values are over 0. */
  get positives(): number {
    return this.counts.reduce((total, count) => total + count, 0);
  }

  get mean(): number {
    return this.sum / Math.max(this.zeros + this.positives, 1);
  }

  #doubleWidth(): void {
    for (let i = 0; i < BINS / 2; i++) this.counts[i] = this.counts[2 * i] + this.counts[2 * i + 1];
    this.counts.fill(0, BINS / 2);
    this.width *= 2;
  }
}
