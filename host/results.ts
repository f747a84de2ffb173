/** What an engine says of an image, in words and in JSON. */
import type { DesignRecord } from '../gen/emit/design-record.ts';
import type { NetworkOutput } from '../gen/quantize/integer-network.ts';
import { topK } from '../sim/compare/top-k.ts';
import type { Logits } from './engines.ts';

export interface Result {
  readonly image: string;
  readonly values: Logits;
  /** Real value of one unit. */
  readonly scale: number;
}

const TOP = 5;

/** A class's index in the list of labels; classes in front of the list are background. */
export function labelText(classIndex: number, labelOffset: number): string {
  return classIndex < labelOffset ? 'background' : String(classIndex - labelOffset);
}

export function classesText({ values, scale }: Result, labelOffset: number): string {
  const ranks = topK(values, TOP, scale);
  return ranks
    .map((ranked) => `${labelText(ranked.class, labelOffset)} (${ranked.score.toFixed(2)})`)
    .join(', ');
}

/** Of a network without classifier: how large its result is, and between which real values it lies. */
export function featuresText({ values, scale }: Result, output: NetworkOutput): string {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  const shape = output.kind === 'map' ? [output.height, output.width, output.channels] : [output.channels];
  return `${shape.join('x')} features from ${(least * scale).toFixed(2)} to ${(most * scale).toFixed(2)}`;
}

/** `logits` and `top5` of a network that classifies, `features` of any other. */
export function jsonResults(results: readonly Result[], { network }: DesignRecord): object[] {
  return results.map(({ image, values }) =>
    network.classes > 0
      ? { image, logits: Array.from(values), top5: topK(values, TOP).map((ranked) => ranked.class) }
      : { image, features: Array.from(values) },
  );
}
