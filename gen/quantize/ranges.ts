/** A channel's histogram → its range: where its activations are clipped. */
import type { RangeMethod } from './calibration.ts';
import { BINS, type Histogram } from './histogram.ts';
import { ACTIVATION_MAX } from './numerics.ts';

/** Of the activations over 0, the part that is kept by the percentile method. */
const KEPT = 0.9999;

/** The mean-squared-error method tries ranges from the maximum down to this part of it. */
const SMALLEST_PART = 0.4;
const PARTS = 24;

/** The range of a channel, in the histogram's units; 0 if it was never over 0. */
export function channelRange(histogram: Histogram, method: RangeMethod): number {
  switch (method) {
    case 'minmax':
      return histogram.max;
    case 'percentile':
      return percentile(histogram);
    case 'mse':
      return leastSquaresRange(histogram);
  }
}

/** The upper edge of the bin in which the percentile falls. */
function percentile(histogram: Histogram): number {
  const kept = KEPT * histogram.positives;
  let seen = 0;
  for (let bin = 0; bin < BINS; bin++) {
    seen += histogram.counts[bin];
    if (seen >= kept && seen > 0) return Math.min((bin + 1) * histogram.width, histogram.max);
  }
  return 0;
}

/** The range with the least squared error of rounding and clipping together; of equal ones the largest. */
function leastSquaresRange(histogram: Histogram): number {
  let best = { range: histogram.max, error: squaredError(histogram, histogram.max) };
  for (let i = 1; i <= PARTS; i++) {
    const range = histogram.max * (1 - ((1 - SMALLEST_PART) * i) / PARTS);
    const error = squaredError(histogram, range);
    if (error < best.error) best = { range, error };
  }
  return best.range;
}

/** Squared error of all values, each taken at the middle of its bin, when `range` is cut into 255 steps. */
function squaredError({ counts, width }: Histogram, range: number): number {
  const step = range / ACTIVATION_MAX;
  let error = 0;
  for (let bin = 0; bin < BINS; bin++) {
    if (counts[bin] === 0) continue;
    const value = (bin + 0.5) * width;
    const level = Math.min(Math.round(value / step), ACTIVATION_MAX);
    error += counts[bin] * (value - level * step) ** 2;
  }
  return error;
}
