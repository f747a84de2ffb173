/** The scale of the logits: convolution, ReLU and global average pool are scaled once, at their end. */
import type { Accumulation } from './convolution.ts';
import { encodeMultipliers } from './multiplier.ts';

export interface LogitScaling {
  /** Real value of one logit step, the same for all classes. */
  readonly logitScale: number;
  readonly m: Uint16Array;
  readonly s: Uint8Array;
}

/**
 * One logit step is the accumulator step of the class with the coarsest one. That is fine enough for the
 * rounding to cost nothing beside that of the weights, and |logit| stays under 2^25.
 * The 1/P of the mean is part of m and s.
 *
 * @param pixels P, of the classifier's output map.
 */
export function scaleLogits({ scales }: Accumulation, pixels: number): LogitScaling {
  const logitScale = scales.reduce((largest, scale) => Math.max(largest, scale));
  return { logitScale, ...encodeMultipliers(scales.map((scale) => scale / (pixels * logitScale))) };
}
