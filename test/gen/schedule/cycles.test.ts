import { describe, expect, it } from 'vitest';
import { loadBoard } from '../../../gen/geometry/boards.ts';
import { macUnits } from '../../../gen/geometry/geometry.ts';
import { geometryFor } from '../../../gen/geometry/sizing.ts';
import { networkMacs } from '../../../gen/graph/shapes.ts';
import { predictCycles } from '../../../gen/schedule/cycles/predict.ts';
import { planSchedule } from '../../../gen/schedule/plan.ts';
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

  it('accounts for every array cycle of a stage', () => {
    for (const stage of predict(30).stages) {
      const { issued, weights, bank, source, other } = stage;
      expect(Math.abs(stage.end - stage.begin - (issued + weights + bank + source + other))).toBe(0);
    }
  });
});
