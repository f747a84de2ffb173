import { describe, expect, test } from 'vitest';
import { FireforgeError } from '../../../gen/diagnostics/diagnostic.ts';
import { loadBoard } from '../../../gen/geometry/boards.ts';
import { geometryHash, lanesText } from '../../../gen/geometry/geometry.ts';
import { blocksFor, engineResources } from '../../../gen/geometry/resources.ts';
import { candidateLanes, geometryFor, parseLanes, splitMacs } from '../../../gen/geometry/sizing.ts';

const lanes = (text: string) => parseLanes(text);
const errorOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    if (error instanceof FireforgeError) return error.message;
    throw error;
  }
  throw new Error('it did not fail');
};

describe('lanes', () => {
  test('MAC units are split over output and pixel lanes, larger tiles first', () => {
    expect(splitMacs(256).map(lanesText)).toEqual(['16x16x1', '16x8x2', '16x4x4']);
    expect(splitMacs(384).map(lanesText)).toEqual(['16x8x3', '16x4x6']);
    expect(splitMacs(64).map(lanesText)).toEqual(['16x4x1']);
  });

  test.each([
    ['16x16', 'error FF405: --lanes 16x16: it is not three numbers'],
    ['8x16x1', 'there are 16 input lanes, not 8'],
    ['16x32x1', '32 output lanes are not possible'],
    ['16x16x0', 'there must be a pixel lane'],
    ['16x16x999', 'it has more than 4096 MAC units'],
  ])('%s is refused', (text, message) => {
    expect(errorOf(() => parseLanes(text))).toContain(message);
  });

  test('a number of MAC units that no split gives is answered with its neighbours', () => {
    expect(errorOf(() => splitMacs(100))).toContain('Take 64 or 128.');
    expect(errorOf(() => splitMacs(5000))).toContain('Take 4096.');
  });

  test('a board’s candidates are those that fit it', () => {
    const zynq = candidateLanes(loadBoard('zynq-7020')).map(lanesText);
    expect(zynq[0]).toBe('16x8x3');
    expect(zynq).not.toContain('16x16x2');
    expect(candidateLanes(loadBoard('ulx3s-85f')).map(lanesText)).toEqual(['16x8x1', '16x4x2', '16x4x1']);
    expect(candidateLanes(loadBoard('sim')).slice(0, 3).map(lanesText)).toEqual([
      '16x16x2',
      '16x8x4',
      '16x4x8',
    ]);
  });
});

describe('geometry', () => {
  const sim = loadBoard('sim');

  test('the port of sim widens above 1024 MAC units', () => {
    expect(geometryFor(sim, lanes('16x16x4')).portBits).toBe(64);
    expect(geometryFor(sim, lanes('16x16x5')).portBits).toBe(128);
    expect(geometryFor(sim, lanes('16x16x5'), { port: 64 }).portBits).toBe(64);
  });

  test('wishes change the memories, and the hash with them', () => {
    const plain = geometryFor(sim, lanes('16x16x1'));
    const wished = geometryFor(sim, lanes('16x16x1'), { ringKib: 64, memoryKib: 100, burst: 32 });
    expect(plain).toMatchObject({ ringWords: 8192, mapWords: 16384, burstBeats: 16 });
    expect(wished).toMatchObject({ ringWords: 4096, mapWords: 6400, burstBeats: 32 });
    expect(geometryHash(wished)).not.toBe(geometryHash(plain));
    expect(geometryHash(geometryFor(sim, lanes('16x16x1')))).toBe(geometryHash(plain));
  });

  test('a long burst never exceeds 4 KiB', () => {
    expect(errorOf(() => geometryFor(sim, lanes('16x16x1'), { port: 512, burst: 128 }))).toContain(
      'a burst of a 512-bit port has 1 to 64 beats',
    );
    expect(errorOf(() => geometryFor(sim, lanes('16x16x1'), { port: 48 }))).toContain('FF407: --port 48');
    expect(errorOf(() => geometryFor(sim, lanes('16x16x1'), { ringKib: 100 }))).toContain(
      'FF407: --ring 100',
    );
    expect(errorOf(() => geometryFor(sim, lanes('16x16x1'), { memoryKib: 0.5 }))).toContain('--memory 0.5');
  });

  test('what does not fit says by how much', () => {
    expect(errorOf(() => geometryFor(loadBoard('zynq-7020'), lanes('16x16x2')))).toContain(
      'needs 272 DSP48E1, 52 more than the 220 there are',
    );
    expect(errorOf(() => geometryFor(loadBoard('zynq-7020'), lanes('16x8x3'), { ringKib: 512 }))).toMatch(
      /needs \d+ RAMB36, \d+ more than the 140 there are/,
    );
  });
});

describe('resources', () => {
  test('two MACs share a wide multiplier, and a requantizer lane serves two', () => {
    const sim = loadBoard('sim');
    expect(engineResources(geometryFor(sim, lanes('16x8x3')), sim).multipliers).toBe(192 + 12);
    const ecp5 = loadBoard('ulx3s-85f');
    expect(engineResources(geometryFor(ecp5, lanes('16x8x1')), ecp5).multipliers).toBe(128 + 2 * 4);
  });

  test('a memory takes the block’s width that needs the fewest', () => {
    const ramb36 = { name: 'RAMB36', count: 140, kbit: 36, widest: 72, narrowest: 9 };
    const memory = { name: 'm', copies: 1, large: false };
    expect(blocksFor({ ...memory, depth: 512, width: 72 }, ramb36)).toBe(1);
    expect(blocksFor({ ...memory, depth: 4096, width: 8 }, ramb36)).toBe(1);
    expect(blocksFor({ ...memory, copies: 3, depth: 1024, width: 128 }, ramb36)).toBe(3 * 4);
  });

  test('the large memories go into UltraRAM where there is any', () => {
    const kv260 = loadBoard('kv260');
    const [uram, bram] = engineResources(geometryFor(kv260, lanes('16x16x2')), kv260).memories;
    expect(uram.blocks).toBeGreaterThan(0);
    expect(bram.blocks).toBeLessThan(20);
  });
});
