/** The whole engine, small, against the fixed simulator: what the benches of single modules cannot see. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emitVerilog } from '../../gen/emit/verilog.ts';
import { loadBoard } from '../../gen/geometry/boards.ts';
import { geometryFor, parseLanes } from '../../gen/geometry/sizing.ts';
import { randomSqueezenet } from '../../gen/import/random.ts';
import { quantize } from '../../gen/quantize/quantize.ts';
import { predictCycles } from '../../gen/schedule/cycles/predict.ts';
import { STALL_NAMES, type Stall } from '../../gen/schedule/cycles/stalls.ts';
import type { Schedule } from '../../gen/schedule/nest.ts';
import { planSchedule } from '../../gen/schedule/plan.ts';
import { encodeTape } from '../../gen/tape/encode.ts';
import { resolveCalibration } from '../../host/calibration.ts';
import { countMismatches } from '../../sim/compare/comparison.ts';
import { rtlWitnessResults } from '../../sim/compare/rtl-tensors.ts';
import type { WitnessResult } from '../../sim/compare/tensors.ts';
import { runFixed } from '../../sim/fixed/run-fixed.ts';
import { synthesizeImages } from '../../sim/image/synthetic.ts';
import { jobsOf, runRtl } from '../../sim/rtl/rtl-witness.ts';

const SIDE = 48;
const geometry = geometryFor(loadBoard('sim'), parseLanes('16x4x2'));
const images = [...synthesizeImages(2, 5, SIDE, SIDE)];

const rtlDir = mkdtempSync(path.join(tmpdir(), 'fireforge-engine-'));
const { top, files } = emitVerilog(geometry);
for (const [name, text] of files) writeFileSync(path.join(rtlDir, path.basename(name)), text);
afterAll(() => rmSync(rtlDir, { recursive: true }));

let tape: Uint8Array;
let schedule: Schedule;
let references: WitnessResult[];

beforeAll(async () => {
  const network = randomSqueezenet({ version: '1.1', side: SIDE, classes: 10, seed: 3 });
  const integer = quantize(network, await resolveCalibration(network, { range: 'minmax' }, () => {}));
  schedule = planSchedule(integer, geometry);
  tape = encodeTape(integer, schedule, geometry);
  references = images.map((image) => runFixed(integer, image));
}, 120_000);

async function check(latency: number, backpressure: number) {
  const jobs = jobsOf(tape, images);
  const run = await runRtl({ rtlDir, top, geometry, jobs, latency, backpressure, seed: 1 });
  expect(run.results.map(({ ok }) => ok)).toEqual(images.map(() => true));
  const queue = images.map(() => schedule);
  for (const [i, found] of rtlWitnessResults(run.probes, run.results, queue, geometry).entries()) {
    const layers = new Map(found.layers.map(({ name, values }) => [name, values]));
    const differing = references[i].layers.map(({ name, values }) => [
      name,
      countMismatches(values, layers.get(name)),
    ]);
    expect(differing).toEqual(references[i].layers.map(({ name }) => [name, 0]));
    expect([...found.output]).toEqual([...references[i].output]);
  }
  return run;
}

describe('the engine', () => {
  it('gives the bits of the contract in the predicted cycles, lost to the predicted causes', async () => {
    const latency = 30;
    const run = await check(latency, 0);
    const { registers } = run;
    const predicted = predictCycles(schedule, geometry, { latency, images: images.length });
    expect(run.doneCycles).toEqual(predicted.doneCycles);
    const sum = (cause: Stall) => predicted.stages.reduce((n, { stalls }) => n + stalls[cause], 0);
    const counted = STALL_NAMES.filter((cause) => cause !== 'drain');
    expect(counted.map((cause) => [cause, registers[`STALL_${cause.toUpperCase()}`]])).toEqual(
      counted.map((cause) => [cause, sum(cause)]),
    );
  });

  it('gives the same bits when the memory holds back', async () => {
    await check(3, 30);
  });
});
