/** Whole networks through the compiler and the interpreter, against the fixed simulator, layer by layer. */
import { describe, expect, it } from 'vitest';
import { loadBoard } from '../../../gen/geometry/boards.ts';
import { geometryFor, parseLanes } from '../../../gen/geometry/sizing.ts';
import type { SqueezenetVersion } from '../../../gen/graph/squeezenet.ts';
import type {
  IntegerConvolution,
  IntegerLayer,
  IntegerNetwork,
} from '../../../gen/quantize/integer-network.ts';
import { planSchedule } from '../../../gen/schedule/plan.ts';
import { encodeTape } from '../../../gen/tape/encode.ts';
import { runFixed } from '../../../sim/fixed/run-fixed.ts';
import { decodeTape } from '../../../sim/tape/decode.ts';
import { tapeWitnessResult } from '../../../sim/verify/tape-witness.ts';
import { numberlessSqueezenet } from '../../gen/schedule/numberless.ts';
import { generator } from './small-network.ts';

/** Random numbers of a size that keeps maps lively. */
function withNumbers(conv: IntegerConvolution, random: () => number): IntegerConvolution {
  const fanIn = conv.inChannels * conv.kernel ** 2;
  return {
    ...conv,
    padValue: Array.from({ length: conv.inChannels }, () => (conv.inChannels === 3 ? random() & 0xff : 0)),
    weight: conv.weight.map(() => (random() % 255) - 127),
    bias: conv.bias.map(() => (random() % 20_001) - 5000),
    m: conv.m.map(() => 32_768 + (random() % 32_768)),
    s: conv.s.map(() => 21 + Math.round(Math.log2(fanIn) / 2)),
  };
}

function network(version: SqueezenetVersion, side: number, classes: number): IntegerNetwork {
  const numberless = numberlessSqueezenet(version, side, classes);
  const random = generator(side);
  const layers = numberless.layers.map((layer): IntegerLayer => {
    if (layer.kind === 'conv' || layer.kind === 'classifier') {
      return { ...layer, conv: withNumbers(layer.conv, random) };
    }
    if (layer.kind !== 'fire') return layer;
    return {
      ...layer,
      squeeze: withNumbers(layer.squeeze, random),
      expand1x1: withNumbers(layer.expand1x1, random),
      expand3x3: withNumbers(layer.expand3x3, random),
    };
  });
  return { ...numberless, layers };
}

describe('the tape interpreter on compiled tapes', () => {
  it.each<[SqueezenetVersion, number, number, string]>([
    ['1.1', 64, 10, '16x16x1'],
    ['1.1', 97, 37, '16x8x3'],
    ['1.0', 75, 10, '16x4x2'],
    ['1.0', 64, 5, '16x16x2'],
  ])('v%s at %i with %i classes on %s lanes', (version, side, classes, lanes) => {
    const integer = network(version, side, classes);
    const geometry = geometryFor(loadBoard('sim'), parseLanes(lanes));
    const schedule = planSchedule(integer, geometry);
    const tape = decodeTape(encodeTape(integer, schedule, geometry), geometry);
    const random = generator(1);
    const image = Uint8Array.from({ length: side * side * 3 }, () => random() & 0xff);

    const expected = runFixed(integer, image);
    const found = tapeWitnessResult(tape, schedule, geometry, image);
    const layers = new Map(found.layers.map(({ name, values }) => [name, values]));
    expect(layers.size).toBe(expected.layers.length);
    for (const { name, values } of expected.layers) {
      expect(new Set(values).size, `${name} has something to say`).toBeGreaterThan(4);
      expect(layers.get(name)?.length, name).toBe(values.length);
      expect(
        layers.get(name)?.findIndex((value, i) => value !== values[i]),
        name,
      ).toBe(-1);
    }
    expect([...found.output]).toEqual([...expected.output]);
  });
});
