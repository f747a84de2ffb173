import { describe, expect, test } from 'vitest';
import { chooseEngine, rateEngines } from '../../gen/choose-engine.ts';
import { FireforgeError } from '../../gen/diagnostics/diagnostic.ts';
import { loadBoard } from '../../gen/geometry/boards.ts';
import { lanesText, macUnits } from '../../gen/geometry/geometry.ts';
import { engineResources } from '../../gen/geometry/resources.ts';
import { candidateLanes, geometryFor } from '../../gen/geometry/sizing.ts';
import { randomSqueezenet } from '../../gen/import/random.ts';
import { shapesOnly } from '../../gen/quantize/shapes-only.ts';
import { predictCycles } from '../../gen/schedule/cycles/predict.ts';
import { leastCycles } from '../../gen/schedule/least-cycles.ts';
import { planSchedule } from '../../gen/schedule/plan.ts';

const network = randomSqueezenet({ version: '1.1', side: 64, classes: 100, seed: 1 });
const zynq = loadBoard('zynq-7020');

/** Every engine that fits, each predicted: what pruning must not change. */
const all = candidateLanes(zynq).map((lanes) => {
  const geometry = geometryFor(zynq, lanes);
  const schedule = planSchedule(shapesOnly(network), geometry);
  const { cycles } = predictCycles(schedule, geometry, { latency: 30, images: 1 });
  return { geometry, schedule, cycles, multipliers: engineResources(geometry, zynq).multipliers };
});

describe('the default engine', () => {
  test('is the fastest of all that fit', () => {
    const fewest = Math.min(...all.map(({ cycles }) => cycles));
    const chosen = lanesText(chooseEngine(network, { board: zynq }));
    expect(all.find(({ geometry }) => lanesText(geometry) === chosen)?.cycles).toBe(fewest);
  });

  test('is no larger than the board allows where nobody asks', () => {
    const board = { ...zynq, defaults: { ...zynq.defaults, macUnits: 100 } };
    expect(macUnits(chooseEngine(network, { board }))).toBeLessThanOrEqual(100);
  });

  test('of a number of MAC units is the fastest split', () => {
    const splits = all.filter(({ geometry }) => macUnits(geometry) === 128);
    const fewest = Math.min(...splits.map(({ cycles }) => cycles));
    const chosen = lanesText(chooseEngine(network, { board: zynq, macs: 128 }));
    expect(splits.length).toBeGreaterThan(2);
    expect(splits.find(({ geometry }) => lanesText(geometry) === chosen)?.cycles).toBe(fewest);
  });

  test('of too many MAC units is refused by what the best split needs', () => {
    expect(() => chooseEngine(network, { board: zynq, macs: 1024 })).toThrow(FireforgeError);
    expect(() => chooseEngine(network, { board: zynq, macs: 1024 })).toThrow(
      '16x16x4 lanes needs 544 DSP48E1',
    );
  });
});

describe('the list of engines', () => {
  test('holds each one that none of no more multipliers is as fast as, fastest first', () => {
    const front = all
      .filter((one) => !all.some((o) => o.multipliers <= one.multipliers && o.cycles < one.cycles))
      .sort((a, b) => a.cycles - b.cycles);
    const rated = rateEngines(network, { board: zynq });
    expect(rated.map(({ cycles }) => cycles)).toEqual([...new Set(front.map(({ cycles }) => cycles))]);
    const names = new Set(front.map(({ geometry }) => lanesText(geometry)));
    for (const { geometry } of rated) expect(names).toContain(lanesText(geometry));
  });

  test('starts with the default', () => {
    const [{ geometry }] = rateEngines(network, { board: zynq });
    expect(lanesText(geometry)).toBe(lanesText(chooseEngine(network, { board: zynq })));
  });
});

test('the least cycles of a schedule are a bound, close where the array is busy', () => {
  for (const { schedule, cycles } of all) expect(leastCycles(schedule)).toBeLessThan(cycles);
  const [large] = all.filter(({ geometry }) => lanesText(geometry) === '16x4x1');
  expect(leastCycles(large.schedule)).toBeGreaterThan(0.95 * large.cycles);
});
