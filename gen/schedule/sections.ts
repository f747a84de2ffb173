/** Sizes of the weight sections on the tape, in 16-byte words. */
import type { Geometry } from '../geometry/geometry.ts';
import { type Pass, passTiles } from './nest.ts';

/** Words of the ring that stay free for the next stage's first tiles while a whole stage is resident. */
const PREFETCH_WORDS = 64;

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

/** All sections of a stage. */
export function weightWords(passes: readonly Pass[], { outputLanes }: Geometry): number {
  return passes.reduce((sum, pass) => sum + sectionWords(pass, outputLanes), 0);
}

/** Whether so many words of a stage fit the ring as a whole. */
export function isResident(words: number, { ringWords }: Geometry): boolean {
  return words + PREFETCH_WORDS <= ringWords;
}
