import { describe, expect, test } from 'vitest';
import { FireforgeError } from '../../../gen/diagnostics/diagnostic.ts';
import { loadBoard } from '../../../gen/geometry/boards.ts';
import { geometryHash, lanesText } from '../../../gen/geometry/geometry.ts';
import { blocksFor, engineMemories, engineResources } from '../../../gen/geometry/resources.ts';
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
    expect(splitMacs(256).map(lanesText)).toEqual(['16x16x1', '16x8x2', '16x4x4', '16x2x8', '16x1x16']);
    expect(splitMacs(384).map(lanesText)).toEqual(['16x8x3', '16x4x6', '16x2x12', '16x1x24']);
    expect(splitMacs(48).map(lanesText)).toEqual(['16x1x3']);
    expect(splitMacs(16).map(lanesText)).toEqual(['16x1x1']);
    expect(splitMacs(4096).map(lanesText)).not.toContain('16x1x256');
  });

  test.each([
    ['16x16', 'error FF405: --lanes 16x16: it is not three numbers'],
    ['8x16x1', 'there are 16 input lanes, not 8'],
    ['16x32x1', '32 output lanes are not possible'],
    ['16x16x0', 'there must be a pixel lane'],
    ['16x3x1', '3 output lanes are not possible'],
    ['16x16x17', 'it has more than 4096 MAC units'],
    ['16x1x256', 'it has more than 255 pixel lanes'],
  ])('%s is refused', (text, message) => {
    expect(errorOf(() => parseLanes(text))).toContain(message);
  });

  test('a number of MAC units that no split gives is answered with its neighbours', () => {
    expect(errorOf(() => splitMacs(100))).toContain('Take 96 or 112.');
    expect(errorOf(() => splitMacs(5000))).toContain('Take 4096.');
  });

  test('a board’s candidates are those that fit it', () => {
    const zynq = candidateLanes(loadBoard('zynq-7020')).map(lanesText);
    expect(zynq[0]).toBe('16x8x3');
    expect(zynq).not.toContain('16x16x2');
    const ecp5 = candidateLanes(loadBoard('ulx3s-85f')).map(lanesText);
    expect(ecp5.slice(0, 4)).toEqual(['16x8x1', '16x4x2', '16x2x4', '16x1x7']);
    expect(ecp5.at(-1)).toBe('16x1x1');
    expect(candidateLanes(loadBoard('sim')).slice(0, 2).map(lanesText)).toEqual(['16x16x16', '16x8x32']);
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

  test('a long burst never exceeds 4 KiB, nor the queue of its reader', () => {
    expect(geometryFor(sim, lanes('16x16x1'), { burst: 128 }).burstBeats).toBe(128);
    expect(errorOf(() => geometryFor(sim, lanes('16x16x1'), { burst: 256 }))).toContain('has 1 to 128 beats');
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

describe('small engines', () => {
  const sim = loadBoard('sim');

  test('the rows of pool state hold the passes of 512 channels, and the row buffer its bytes', () => {
    const of = (text: string) => {
      const { poolWords, poolPasses } = geometryFor(sim, lanes(text));
      return [poolWords, poolPasses];
    };
    expect(of('16x16x1')).toEqual([512, 128]);
    expect(of('16x2x1')).toEqual([4096, 256]);
    expect(of('16x1x3')).toEqual([8192, 512]);
  });

  test('a column of one output lane takes as many wide multipliers as one of two', () => {
    const multipliers = (text: string) => engineResources(geometryFor(sim, lanes(text)), sim).multipliers;
    expect(multipliers('16x1x1')).toBe(17);
    expect(multipliers('16x2x1')).toBe(17);
    const ecp5 = loadBoard('ulx3s-85f');
    expect(engineResources(geometryFor(ecp5, lanes('16x1x2')), ecp5).multipliers).toBe(2 * (16 + 2));
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

  test('the max-pool’s rows and the burst queues are counted as they are built', () => {
    const sim = loadBoard('sim');
    const memory = (text: string, name: string) =>
      engineMemories(geometryFor(sim, lanes(text))).find((one) => one.name === name);
    expect(memory('16x16x1', 'pool rows')).toMatchObject({ copies: 1, depth: 512, width: 128 });
    expect(memory('16x16x8', 'pool rows')).toMatchObject({ copies: 4, depth: 128, width: 128 });
    expect(memory('16x16x1', 'burst queues')).toMatchObject({ copies: 2, depth: 128, width: 64 });
    expect(memory('16x16x1', 'kept sums')).toMatchObject({ copies: 0 });
    const extended = engineMemories(geometryFor(sim, lanes('16x16x1'), { extended: true }));
    expect(extended.find(({ name }) => name === 'burst queues')).toMatchObject({ copies: 3 });
    expect(extended.find(({ name }) => name === 'kept sums')).toMatchObject({ copies: 1, depth: 2048 });
  });

  test('the large memories go into UltraRAM where there is any', () => {
    const kv260 = loadBoard('kv260');
    const [uram, bram] = engineResources(geometryFor(kv260, lanes('16x16x2')), kv260).memories;
    expect(uram.blocks).toBeGreaterThan(0);
    expect(bram.blocks).toBeLessThan(20);
  });
});
