/** A whole extended engine with little memory: bypasses, bands, a padded classifier, sums that go on. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { emitVerilog } from '../../gen/emit/verilog.ts';
import { loadBoard } from '../../gen/geometry/boards.ts';
import { geometryFor, parseLanes } from '../../gen/geometry/sizing.ts';
import { uniformPadding } from '../../gen/graph/network.ts';
import type { IntegerNetwork } from '../../gen/quantize/integer-network.ts';
import { predictQueue } from '../../gen/schedule/cycles/predict.ts';
import { STALL_NAMES, type Stall } from '../../gen/schedule/cycles/stalls.ts';
import type { Schedule } from '../../gen/schedule/nest.ts';
import { planSchedule } from '../../gen/schedule/plan.ts';
import { encodeTape } from '../../gen/tape/encode.ts';
import { countMismatches } from '../../sim/compare/comparison.ts';
import { rtlWitnessResults } from '../../sim/compare/rtl-tensors.ts';
import type { WitnessResult } from '../../sim/compare/tensors.ts';
import { runFixed } from '../../sim/fixed/run-fixed.ts';
import { synthesizeImages } from '../../sim/image/synthetic.ts';
import { runRtl } from '../../sim/rtl/rtl-witness.ts';
import { type RandomNetworkOptions, randomNetwork } from '../sim/integer/random-network.ts';
import { withSplitClassifier } from './transferred.ts';

const SIDES = { height: 63, width: 50 };
const geometry = {
  ...geometryFor(loadBoard('sim'), parseLanes('16x4x3'), { port: 64, extended: true }),
  mapWords: 192,
};
const images = [...synthesizeImages(3, 9, SIDES.width, SIDES.height)];

const rtlDir = mkdtempSync(path.join(tmpdir(), 'fireforge-extended-'));
const { top, files } = emitVerilog(geometry);
for (const [name, text] of files) writeFileSync(path.join(rtlDir, path.basename(name)), text);
afterAll(() => rmSync(rtlDir, { recursive: true }));

function padded(network: IntegerNetwork, pixels: number): IntegerNetwork {
  const layers = network.layers.map((layer) =>
    layer.kind === 'classifier'
      ? { ...layer, conv: { ...layer.conv, padding: uniformPadding(pixels) } }
      : layer,
  );
  return { ...network, layers };
}

const random = (seed: number, options: RandomNetworkOptions) =>
  randomNetwork(seed, { ...SIDES, classes: 43, ...options });
const has = (schedule: Schedule, what: (stage: Schedule['stages'][number]) => unknown) =>
  schedule.stages.some((stage) => Boolean(what(stage)));

interface Case {
  readonly what: string;
  readonly network: IntegerNetwork;
  readonly schedule: Schedule;
  readonly tape: Uint8Array;
  readonly references: readonly WitnessResult[];
}

function makeCase(
  what: string,
  network: IntegerNetwork,
  uses: (schedule: Schedule) => boolean,
  change = (schedule: Schedule) => schedule,
): Case {
  const schedule = change(planSchedule(network, geometry));
  expect(uses(schedule), what).toBe(true);
  const references = images.map((image) => runFixed(network, image));
  return { what, network, schedule, tape: encodeTape(network, schedule, geometry), references };
}

/** The network without its classifier: the last map leaves the chip. */
function mapEnd(network: IntegerNetwork): IntegerNetwork {
  const [{ width, height }] = planSchedule(network, geometry).stages.slice(-1);
  const classifier = network.layers[network.layers.length - 1];
  const channels = classifier.kind === 'classifier' ? classifier.conv.inChannels : 0;
  const output = { kind: 'map', height, width, channels, scale: 1 } as const;
  return { ...network, layers: network.layers.slice(0, -1), output };
}

const CASES = [
  makeCase('bands and a simple bypass', random(3, { bypass: 'simple' }), (schedule) =>
    has(schedule, ({ source }) => source.second),
  ),
  makeCase('bands and a complex bypass', random(4, { bypass: 'complex' }), (schedule) =>
    has(schedule, ({ part }) => part.rows < part.height),
  ),
  makeCase('a padded classifier', padded(random(5, {}), 3), (schedule) =>
    has(schedule, ({ border }) => border > 0),
  ),
  makeCase(
    'sums over parts of a map',
    random(6, { relu: false }),
    (schedule) => has(schedule, ({ sums }) => sums?.goesOn && sums.continues),
    (schedule) => withSplitClassifier(schedule, geometry),
  ),
  makeCase('a map as the result', mapEnd(random(7, {})), ({ commands }) =>
    commands.some((command) => 'transfer' in command && command.transfer.result),
  ),
];

/** Runs the images through the engine, each with the case of its job. */
async function run(cases: readonly Case[], latency: number, backpressure: number) {
  const jobs = cases.map(({ tape }, i) => ({ tape, image: images[i % images.length] }));
  const queue = cases.map(({ schedule }) => schedule);
  const found = await runRtl({ rtlDir, top, geometry, jobs, latency, backpressure, seed: 2 });
  expect(found.results.map(({ ok }) => ok)).toEqual(cases.map(() => true));
  for (const [i, result] of rtlWitnessResults(found.probes, found.results, queue, geometry).entries()) {
    const reference = cases[i].references[i % images.length];
    const layers = new Map(result.layers.map(({ name, values }) => [name, values]));
    const differing = reference.layers.map(({ name, values }) => [
      name,
      countMismatches(values, layers.get(name)),
    ]);
    expect(differing).toEqual(reference.layers.map(({ name }) => [name, 0]));
    expect([...result.output]).toEqual([...reference.output]);
  }
  return found;
}

async function checkCycles(cases: readonly Case[], latency: number) {
  const found = await run(cases, latency, 0);
  const queue = cases.map(({ schedule }) => schedule);
  const predicted = predictQueue(queue, geometry, { latency });
  expect(found.doneCycles).toEqual(predicted.doneCycles);
  const sum = (cause: Stall) => predicted.stages.reduce((n, { stalls }) => n + stalls[cause], 0);
  const counted = STALL_NAMES.filter((cause) => cause !== 'drain');
  expect(counted.map((cause) => [cause, found.registers[`STALL_${cause.toUpperCase()}`]])).toEqual(
    counted.map((cause) => [cause, sum(cause)]),
  );
}

describe.each(CASES)('$what', (one) => {
  it.each([0, 30])('gives the bits in the predicted cycles at latency %i', async (latency) => {
    await checkCycles([one, one, one], latency);
  });

  it('gives the same bits when the memory holds back', async () => {
    await run([one, one, one], 3, 30);
  });
});

describe('jobs of all of them in a queue', () => {
  const [simple, complex, border, sums, map] = CASES;
  const queue = [map, simple, map, map, border, sums, complex, sums, map];

  it.each([0, 60])('give the bits in the predicted cycles at latency %i', async (latency) => {
    await checkCycles(queue, latency);
  });

  it('give the same bits when the memory holds back', async () => {
    await run(queue, 7, 30);
  });
});
