/** The cycles that a build states: of two images back to back, on one memory. */
import type { Compiled } from '../compiled.ts';
import { type CyclePrediction, predictCycles } from '../schedule/cycles/predict.ts';

export const STATED_LATENCY = 30;
export const STATED_IMAGES = 2;

/** Cycles of a single image, and of one behind another. */
export interface PredictedRates {
  readonly latency: number;
  readonly single: number;
  readonly following: number;
}

export function statedPrediction({ schedule, geometry }: Compiled): CyclePrediction {
  return predictCycles(schedule, geometry, { latency: STATED_LATENCY, images: STATED_IMAGES });
}

export function predictedRates({ doneCycles: [first, second] }: CyclePrediction): PredictedRates {
  return { latency: STATED_LATENCY, single: first, following: second - first };
}
