import { describe, expect, it } from 'vitest';
import { readCells, sumCells } from '../../bench/physical/cells.ts';
import { series7Use } from '../../bench/physical/series7.ts';

/** As `stat -json` prints it, without what nobody reads. */
const REPORT = JSON.stringify({
  creator: 'Yosys',
  modules: {
    '\\top': { num_cells_by_type: { '$paramod\\pair\\Width=8': 3, leaf: 1, INV: 1 } },
    '$paramod\\pair\\Width=8': { num_cells_by_type: { '$paramod$1e188c9b\\leaf': 2, FDRE: 5, LUT2: 1 } },
    '$paramod$1e188c9b\\leaf': { num_cells_by_type: { DSP48E1: 1, RAM64M: 2 } },
    '\\leaf': { num_cells_by_type: { RAMB36E1: 2, RAMB18E1: 1, SRL16E: 7, FDSE: 1, LUT6: 4, CARRY4: 9 } },
  },
});

describe('readCells', () => {
  const top = readCells(REPORT, 'top');

  it('counts what is in a module as often as the module is', () => {
    expect(Object.fromEntries(top.cells)).toEqual({
      INV: 1,
      FDRE: 15,
      LUT2: 3,
      DSP48E1: 6,
      RAM64M: 12,
      RAMB36E1: 2,
      RAMB18E1: 1,
      SRL16E: 7,
      FDSE: 1,
      LUT6: 4,
      CARRY4: 9,
    });
  });

  it('names modules as the source does', () => {
    expect(top.parts.map(({ module, count }) => [module.name, count])).toEqual([
      ['pair', 3],
      ['leaf', 1],
    ]);
    expect(top.parts[0].module.parts[0].module.name).toBe('leaf');
  });

  it('sums modules', () => {
    expect(sumCells(top.parts).get('RAM64M')).toBe(12);
  });
});

describe('series7Use', () => {
  it('counts LUTs of logic and of memory, flip-flops and blocks', () => {
    expect(series7Use(readCells(REPORT, 'top').cells)).toEqual({
      luts: 3 + 4 + 1,
      memoryLuts: 12 * 4 + 7,
      flipFlops: 15 + 1,
      dsps: 6,
      ramb36: 2,
      ramb18: 1,
    });
  });
});
