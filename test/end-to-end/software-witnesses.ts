/**
 * A network through every witness that is software and knows no engine: the fixed simulator, network.onnx with and
 * without its layers, the formulas of the contract once more, and the float network.
 */
import { expect } from 'vitest';
import { integerOnnx } from '../../gen/emit/onnx/integer-onnx.ts';
import type { Network } from '../../gen/graph/network.ts';
import { outputName } from '../../gen/quantize/integer-network.ts';
import { type QuantizedNetwork, quantize } from '../../gen/quantize/quantize.ts';
import { resolveCalibration } from '../../host/calibration.ts';
import { Comparison, type LayerComparison } from '../../sim/compare/comparison.ts';
import type { WitnessResult } from '../../sim/compare/tensors.ts';
import { runFixed } from '../../sim/fixed/run-fixed.ts';
import { FloatWitness } from '../../sim/float/float-witness.ts';
import { IntegerWitness } from '../../sim/integer/integer-witness.ts';
import { runNaive } from '../sim/fixed/naive-model.ts';

export interface SoftwareResults {
  readonly integer: QuantizedNetwork;
  readonly reference: readonly WitnessResult[];
  /** Against the float network. */
  readonly layers: readonly LayerComparison[];
}

/** Expects the same bits of all of them. The network is calibrated as one with random weights is. */
export async function expectSameBits(
  network: Network,
  images: readonly Uint8Array[],
): Promise<SoftwareResults> {
  const untrained = { ...network, trained: false };
  const calibration = await resolveCalibration(untrained, { range: 'minmax' }, () => {});
  const integer = quantize(untrained, calibration);
  const float = await FloatWitness.create(network, { layers: true });
  const layered = await IntegerWitness.create(integerOnnx(integer, 'all'));
  const shipped = await IntegerWitness.create(integerOnnx(integer));
  const comparison = new Comparison(integer);
  const reference: WitnessResult[] = [];
  for (const image of images) {
    const fixed = runFixed(integer, image);
    reference.push(fixed);
    comparison.addReference(fixed, await float.run(image));
    comparison.addWitness('layers', fixed, await layered.run(image));
    comparison.addWitness('shipped', fixed, { ...fixed, output: (await shipped.run(image)).output });
    const naive = runNaive(integer, image);
    const formulas = fixed.layers.map(({ name }) => ({ name, values: Float64Array.from(naive.get(name)!) }));
    comparison.addWitness('formulas', fixed, {
      layers: formulas,
      output: Int32Array.from(naive.get(outputName(integer.output))!),
    });
  }
  const layers = comparison.layers();
  const differing = layers.map(({ name, mismatches }) => [name, Object.fromEntries(mismatches)]);
  expect(differing).toEqual(layers.map(({ name }) => [name, { layers: 0, shipped: 0, formulas: 0 }]));
  return { integer, reference, layers };
}
