import { describe, expect, it } from 'vitest';
import { coarsestStep, equalizedSteps } from '../../../gen/quantize/equalize.ts';

describe('steps of a map', () => {
  it('are the geometric mean of a channel’s own step and the map’s', () => {
    const steps = equalizedSteps([255, 63.75, 16 * 255]);
    expect([...steps]).toEqual([4, 2, 16]);
    expect(coarsestStep(steps)).toBe(16);
  });

  it('hold every channel’s range, and are bounded for channels that are hardly ever on', () => {
    const ranges = [0, 1e-9, 0.3, 7];
    const steps = equalizedSteps(ranges);
    for (const [c, range] of ranges.entries())
      expect(255 * steps[c]).toBeGreaterThanOrEqual(range * (1 - 1e-12));
    expect(steps[0]).toBe(steps[1]);
    expect(steps[0]).toBeCloseTo(steps[3] / 10, 12);
  });

  it('of a map that was never on are positive', () => {
    expect(equalizedSteps([0, 0])[0]).toBeGreaterThan(0);
  });
});
