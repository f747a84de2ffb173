import { describe, expect, it } from 'vitest';
import { loadBoard } from '../../../gen/geometry/boards.ts';
import { macUnits } from '../../../gen/geometry/geometry.ts';
import { geometryFor } from '../../../gen/geometry/sizing.ts';
import { NO_PADDING } from '../../../gen/graph/network.ts';
import { networkMacs } from '../../../gen/graph/shapes.ts';
import { shapesOnly } from '../../../gen/quantize/shapes-only.ts';
import { predictCycles } from '../../../gen/schedule/cycles/predict.ts';
import { STALL_NAMES } from '../../../gen/schedule/cycles/stalls.ts';
import { passTiles, walkRuns } from '../../../gen/schedule/nest.ts';
import { planSchedule } from '../../../gen/schedule/plan.ts';
import { memberNetwork } from '../../end-to-end/random-member.ts';
import { numberlessSqueezenet } from './numberless.ts';

const sim = loadBoard('sim');

describe('predictCycles', () => {
  const network = numberlessSqueezenet('1.1', 64);
  const geometry = geometryFor(sim, { outputLanes: 16, pixelLanes: 1 });
  const schedule = planSchedule(network, geometry);
  const predict = (latency: number, images = 3) => predictCycles(schedule, geometry, { latency, images });

  it('never beats the array', () => {
    const { doneCycles } = predict(0);
    expect(networkMacs(network.source) / (macUnits(geometry) * (doneCycles[2] - doneCycles[1]))).toBeLessThan(
      1,
    );
  });

  it('grows with the memory latency for a single image', () => {
    expect(predict(200, 1).cycles).toBeGreaterThan(predict(0, 1).cycles);
  });

  it('counts results in order, one time apart each', () => {
    const { cycles, doneCycles } = predict(30);
    expect(doneCycles).toHaveLength(3);
    expect(doneCycles[2]).toBe(cycles);
    expect(doneCycles[1]).toBeGreaterThan(doneCycles[0]);
  });

  it('asks for the next image once the port is free, though the tape ended before its image', () => {
    // Few weights: the tape is read long before the image is. The cycles are those of the RTL.
    const fires = [{ squeeze: 1, expand1x1: 1, expand3x3: 1, weights: 'bell', pool: null }] as const;
    const member = memberNetwork({
      ...{ height: 48, width: 48, fires, preprocess: 'torchvision', seed: 1 },
      conv1: {
        ...{ channels: 2, kernel: 3, stride: 1, padding: NO_PADDING, weights: 'bell' },
        pool: { kernel: 2, ceil: false },
      },
      classifier: { classes: 1, relu: true, weights: 'bell' },
    });
    const short = planSchedule(shapesOnly(member), geometry);
    expect(predictCycles(short, geometry, { latency: 0, images: 2 }).doneCycles).toEqual([12444, 24147]);
  });

  it('accounts for every cycle of the array', () => {
    for (const [latency, images] of [
      [0, 1],
      [30, 3],
      [200, 2],
    ]) {
      const { cycles, stages } = predict(latency, images);
      const spent = stages.map(
        ({ issued, stalls }) => issued + STALL_NAMES.reduce((n, s) => n + stalls[s], 0),
      );
      expect(spent.reduce((a, b) => a + b)).toBe(cycles);
    }
  });

  it('issues as many groups as the runs have, for every image', () => {
    const groups = schedule.stages.map((stage) =>
      [...walkRuns(stage)].reduce((n, run) => n + run.groups * passTiles(run.pass), 0),
    );
    expect(predict(30, 3).stages.map(({ issued }) => issued)).toEqual(groups.map((n) => 3 * n));
  });
});
