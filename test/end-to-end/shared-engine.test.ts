/** v1.0, v1.1 and a ten-class network of narrow Fires take turns on one engine, without a reset between them. */
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../gen/compile.ts';
import type { Compiled } from '../../gen/compiled.ts';
import type { Geometry } from '../../gen/geometry/geometry.ts';
import type { Network } from '../../gen/graph/network.ts';
import { NO_PADDING, uniformPadding } from '../../gen/graph/network.ts';
import { randomSqueezenet } from '../../gen/import/random.ts';
import { predictQueue } from '../../gen/schedule/cycles/predict.ts';
import { HEADER, readFields } from '../../gen/tape/format.ts';
import { resolveCalibration } from '../../host/calibration.ts';
import { synthesizeImages } from '../../sim/image/synthetic.ts';
import { graphValues, verifyTogether } from './all-witnesses.ts';
import { memberNetwork } from './random-member.ts';
import { type Engine, engineGeometry } from './random-trial.ts';

const narrow = memberNetwork({
  ...{ height: 37, width: 50, preprocess: 'torchvision', seed: 4 },
  conv1: {
    ...{ channels: 7, kernel: 5, stride: 1, padding: uniformPadding(2), weights: 'bell' },
    pool: { kernel: 3, ceil: true },
  },
  fires: [
    { squeeze: 2, expand1x1: 5, expand3x3: 9, weights: 'bell', pool: null },
    { squeeze: 3, expand1x1: 4, expand3x3: 6, weights: 'biased', pool: { kernel: 2, ceil: false } },
  ],
  classifier: { classes: 10, relu: true, weights: 'bell' },
});
/** One vector a pixel, and images that are packed whole while their predecessor runs. */
const tiny = memberNetwork({
  ...{ height: 12, width: 9, preprocess: 'caffe', seed: 5 },
  conv1: {
    ...{ channels: 16, kernel: 1, stride: 1, padding: NO_PADDING, weights: 'bell' },
    pool: null,
  },
  fires: [],
  classifier: { classes: 3, relu: false, weights: 'bell' },
});
const NETWORKS: Readonly<Record<string, Network>> = {
  'v1.0': randomSqueezenet({ version: '1.0', side: 64, classes: 21, seed: 1 }),
  'v1.1': randomSqueezenet({ version: '1.1', side: 61, classes: 30, seed: 2 }),
  /** Ends with a map, which only extended engines write. */
  features: randomSqueezenet({ version: '1.1', side: 48, classes: 10, seed: 3, topology: { end: 'map' } }),
  narrow,
  tiny,
};
/** Networks whose packed pixels lie elsewhere than those of the one before, or where that has maps. */
const packsElsewhere = (networks: readonly Compiled[]) =>
  networks.filter(({ schedule: { packed } }, index) => {
    const before = networks.at(index - 1)!.schedule;
    return packed.base !== before.packed.base;
  });
const packsOverMaps = (networks: readonly Compiled[]) =>
  networks.filter(({ schedule }, index) => schedule.packed.base < networks.at(index - 1)!.schedule.mapTop);

/** The networks of each round, and the memories that they take turns on. */
const QUEUES = [
  { names: ['v1.0', 'v1.1', 'narrow'], latency: 0, backpressure: 0 },
  { names: ['v1.0', 'v1.1', 'narrow'], latency: 20, backpressure: 30 },
  { names: ['narrow', 'tiny', 'v1.1', 'tiny'], latency: 70, backpressure: 0 },
  { names: ['tiny', 'tiny', 'narrow'], latency: 0, backpressure: 0 },
];
/** On an extended engine: one network's maps go over the port while the next one's image is packed. */
const EXTENDED_QUEUES = [
  { names: ['v1.0', 'features', 'narrow', 'v1.1'], latency: 0, backpressure: 0 },
  { names: ['features', 'tiny', 'v1.0', 'tiny'], latency: 70, backpressure: 0 },
  { names: ['v1.0', 'features', 'tiny'], latency: 20, backpressure: 30 },
];
/**
 * Packed pairs and single products, one packing lane and two, ports of 32 to 128 bits; and so little memory that
 * maps of one network lie where the next one packs its pixels.
 */
const ENGINES: readonly Engine[] = [
  { board: 'sim', lanes: '16x16x1', wishes: { memoryKib: 64 } },
  { board: 'zynq-7020', lanes: '16x8x3', wishes: { memoryKib: 64 } },
  { board: 'sim', lanes: '16x4x8', wishes: { memoryKib: 64, port: 128 } },
  { board: 'sim', lanes: '16x1x5', wishes: { memoryKib: 64, port: 32 } },
  { board: 'sim', lanes: '16x4x4', wishes: { memoryKib: 32, extended: true } },
];

async function compileFor(network: Network, geometry: Geometry): Promise<Compiled> {
  const calibration = await resolveCalibration(network, { range: 'minmax' }, () => {});
  return compile({ network, calibration, geometry });
}

describe.each(ENGINES)('$lanes for $board', (engine) => {
  const geometry = engineGeometry(engine);
  const queues = geometry.extended ? EXTENDED_QUEUES : QUEUES;
  const compiled = new Map<string, Compiled>();

  beforeAll(async () => {
    for (const name of new Set(queues.flatMap(({ names }) => names))) {
      compiled.set(name, await compileFor(NETWORKS[name], geometry));
    }
  });

  it('meets every way in which a tape may follow another', () => {
    const found = queues.map(({ names }) => names.map((name) => compiled.get(name)!));
    expect(found.some((networks) => packsOverMaps(networks).length > 0)).toBe(true);
    expect(found.some((networks) => packsElsewhere(networks).length > 0)).toBe(true);
    const transfers = compiled.get('v1.0')!.schedule.commands.some((command) => 'transfer' in command);
    expect(transfers).toBe(geometry.extended === 1);
    if (geometry.extended) return;
    expect(found.some((networks) => packsElsewhere(networks).length < networks.length)).toBe(true);
  });

  it.each(queues)(
    '$names in turn give their bits (latency $latency, $backpressure % back-pressure)',
    async ({ names, ...memory }) => {
      const networks = names.map((name) => compiled.get(name)!);
      const rounds = [0, 1].map((round) =>
        networks.map(({ network: { input } }, index) => {
          const [image] = synthesizeImages(1, 10 * round + index, input.height, input.width);
          return image;
        }),
      );
      const found = await verifyTogether(networks, rounds, memory);

      for (const [index, { layers, images, top5, fixedTop5 }] of found.networks.entries()) {
        expect(images).toBe(rounds.length);
        const expected = graphValues(networks[index].network);
        expect(layers.map(({ name, values, witnesses }) => ({ name, values, witnesses }))).toEqual(
          expected.map(([name, values]) => ({
            name,
            values: values * rounds.length,
            witnesses: { onnx: 0, tape: 0, rtl: 0 },
          })),
        );
        expect(top5).toEqual(fixedTop5);
      }
      expect(found.mismatches).toBe(0);

      const ids = networks.map(({ tape }) => readFields(tape, 0, HEADER).tapeId);
      expect(new Set(ids).size).toBe(new Set(names).size);
      expect(found.results.map(({ tapeId }) => tapeId)).toEqual(rounds.flatMap(() => ids));

      if (memory.backpressure > 0) return;
      const queue = rounds.flatMap(() => networks.map(({ schedule }) => schedule));
      expect(found.doneCycles).toEqual(predictQueue(queue, geometry, memory).doneCycles);
      expect(found.predictedCycles).toBe(found.cycles);
    },
  );
});
