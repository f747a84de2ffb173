import { describe, expect, it } from 'vitest';
import { FireforgeError } from '../../../gen/diagnostics/diagnostic.ts';
import { loadBoard } from '../../../gen/geometry/boards.ts';
import { geometryFor } from '../../../gen/geometry/sizing.ts';
import { convolutionMacs } from '../../../gen/graph/shapes.ts';
import type { IntegerConvolution, IntegerLayer } from '../../../gen/quantize/integer-network.ts';
import { regionWords } from '../../../gen/schedule/allocate.ts';
import { passTiles, type Region, type Stage, walkRuns } from '../../../gen/schedule/nest.ts';
import { planSchedule } from '../../../gen/schedule/plan.ts';
import { numberlessSqueezenet } from './numberless.ts';

const sim = loadBoard('sim');
const geometry = (outputLanes: number, pixelLanes: number, memoryKib = 256, ringKib = 128) =>
  geometryFor(sim, { outputLanes, pixelLanes }, { memoryKib, ringKib });

const CASES = [
  ['1.1', 224, 16, 1],
  ['1.1', 227, 8, 3],
  ['1.0', 227, 16, 2],
  ['1.0', 48, 4, 4],
  ['1.1', 48, 16, 8],
  ['1.1', 64, 2, 5],
  ['1.0', 48, 1, 3],
] as const;

/** Of a Fire module and its input, in shape. */
function addition({
  name,
  expand1x1,
  expand3x3,
}: Extract<IntegerLayer, { kind: 'fire' }>): IntegerConvolution {
  const outChannels = expand1x1.outChannels + expand3x3.outChannels;
  const shape = { name: `${name}/add`, inChannels: 2 * outChannels, outChannels, diagonal: [0, outChannels] };
  return { ...expand1x1, ...shape };
}

const regionsOf = (stages: readonly Stage[]) =>
  stages.flatMap((stage) =>
    [stage.block, stage.out].filter((region): region is Region => region !== undefined),
  );

for (const [version, side, outputLanes, pixelLanes] of CASES) {
  describe(`v${version}@${side} on 16x${outputLanes}x${pixelLanes}`, () => {
    const network = numberlessSqueezenet(version, side);
    const schedule = planSchedule(network, geometry(outputLanes, pixelLanes));

    it('issues every useful multiplication once', () => {
      const macs = convolutionMacs(network.source);
      const walked = new Map<string, number>();
      for (const stage of schedule.stages) {
        for (const { pass, groups } of walkRuns(stage)) {
          const { name } = pass.conv;
          walked.set(name, (walked.get(name) ?? 0) + passTiles(pass) * groups * pass.channels);
        }
      }
      for (const [name, count] of macs) {
        const issued = walked.get(name)! * 16 * pixelLanes;
        // Lanes are padded up: input channels to 16, pixels to groups; nothing is missing and nothing doubled.
        expect(issued).toBeGreaterThanOrEqual(count);
        expect(issued).toBeLessThan(count * 2 + 16 * pixelLanes * 10000);
      }
      expect(walked.size).toBe(macs.size);
    });

    it('never places two live regions on the same words', () => {
      const regions = [...regionsOf(schedule.stages), schedule.packed];
      for (const [i, a] of regions.entries()) {
        expect(a.base).toBeGreaterThanOrEqual(0);
        for (const b of regions.slice(i + 1)) {
          const sameTime = a.from <= b.to && b.from <= a.to;
          const sameWords = a.base < b.base + regionWords(b) && b.base < a.base + regionWords(a);
          expect(sameTime && sameWords, `${a.name} and ${b.name}`).toBe(false);
        }
      }
    });

    it('writes every channel of every slot exactly once', () => {
      for (const stage of schedule.stages.filter(({ block }) => block)) {
        const lanes = new Set<string>();
        for (const pass of stage.expandPasses) {
          for (let c = 0; c < outputLanes; c++) {
            const lane = `${pass.slot}/${pass.sub * outputLanes + c}`;
            expect(lanes.has(lane)).toBe(false);
            lanes.add(lane);
          }
        }
        const channels = [...stage.block!.channels].filter((channel) => channel >= 0).sort((a, b) => a - b);
        const outputs = [...new Set(stage.expandPasses.map(({ conv }) => conv))].reduce(
          (n, c) => n + c.outChannels,
          0,
        );
        expect(channels).toEqual(Array.from({ length: outputs }, (_, i) => i));
        for (let slot = 0; slot < stage.block!.vectors; slot++) {
          const completing = stage.expandPasses.filter((pass) => pass.slot === slot && pass.completes);
          expect(completing.length).toBe(1);
          const last = stage.expandPasses.filter((pass) => pass.slot === slot).at(-1);
          expect(completing[0]).toBe(last);
        }
      }
    });
  });
}

