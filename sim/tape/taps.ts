/**
 * Where a 3x3 tap of a flattened map lies: a constant offset in groups and lanes, walked by the
 * descriptor's steps; and which pixels have it, by their coordinates.
 */
import type { StageDescriptor } from './tape.ts';

export interface Tap {
  /** Offset of the tap's pixel from the output's: whole groups, also negative, and 0 … G−1 lanes. */
  readonly group: number;
  readonly lane: number;
  readonly dx: number;
  readonly dy: number;
}

/** The only tap of a 1x1 convolution. */
export const CENTRE: readonly Tap[] = [{ group: 0, lane: 0, dx: 0, dy: 0 }];

/** The nine taps row by row. */
export function taps3x3(descriptor: StageDescriptor, lanes: number): Tap[] {
  const taps: Tap[] = [];
  let group = descriptor.tapStartGroup;
  let lane = descriptor.tapStartLane;
  const step = (groups: number, by: number) => {
    const carry = lane + by >= lanes;
    group += groups + (carry ? 1 : 0);
    lane += by - (carry ? lanes : 0);
  };
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      taps.push({ group, lane, dx, dy });
      if (dx < 1) step(0, 1);
      else step(descriptor.tapRowGroups, descriptor.tapRowLanes);
    }
  }
  return taps;
}

/** x and y of every lane of `groups` groups from the stage's first on, groups × lanes, walked by the lane steps. */
export interface Coordinates {
  readonly x: Int32Array;
  readonly y: Int32Array;
}

export function walkCoordinates(descriptor: StageDescriptor, lanes: number, groups: number): Coordinates {
  const { width, laneStepX, laneStepY, firstX, firstY } = descriptor;
  const coordinates = { x: new Int32Array(groups * lanes), y: new Int32Array(groups * lanes) };
  for (let lane = 0; lane < lanes; lane++) {
    let x = (firstX + lane) % width;
    let y = firstY + Math.floor((firstX + lane) / width);
    for (let at = lane; at < groups * lanes; at += lanes) {
      coordinates.x[at] = x;
      coordinates.y[at] = y;
      const wraps = x + laneStepX >= width;
      x += laneStepX - (wraps ? width : 0);
      y += laneStepY + (wraps ? 1 : 0);
    }
  }
  return coordinates;
}
