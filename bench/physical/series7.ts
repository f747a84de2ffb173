/** Yosys' cells of series 7 as its data sheets count them. */
import type { Cells } from './cells.ts';

export interface Series7Use {
  /** Those of logic, and inverters, which Vivado would put into them. */
  readonly luts: number;
  /** LUTs that are distributed memory or shift registers. */
  readonly memoryLuts: number;
  readonly flipFlops: number;
  readonly dsps: number;
  readonly ramb36: number;
  readonly ramb18: number;
}

/** LUTs of a slice that one memory cell takes. */
const MEMORY_LUTS: Readonly<Record<string, number>> = {
  RAM32X1D: 2,
  RAM64X1D: 2,
  RAM128X1D: 4,
  RAM32M: 4,
  RAM64M: 4,
  SRL16E: 1,
  SRLC32E: 1,
};

export function series7Use(cells: Cells): Series7Use {
  const count = (pattern: RegExp) =>
    [...cells].reduce((sum, [type, number]) => sum + (pattern.test(type) ? number : 0), 0);
  return {
    luts: count(/^(LUT[1-6]|INV)$/),
    memoryLuts: Object.entries(MEMORY_LUTS).reduce(
      (sum, [type, luts]) => sum + luts * (cells.get(type) ?? 0),
      0,
    ),
    flipFlops: count(/^FD[RSCP]E(_1)?$/),
    dsps: count(/^DSP48E1$/),
    ramb36: count(/^RAMB36E1$/),
    ramb18: count(/^RAMB18E1$/),
  };
}