describe('alternation and order', () => {
  it('alternates 3x3 and 1x1 passes', () => {
    const { stages } = planSchedule(numberlessSqueezenet('1.1', 224), geometry(16, 1));
    expect(stages[1].expandPasses.map(({ taps }) => taps)).toEqual([9, 1, 9, 1, 9, 1, 9, 1]);
  });

  it('walks early stages block-major and late ones pass-major', () => {
    const { stages } = planSchedule(numberlessSqueezenet('1.1', 224), geometry(16, 1, 256, 64));
    expect(stages[1].order).toBe('block-major');
    expect(stages.at(-1)?.order).toBe('pass-major');
  });
});

describe('classifier', () => {
  it('ends each pass over the whole map before the next, even if its weights stay in the ring', () => {
    const classifier = planSchedule(numberlessSqueezenet('1.1', 224, 20), geometry(16, 1)).stages.at(-1)!;
    expect(classifier.expandPasses).toHaveLength(2);
    expect(classifier.entries.length).toBeGreaterThan(1);
    expect(classifier.order).toBe('pass-major');
  });
});

describe('block size', () => {
  const network = numberlessSqueezenet('1.0', 227);
  const plan = (memoryKib: number) => planSchedule(network, geometry(8, 4, memoryKib));
  const blocks = (memoryKib: number) =>
    plan(memoryKib)
      .stages.filter(({ order }) => order === 'block-major')
      .map(({ entries }) => entries[0].groups);

  it('shrinks blocks where two of them would not fit the feature memory, and only there', () => {
    const large = blocks(512);
    const small = blocks(256);
    expect(Math.min(...large)).toBeGreaterThan(48);
    expect(Math.min(...small)).toBeLessThan(Math.min(...large));
    expect(Math.max(...small)).toBe(Math.max(...large));
  });

  it('gives packed pixels what the maps leave', () => {
    const { packed, mapTop } = plan(512);
    const { mapWords } = geometry(8, 4, 512);
    expect(packed.base).toBeGreaterThanOrEqual(mapTop);
    expect(packed.base + packed.vectors * packed.stride).toBe(mapWords);
    expect(packed.base - mapTop).toBeLessThan(packed.vectors);
  });
});

describe('refusals', () => {
  const code = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      if (error instanceof FireforgeError) return error.diagnostic.code;
      throw error;
    }
    return 'none';
  };

  it('says by how much a feature memory is too small', () => {
    expect(code(() => planSchedule(numberlessSqueezenet('1.1', 224), geometry(16, 1, 64)))).toBe('FF502');
  });

  it('refuses a map of more pixel groups than a signed position counts', () => {
    const network = numberlessSqueezenet('1.1', 64);
    const [conv1, pool1, ...others] = network.layers;
    const side = 480;
    // Without a pool the first fire reads a map of 239 x 239 pixels, which two lanes halve.
    const large = {
      ...network,
      input: { width: side, height: side, channels: 3 },
      layers: [conv1, ...others],
    };
    expect(pool1.kind).toBe('maxpool');
    const message = (pixelLanes: number) => {
      try {
        planSchedule(large, geometry(16, pixelLanes, 1024));
      } catch (error) {
        if (error instanceof FireforgeError) return error.message;
        throw error;
      }
      return 'none';
    };
    expect(message(1)).toContain('needs 57121 pixel groups in a map, the geometry has 32768');
    expect(message(2)).not.toContain('pixel groups');
  });

  it('refuses a bypass on a plain engine, whose passes read one map', () => {
    const network = numberlessSqueezenet('1.1', 64);
    const layers = network.layers.map((layer) =>
      layer.name === 'fire3' && layer.kind === 'fire'
        ? { ...layer, bypass: { kind: 'simple', add: addition(layer) } as const }
        : layer,
    );
    expect(code(() => planSchedule({ ...network, layers }, geometry(16, 1)))).toBe('FF505');
  });
});
