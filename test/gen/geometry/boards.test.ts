import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { FireforgeError } from '../../../gen/diagnostics/diagnostic.ts';
import { listBoards, loadBoard, parseBoard } from '../../../gen/geometry/boards.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'fireforge-board-'));
afterAll(() => rmSync(folder, { recursive: true }));

const diagnostic = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    if (error instanceof FireforgeError) return error.diagnostic;
    throw error;
  }
  throw new Error('it did not fail');
};

const minimal = () => ({
  title: 'Mine',
  device: 'x',
  multipliers: { name: 'DSP', count: 10, bits: 25, macs: 2, requantizer: 1 },
  memories: [{ name: 'RAM', count: 4, kbit: 36, widest: 72, narrowest: 9 }],
  clockMHz: 50,
  port: { bits: 32, burst: 16 },
  defaults: { ringKib: 64, memoryKib: 128 },
});

describe('boards', () => {
  test('the shipped ones have their devices’ numbers', () => {
    expect(listBoards()).toEqual(['kv260', 'sim', 'ulx3s-85f', 'zynq-7020']);
    const numbers = listBoards().map((name) => {
      const { multipliers, memories, clockMHz } = loadBoard(name);
      return [
        name,
        multipliers.count,
        ...memories.map(({ name: kind, count }) => `${count} ${kind}`),
        clockMHz,
      ];
    });
    expect(numbers).toEqual([
      ['kv260', 1248, '64 URAM', '144 RAMB36', 300],
      ['sim', Number.POSITIVE_INFINITY, 'Infinity block memory', 100],
      ['ulx3s-85f', 156, '208 EBR', 80],
      ['zynq-7020', 220, '140 RAMB36', 100],
    ]);
  });

  test('a folder of the user’s is a board too', () => {
    writeFileSync(path.join(folder, 'board.json'), JSON.stringify(minimal()));
    expect(loadBoard(folder)).toMatchObject({ name: path.basename(folder), title: 'Mine' });
  });

  test('an unknown name is answered with the known ones', () => {
    expect(diagnostic(() => loadBoard('zynq'))).toMatchObject({
      code: 'FF401',
      remedy: expect.stringContaining('kv260, sim, ulx3s-85f, zynq-7020'),
    });
  });

  test.each([
    ['clockMHz', { clockMHz: 0 }, 'it is 0, but must be a whole number from 1'],
    ['title', { title: undefined }, 'the field is missing'],
    ['port', { port: [] }, 'it must be an object'],
    ['memories', { memories: [] }, 'it is [], but must be a list of objects'],
    ['memories[0].kbit', { memories: [{ name: 'RAM', count: 1, kbit: '36' }] }, 'it is "36", but'],
    ['multipliers.bits', { multipliers: { name: 'DSP', count: null, bits: 24 } }, 'must be 18 or 25 or 27'],
  ])('a wrong %s is named', (field, change, reason) => {
    const text = JSON.stringify({ ...minimal(), ...change });
    expect(diagnostic(() => parseBoard(text, 'board.json', 'mine'))).toMatchObject({
      code: 'FF402',
      subject: `board.json, ${field}`,
      reason: expect.stringContaining(reason),
    });
  });

  test('what is not JSON is refused', () => {
    expect(diagnostic(() => parseBoard('{', 'board.json', 'mine'))).toMatchObject({
      reason: 'it is not JSON',
    });
  });
});
