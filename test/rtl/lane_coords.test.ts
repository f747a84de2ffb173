import { describe, expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { runBench } from './harness/bench.ts';
import type { Values } from './harness/ports.ts';

const COORD_BITS = 16;

interface Expected {
  readonly busy: boolean;
  /** Flattened index of the group's first pixel, where it is defined. */
  readonly pixel: number | undefined;
}

/** Random controls by cycle, and what a plain pixel counter makes of them. */
function randomWalk(lanes: number, width: number, cycles: number, random: Prng) {
  const drive: Values[] = [];
  const expected: Expected[] = [];
  let home = 0;
  let block = 0;
  let current: number | undefined;
  let busyFor = 0;
  const chance = (percent: number) => Number(random.uniform() * 100 < percent);
  for (let cycle = 0; cycle < cycles; cycle++) {
    const busy = busyFor > 0;
    expected.push({ busy, pixel: busy ? undefined : current });
    if (busy) {
      busyFor--;
      drive.push({});
      continue;
    }
    if (current === undefined || chance(3)) {
      const start_x_i = random.next() % width;
      const start_y_i = random.next() % 300;
      drive.push({ start_i: 1, start_x_i, start_y_i });
      home = block = current = start_y_i * width + start_x_i;
      busyFor = lanes;
      continue;
    }
    const [home_i, advance_i, save_i] = [chance(4), chance(70), chance(15)];
    const rewind_i = advance_i ? 0 : chance(30);
    drive.push({ home_i, rewind_i, advance_i, save_i });
    const following: number = current + lanes;
    const before: number = block;
    if (save_i) block = following;
    if (advance_i) current = following;
    else if (rewind_i) current = before;
    if (home_i) block = current = home;
  }
  return { drive, expected };
}

describe.each([1, 2, 3, 4, 7, 8, 16])('lane_coords of %d lanes', (lanes) => {
  it.each([1, 2, 3, 5, 8, 13, 55, 111])('walks rows of %d', async (width) => {
    const { drive, expected } = randomWalk(lanes, width, 1500, new Prng(lanes * 1000 + width));
    const { probes } = await runBench({
      module: 'lane_coords',
      parameters: { PixLanes: lanes, CoordBits: COORD_BITS },
      constants: { width_i: width, step_x_i: lanes % width, step_y_i: Math.floor(lanes / width) },
      drive,
      probes: ['x_o', 'y_o', 'busy_o'],
      cycles: 2000,
    });
    const coordinate = (bus: bigint, lane: number) =>
      Number(BigInt.asUintN(COORD_BITS, bus >> BigInt(COORD_BITS * lane)));
    const seen: number[][] = [];
    const wanted: number[][] = [];
    for (const [cycle, { busy, pixel }] of expected.entries()) {
      expect(probes.busy_o[cycle]).toBe(BigInt(busy));
      if (pixel === undefined) continue;
      for (let lane = 0; lane < lanes; lane++) {
        seen.push([cycle, coordinate(probes.x_o[cycle], lane), coordinate(probes.y_o[cycle], lane)]);
        wanted.push([cycle, (pixel + lane) % width, Math.floor((pixel + lane) / width)]);
      }
    }
    expect(seen).toEqual(wanted);
  });
});
