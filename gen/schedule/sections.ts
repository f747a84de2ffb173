/** Sizes of the weight sections on the tape, in 16-byte words. */
import { type Pass, passTiles } from './nest.ts';

/** One parameter word for each pair of output lanes. */
export function parameterWords(outputLanes: number): number {
  return Math.max(1, outputLanes / 2);
}

/** A tile is 16 × TM weights of one byte. */
export function tileWords(outputLanes: number): number {
  return outputLanes;
}

export function sectionWords(pass: Pass, outputLanes: number): number {
  return parameterWords(outputLanes) + passTiles(pass) * tileWords(outputLanes);
}
