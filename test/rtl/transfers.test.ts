/** Whole extended engines whose maps go through the result buffer, against the fixed simulator. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emitVerilog } from '../../gen/emit/verilog.ts';
import { loadBoard } from '../../gen/geometry/boards.ts';
import type { Geometry } from '../../gen/geometry/geometry.ts';
import { geometryFor, parseLanes } from '../../gen/geometry/sizing.ts';
import { Prng } from '../../gen/import/prng.ts';
import { randomSqueezenet } from '../../gen/import/random.ts';
import type { IntegerNetwork } from '../../gen/quantize/integer-network.ts';
import { quantize } from '../../gen/quantize/quantize.ts';
import { predictCycles } from '../../gen/schedule/cycles/predict.ts';
import { STALL_NAMES, type Stall } from '../../gen/schedule/cycles/stalls.ts';
import type { Schedule } from '../../gen/schedule/nest.ts';
import { planSchedule } from '../../gen/schedule/plan.ts';
import { bufferBytes } from '../../gen/schedule/result-buffer.ts';
import { encodeTape } from '../../gen/tape/encode.ts';
import { resultBuffer } from '../../gen/tape/result-buffer.ts';
import { resolveCalibration } from '../../host/calibration.ts';
import { countMismatches } from '../../sim/compare/comparison.ts';
import { rtlWitnessResults } from '../../sim/compare/rtl-tensors.ts';
import type { WitnessResult } from '../../sim/compare/tensors.ts';
import { runFixed } from '../../sim/fixed/run-fixed.ts';
import { synthesizeImages } from '../../sim/image/synthetic.ts';
import { jobsOf, runRtl } from '../../sim/rtl/rtl-witness.ts';
import { resultMap, withMapResult, withTransfers } from './transferred.ts';

const SIDE = 40;
const images = [...synthesizeImages(3, 7, SIDE, SIDE)];

let integer: IntegerNetwork;
let references: WitnessResult[];

beforeAll(async () => {
  const network = randomSqueezenet({ version: '1.1', side: SIDE, classes: 10, seed: 4 });
  integer = quantize(network, await resolveCalibration(network, { range: 'minmax' }, () => {}));
  references = images.map((image) => runFixed(integer, image));
}, 120_000);

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function emitted(geometry: Geometry) {
  const rtlDir = mkdtempSync(path.join(tmpdir(), 'fireforge-transfers-'));
  folders.push(rtlDir);
  const { top, files } = emitVerilog(geometry);
  for (const [name, text] of files) writeFileSync(path.join(rtlDir, path.basename(name)), text);
  return { rtlDir, top };
}

describe.each([
  { lanes: '16x4x1', port: 32, memoryKib: 1024 },
  { lanes: '16x4x2', port: 64, memoryKib: 1024 },
  { lanes: '16x2x3', port: 128, memoryKib: 1024 },
  { lanes: '16x4x5', port: 512, memoryKib: 1024 },
])('an engine of $lanes lanes on a $port bit port', ({ lanes, port, memoryKib }) => {
  const geometry = geometryFor(loadBoard('sim'), parseLanes(lanes), { port, memoryKib, extended: true });
  let design: ReturnType<typeof emitted>;
  let logits: Schedule;
  let map: Schedule;
  beforeAll(() => {
    design = emitted(geometry);
    const planned = planSchedule(integer, geometry);
    logits = withTransfers(planned, new Prng(port));
    map = withTransfers(withMapResult(planned), new Prng(port + 1));
  });

  async function run(schedule: Schedule, latency: number, backpressure: number) {
    const tape = encodeTape(integer, schedule, geometry);
    expect(resultBuffer(tape).bytes).toBe(bufferBytes(schedule));
    const memory = { latency, backpressure, seed: 3 };
    const found = await runRtl({ ...design, geometry, jobs: jobsOf(tape, images), ...memory });
    expect(found.results.map(({ ok }) => ok)).toEqual(images.map(() => true));
    return found;
  }

  function checkCycles(found: Awaited<ReturnType<typeof run>>, schedule: Schedule, latency: number) {
    const predicted = predictCycles(schedule, geometry, { latency, images: images.length });
    expect(found.doneCycles).toEqual(predicted.doneCycles);
    const sum = (cause: Stall) => predicted.stages.reduce((n, { stalls }) => n + stalls[cause], 0);
    const counted = STALL_NAMES.filter((cause) => cause !== 'drain');
    expect(counted.map((cause) => [cause, found.registers[`STALL_${cause.toUpperCase()}`]])).toEqual(
      counted.map((cause) => [cause, sum(cause)]),
    );
  }

  async function checkLogits(latency: number, backpressure: number) {
    const found = await run(logits, latency, backpressure);
    const queue = images.map(() => logits);
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

  async function checkMap(latency: number, backpressure: number) {
    const found = await run(map, latency, backpressure);
    const { expandPasses } = map.stages[map.stages.length - 1];
    const names = [...new Set(expandPasses.map(({ conv }) => conv.name))];
    for (const [i, { data }] of found.results.entries()) {
      const channels = resultMap(data, map);
      let first = 0;
      for (const { name, values } of references[i].layers.filter((layer) => names.includes(layer.name))) {
        const { conv } = expandPasses.find((pass) => pass.conv.name === name)!;
        for (let c = 0; c < conv.outChannels; c++) {
          const expected = [...values].filter((_, at) => at % conv.outChannels === c);
          expect(channels.get(first + c), `${name}, channel ${c}`).toEqual(expected);
        }
        first += conv.outChannels;
      }
      expect(channels.size).toBe(first);
    }
    return found;
  }

  it.each([0, 7, 60])('moves maps in the predicted cycles at latency %i', async (latency) => {
    checkCycles(await checkLogits(latency, 0), logits, latency);
    checkCycles(await checkMap(latency, 0), map, latency);
  });

  it('gives the same bits when the memory holds back', async () => {
    await checkLogits(3, 30);
    await checkMap(3, 30);
  });
});
