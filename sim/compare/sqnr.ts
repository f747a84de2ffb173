/** Energies of signal and noise, as they add up over tensors and images. */
export interface SqnrSums {
  readonly signal: number;
  readonly noise: number;
}

/** Signal-to-quantization-noise ratio: float values against integers times their steps. */
export class Sqnr {
  #signal = 0;
  #noise = 0;

  /**
   * @param stepOf real value of one step of the integer at an index.
   * @param zeroOf the integer that stands for 0 there.
   */
  add(
    float: ArrayLike<number>,
    integers: ArrayLike<number>,
    stepOf: (index: number) => number,
    zeroOf: (index: number) => number = () => 0,
  ): void {
    for (let i = 0; i < float.length; i++) {
      this.#signal += float[i] ** 2;
      this.#noise += (float[i] - (integers[i] - zeroOf(i)) * stepOf(i)) ** 2;
    }
  }

  /** Adds what another one has gathered. */
  addSums({ signal, noise }: SqnrSums): void {
    this.#signal += signal;
    this.#noise += noise;
  }

  sums(): SqnrSums {
    return { signal: this.#signal, noise: this.#noise };
  }

  /** In decibels; null where there is neither signal nor noise, or no noise at all. */
  decibels(): number | null {
    const ratio = this.#signal / this.#noise;
    return Number.isFinite(ratio) && ratio > 0 ? 10 * Math.log10(ratio) : null;
  }
}
