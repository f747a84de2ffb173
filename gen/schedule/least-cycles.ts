/** A bound that costs nothing to know: what the array needs if it never waits for data. */
import { TILE_LOAD_CYCLES } from '../geometry/geometry.ts';
import { passTiles, type Schedule, walkRuns } from './nest.ts';

/**
 * No run of the schedule takes fewer cycles for an image: each tile issues its groups, one a cycle, and the next
 * one can be swapped in TILE_LOAD_CYCLES later at the earliest.
 */
export function leastCycles(schedule: Schedule): number {
  let cycles = 0;
  for (const stage of schedule.stages) {
    for (const { pass, groups } of walkRuns(stage)) {
      cycles += passTiles(pass) * Math.max(groups, TILE_LOAD_CYCLES);
    }
  }
  return cycles;
}
