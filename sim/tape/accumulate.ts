/** The multipliers and accumulators of one k-tile. The witness's whole time goes here. */
import { INPUT_LANES } from '../../gen/geometry/geometry.ts';
import { ACCUMULATOR_BITS } from '../../gen/quantize/numerics.ts';

/**
 * Adds one k-tile: sums[pixel][c] += Σ x[pixel][lane]·w[c][lane]. Sums wrap at 32 bits, which the 25 of the
 * contract divide.
 *
 * `x`: pixels × 16 signed operands; `weights[tile…]`: TM × 16; `sums`: pixels × TM.
 */
export function accumulateTile(
  sums: Int32Array,
  x: Int8Array,
  pixels: number,
  weights: Int8Array,
  tile: number,
  outputLanes: number,
): void {
  for (let pixel = 0; pixel < pixels; pixel++) {
    // Sixteen names instead of a loop keep the operands over all outputs: twice as fast.
    const at = pixel * INPUT_LANES;
    const x0 = x[at];
    const x1 = x[at + 1];
    const x2 = x[at + 2];
    const x3 = x[at + 3];
    const x4 = x[at + 4];
    const x5 = x[at + 5];
    const x6 = x[at + 6];
    const x7 = x[at + 7];
    const x8 = x[at + 8];
    const x9 = x[at + 9];
    const x10 = x[at + 10];
    const x11 = x[at + 11];
    const x12 = x[at + 12];
    const x13 = x[at + 13];
    const x14 = x[at + 14];
    const x15 = x[at + 15];
    let w = tile;
    for (let c = pixel * outputLanes; c < (pixel + 1) * outputLanes; c++, w += INPUT_LANES) {
      sums[c] +=
        x0 * weights[w] +
        x1 * weights[w + 1] +
        x2 * weights[w + 2] +
        x3 * weights[w + 3] +
        x4 * weights[w + 4] +
        x5 * weights[w + 5] +
        x6 * weights[w + 6] +
        x7 * weights[w + 7] +
        x8 * weights[w + 8] +
        x9 * weights[w + 9] +
        x10 * weights[w + 10] +
        x11 * weights[w + 11] +
        x12 * weights[w + 12] +
        x13 * weights[w + 13] +
        x14 * weights[w + 14] +
        x15 * weights[w + 15];
    }
  }
}

/** acc + bias of every sum, wrapped to the accumulator's bits, in place. `bias`: TM values. */
export function addBias(sums: Int32Array, count: number, bias: Int32Array): void {
  const unused = 32 - ACCUMULATOR_BITS;
  for (let i = 0; i < count; i++) {
    sums[i] = ((sums[i] + bias[i % bias.length]) << unused) >> unused;
  }
}
