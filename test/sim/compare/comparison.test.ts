import { beforeAll, describe, expect, test } from 'vitest';
import type { Compiled } from '../../../gen/compiled.ts';
import { Comparison, countMismatches } from '../../../sim/compare/comparison.ts';
import { MapTensors } from '../../../sim/compare/map-tensors.ts';
import { layerSteps } from '../../../sim/compare/scales.ts';
import { Sqnr } from '../../../sim/compare/sqnr.ts';
import type { WitnessResult } from '../../../sim/compare/tensors.ts';
import { runFixed } from '../../../sim/fixed/run-fixed.ts';
import { FloatWitness } from '../../../sim/float/float-witness.ts';
import { synthesizeImages } from '../../../sim/image/synthetic.ts';
import { decodeTape } from '../../../sim/tape/decode.ts';
import { runTape } from '../../../sim/tape/interpreter.ts';
import { tapeWitnessResult } from '../../../sim/verify/tape-witness.ts';
import { compiledSqueezenet } from '../../compiled.ts';

/** Milliseconds that setting up may take on a busy machine. */
const SLOW = 120_000;

describe('mismatches', () => {
  test('values that differ, are missing or are too many', () => {
    expect(countMismatches([1, 2, 3], [1, 2, 3])).toBe(0);
    expect(countMismatches([1, 2, 3], [1, 0, 3])).toBe(1);
    expect(countMismatches([1, 2, 3], [1])).toBe(2);
    expect(countMismatches([1], [1, 2])).toBe(1);
    expect(countMismatches([1, 2], undefined)).toBe(2);
  });
});

describe('SQNR', () => {
  test('is the power of the signal over that of the error, each value at its own step', () => {
    const sqnr = new Sqnr();
    sqnr.add([10, 20], [9, 11], (index) => [1, 2][index]);
    expect(sqnr.decibels()).toBeCloseTo(10 * Math.log10(500 / 5), 10);
  });

  test('has no value without noise', () => {
    const sqnr = new Sqnr();
    sqnr.add([2], [2], () => 1);
    expect(sqnr.decibels()).toBeNull();
  });
});

describe('a compiled network', () => {
  let compiled: Compiled;
  let image: Uint8Array;
  let reference: WitnessResult;

  beforeAll(async () => {
    compiled = await compiledSqueezenet({ lanes: '16x8x3' });
    [image] = synthesizeImages(1, 9, 48, 48);
    reference = runFixed(compiled.integer, image);
  }, SLOW);

  test('the steps of the layers turn integers into the float network’s values', async () => {
    const float = await (await FloatWitness.create(compiled.network, { layers: true })).run(image);
    const comparison = new Comparison(compiled.integer);
    comparison.addReference(reference, float);
    const layers = comparison.layers();
    expect(layers.map(({ name }) => name)).toEqual(layerSteps(compiled.integer).map(({ name }) => name));
    expect(layers.map(({ name }) => name).slice(-2)).toEqual(['conv10', 'logits']);
    for (const { name, sqnrDb } of layers) expect(sqnrDb, name).toBeGreaterThan(6);
    expect(layers[0]).toMatchObject({ name: 'conv1', values: 11 * 11 * 64 });
  });

  test('the tape’s writes, put back in place, are the layers of the fixed simulator', () => {
    const { integer, schedule, geometry, tape } = compiled;
    const comparison = new Comparison(integer);
    const found = tapeWitnessResult(decodeTape(tape, geometry), schedule, geometry, image);
    comparison.addWitness('tape', reference, found);
    expect(comparison.totalMismatches()).toBe(0);
  });

  test('one wrong value is one mismatch of its layer and its witness', () => {
    const layers = reference.layers.map(({ name, values }) => ({ name, values: values.slice() }));
    layers[3].values[7] ^= 1;
    const comparison = new Comparison(compiled.integer);
    comparison.addWitness('onnx', reference, reference);
    comparison.addWitness('rtl', reference, { layers, output: reference.output });
    const wrong = comparison.layers().filter(({ mismatches }) => mismatches.get('rtl') !== 0);
    expect(wrong.map(({ name }) => name)).toEqual([reference.layers[3].name]);
    expect(comparison.layers()[3].mismatches).toEqual(
      new Map([
        ['onnx', 0],
        ['rtl', 1],
      ]),
    );
    expect(comparison.totalMismatches()).toBe(1);
  });

  test('a value that was never written is a mismatch, also where it should be 0', () => {
    const { schedule, geometry, tape } = compiled;
    const maps = new MapTensors(schedule, geometry);
    let writes = 0;
    runTape(tape, geometry, image, (write) => {
      if (writes++ > 0) maps.write(write);
    });
    const conv1 = maps.tensors().find(({ name }) => name === 'conv1')!;
    const { outputLanes, pixelLanes } = geometry;
    expect(countMismatches(reference.layers[0].values, conv1.values)).toBe(outputLanes * pixelLanes);
  });
});
