import { describe, expect, it } from 'vitest';
import { poolLength } from '../../../gen/graph/shapes.ts';
import {
  blockMajorEntries,
  evenBlocks,
  finishedPixels,
  passMajorEntries,
} from '../../../gen/schedule/blocks.ts';
import type { PoolShape } from '../../../gen/schedule/nest.ts';

function poolOf(width: number, height: number, kernel: 2 | 3, ceil: boolean): PoolShape {
  const along = (length: number) => poolLength(length, { kernel, stride: 2, ceil }, 0, 0);
  const reaches = (length: number) => 2 * (along(length) - 1) + kernel > length;
  return {
    kernel,
    width: along(width),
    height: along(height),
    partialColumn: reaches(width),
    partialRow: reaches(height),
  };
}

/** Counts finished windows one by one. */
function finishedByCounting(width: number, height: number, pool: PoolShape, pixels: number): number {
  let finished = 0;
  for (let y = 0; y < pool.height; y++) {
    for (let x = 0; x < pool.width; x++) {
      const lastX = Math.min(2 * x + pool.kernel, width) - 1;
      const lastY = Math.min(2 * y + pool.kernel, height) - 1;
      if (lastY * width + lastX < pixels) finished++;
    }
  }
  return finished;
}

describe('finishedPixels', () => {
  for (const [width, height] of [
    [7, 7],
    [8, 8],
    [5, 9],
    [111, 4],
    [2, 2],
  ]) {
    for (const kernel of [2, 3] as const) {
      for (const ceil of [true, false]) {
        it(`counts windows of ${kernel}x${kernel} (${ceil ? 'ceil' : 'floor'}) in ${width}x${height}`, () => {
          const pool = poolOf(width, height, kernel, ceil);
          const finished = finishedPixels(width, height, pool);
          for (let n = 0; n <= width * height; n++) {
            expect(finished(n)).toBe(finishedByCounting(width, height, pool, n));
          }
        });
      }
    }
  }

  it('is the identity without a pool', () => {
    expect(finishedPixels(5, 5, undefined)(17)).toBe(17);
  });
});

describe('evenBlocks', () => {
  it('cuts into the fewest blocks, none over the depth, none empty', () => {
    for (let total = 1; total < 400; total++) {
      const blocks = evenBlocks(total, 64);
      expect(blocks.reduce((a, b) => a + b)).toBe(total);
      expect(Math.max(...blocks)).toBeLessThanOrEqual(64);
      expect(Math.min(...blocks)).toBeGreaterThan(0);
      expect(blocks.length).toBe(Math.ceil(total / 64));
    }
  });
});

describe('passMajorEntries', () => {
  it('lists expand and squeeze blocks side by side', () => {
    expect(passMajorEntries(169, 49, 64)).toEqual([
      { groups: 57, squeezeGroups: 49 },
      { groups: 57, squeezeGroups: 0 },
      { groups: 55, squeezeGroups: 0 },
    ]);
  });
});

describe('blockMajorEntries', () => {
  const plan = (width: number, height: number, lanes: number, pool?: PoolShape) =>
    blockMajorEntries({
      pixels: width * height,
      lanes,
      depth: 64,
      minimumChunk: 32,
      finished: finishedPixels(width, height, pool),
      pooledPixels: pool ? pool.width * pool.height : width * height,
      gathers: pool !== undefined,
    });

  it('squeezes each block one block late', () => {
    const { entries, bufferGroups } = plan(10, 15, 1);
    expect(entries).toEqual([
      { groups: 50, squeezeGroups: 0 },
      { groups: 50, squeezeGroups: 50 },
      { groups: 50, squeezeGroups: 50 },
      { groups: 0, squeezeGroups: 50 },
    ]);
    expect(bufferGroups).toBe(100);
  });

  for (const lanes of [1, 2, 3, 4]) {
    it(`walks conv1 of v1.1 whole, never reads what is not finished, with ${lanes} pixel lanes`, () => {
      const pool = poolOf(111, 111, 3, true);
      const finished = finishedPixels(111, 111, pool);
      const { entries, bufferGroups } = plan(111, 111, lanes, pool);
      let walked = 0;
      let squeezed = 0;
      let unread = 0;
      for (const { groups, squeezeGroups } of entries) {
        // The chunk runs behind the block's first pass, so only blocks before this one count.
        const doneBefore = Math.floor(finished(Math.min(walked * lanes, 111 * 111)) / lanes);
        const all = walked * lanes >= 111 * 111;
        expect(squeezed + squeezeGroups).toBeLessThanOrEqual(all ? Math.ceil(3025 / lanes) : doneBefore);
        walked += groups;
        const done = Math.ceil(finished(Math.min(walked * lanes, 111 * 111)) / lanes);
        expect(done - unread).toBeLessThanOrEqual(bufferGroups);
        squeezed += squeezeGroups;
        unread = squeezed;
        expect(squeezeGroups).toBeLessThanOrEqual(64);
      }
      expect(walked).toBe(Math.ceil((111 * 111) / lanes));
      expect(squeezed).toBe(Math.ceil(3025 / lanes));
    });
  }
});
