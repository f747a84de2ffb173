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
import { predictCycles } from '../../gen/schedule/cycles/predict.ts';
import { STALL_NAMES, type Stall } from '../../gen/schedule/cycles/stalls.ts';
import type { Schedule } from '../../gen/schedule/nest.ts';
import { planSchedule } from '../../gen/schedule/plan.ts';
import { encodeTape } from '../../gen/tape/encode.ts';
import { countMismatches } from '../../sim/compare/comparison.ts';
import { rtlWitnessResults } from '../../sim/compare/rtl-tensors.ts';
import { runFixed } from '../../sim/fixed/run-fixed.ts';
import { synthesizeImages } from '../../sim/image/synthetic.ts';
import { jobsOf, runRtl } from '../../sim/rtl/rtl-witness.ts';
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

describe.each([
  {
    what: 'bands and a simple bypass',
    network: random(3, { bypass: 'simple' }),
    uses: (schedule: Schedule) => has(schedule, ({ source }) => source.second),
  },
  {
    what: 'bands and a complex bypass',
    network: random(4, { bypass: 'complex' }),
    uses: (schedule: Schedule) => has(schedule, ({ part }) => part.rows < part.height),
  },
  {
    what: 'a padded classifier',
    network: padded(random(5, {}), 3),
    uses: (schedule: Schedule) => has(schedule, ({ border }) => border > 0),
  },
  {
    what: 'sums over parts of a map',
    network: random(6, { relu: false }),
    change: (schedule: Schedule) => withSplitClassifier(schedule, geometry),
    uses: (schedule: Schedule) => has(schedule, ({ sums }) => sums?.goesOn && sums.continues),
  },
])('$what', ({ network, change, uses }) => {
  const planned = planSchedule(network, geometry);
  const schedule = change ? change(planned) : planned;
  const tape = encodeTape(network, schedule, geometry);
  const references = images.map((image) => runFixed(network, image));

  async function run(latency: number, backpressure: number) {
    expect(uses(schedule)).toBe(true);
    const jobs = jobsOf(tape, images);
    const queue = images.map(() => schedule);
    const found = await runRtl({ rtlDir, top, geometry, jobs, latency, backpressure, seed: 2 });
    expect(found.results.map(({ ok }) => ok)).toEqual(images.map(() => true));
    for (const [i, result] of rtlWitnessResults(found.probes, found.results, queue, geometry).entries()) {
      const layers = new Map(result.layers.map(({ name, values }) => [name, values]));
      const differing = references[i].layers.map(({ name, values }) => [
        name,
        countMismatches(values, layers.get(name)),
      ]);
      expect(differing).toEqual(references[i].layers.map(({ name }) => [name, 0]));
      expect([...result.output]).toEqual([...references[i].output]);
    }
    return found;
  }

  it.each([0, 30])('gives the bits in the predicted cycles at latency %i', async (latency) => {
    const found = await run(latency, 0);
    const predicted = predictCycles(schedule, geometry, { latency, images: images.length });
    expect(found.doneCycles).toEqual(predicted.doneCycles);
    const sum = (cause: Stall) => predicted.stages.reduce((n, { stalls }) => n + stalls[cause], 0);
    const counted = STALL_NAMES.filter((cause) => cause !== 'drain');
    expect(counted.map((cause) => [cause, found.registers[`STALL_${cause.toUpperCase()}`]])).toEqual(
      counted.map((cause) => [cause, sum(cause)]),
    );
  });

  it('gives the same bits when the memory holds back', async () => {
    await run(3, 30);
  });
});
