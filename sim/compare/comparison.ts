/**
 * Layer by layer, image by image: the fixed simulator is the reference, the other integer witnesses must
 * give its very values, and the float network says how good they are.
 */
import { type IntegerNetwork, outputName } from '../../gen/quantize/integer-network.ts';
import { type LayerSteps, layerSteps } from './scales.ts';
import { Sqnr, type SqnrSums } from './sqnr.ts';
import type { FloatResult, WitnessResult } from './tensors.ts';

/** What is known of one layer over all images so far. */
export interface LayerComparison {
  readonly name: string;
  /** Elements × images. */
  readonly values: number;
  /** Values in which each witness differs from the reference, by the witness's name. */
  readonly mismatches: ReadonlyMap<string, number>;
  /** Of the reference against the float network; null where it has no meaning. */
  readonly sqnrDb: number | null;
}

/** The same as it adds up: plain data, so that it can come from another thread. */
export interface LayerCounts {
  readonly values: number;
  readonly mismatches: ReadonlyMap<string, number>;
  readonly sqnr: SqnrSums;
}

class LayerTally {
  readonly layer: LayerSteps;
  readonly mismatches = new Map<string, number>();
  readonly sqnr = new Sqnr();
  values = 0;

  constructor(layer: LayerSteps) {
    this.layer = layer;
  }

  compareFloat(reference: ArrayLike<number>, float: ArrayLike<number>): void {
    const { channels, steps, zeros } = this.layer;
    this.values += reference.length;
    const zeroOf = zeros && ((index: number) => zeros[index % channels]);
    this.sqnr.add(float, reference, (index) => steps[index % channels], zeroOf);
  }

  compareIntegers(witness: string, reference: ArrayLike<number>, found: ArrayLike<number> | undefined): void {
    this.#addMismatches(witness, countMismatches(reference, found));
  }

  add({ values, mismatches, sqnr }: LayerCounts): void {
    this.values += values;
    for (const [witness, count] of mismatches) this.#addMismatches(witness, count);
    this.sqnr.addSums(sqnr);
  }

  counts(): LayerCounts {
    return { values: this.values, mismatches: this.mismatches, sqnr: this.sqnr.sums() };
  }

  #addMismatches(witness: string, count: number): void {
    this.mismatches.set(witness, (this.mismatches.get(witness) ?? 0) + count);
  }
}

/** Positions that differ; values that are missing or too many differ too. */
export function countMismatches(reference: ArrayLike<number>, found: ArrayLike<number> | undefined): number {
  const length = found?.length ?? 0;
  const common = Math.min(reference.length, length);
  let mismatches = Math.max(reference.length, length) - common;
  for (let i = 0; i < common; i++) if (reference[i] !== found![i]) mismatches++;
  return mismatches;
}

export class Comparison {
  readonly #layers: readonly LayerTally[];
  /** The name under which what leaves the chip is compared. */
  readonly #output: string;

  constructor(network: IntegerNetwork) {
    this.#output = outputName(network.output);
    this.#layers = layerSteps(network).map((layer) => new LayerTally(layer));
  }

  /** One image: what the reference found, and the float network. */
  addReference(reference: WitnessResult, float: FloatResult): void {
    const integers = this.#tensorsByName(reference);
    const floats = this.#tensorsByName(float);
    for (const tally of this.#layers) {
      const { name } = tally.layer;
      tally.compareFloat(integers.get(name)!, floats.get(name)!);
    }
  }

  /** The same image by another witness. */
  addWitness(witness: string, reference: WitnessResult, result: WitnessResult): void {
    const expected = this.#tensorsByName(reference);
    const found = this.#tensorsByName(result);
    for (const tally of this.#layers) {
      const { name } = tally.layer;
      tally.compareIntegers(witness, expected.get(name)!, found.get(name));
    }
  }

  /** What another comparison of the same network has found. */
  add(counts: readonly LayerCounts[]): void {
    for (const [index, tally] of this.#layers.entries()) tally.add(counts[index]);
  }

  /** One element a layer, for `add`. */
  counts(): LayerCounts[] {
    return this.#layers.map((tally) => tally.counts());
  }

  layers(): LayerComparison[] {
    return this.#layers.map(({ layer, values, mismatches, sqnr }) => ({
      name: layer.name,
      values,
      mismatches,
      sqnrDb: sqnr.decibels(),
    }));
  }

  /** Over all layers, images and witnesses. */
  totalMismatches(): number {
    const counts = this.#layers.flatMap(({ mismatches }) => [...mismatches.values()]);
    return counts.reduce((sum, count) => sum + count, 0);
  }

  #tensorsByName({ layers, output }: WitnessResult | FloatResult): Map<string, ArrayLike<number>> {
    const tensors = layers.map(({ name, values }): [string, ArrayLike<number>] => [name, values]);
    return new Map([...tensors, [this.#output, output]]);
  }
}
