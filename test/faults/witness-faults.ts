/** Faults in the witnesses: an error there must not hide one of the engine's. */
import type { Fault } from './fault.ts';

const INTERPRETER = { test: 'test/sim/tape/interpreter.test.ts', only: '16 x 3 lanes' };

export const WITNESS_FAULTS: readonly Fault[] = [
  {
    name: 'contract-no-rounding',
    what: 'the contract as the simulators compute it does not add half',
    file: 'gen/quantize/numerics.ts',
    before: 'value * m + POWERS_OF_TWO[s - 1]',
    after: 'value * m',
    test: 'test/sim/fixed/run-fixed.test.ts',
  },
  {
    name: 'fixed-pool-edge',
    what: 'the fixed simulator cuts the last window of a ceil-mode pool one row short',
    file: 'sim/fixed/pool.ts',
    before: 'Math.min(top + kernel, input.height)',
    after: 'Math.min(top + kernel, input.height - 1)',
    test: 'test/sim/fixed/run-fixed.test.ts',
  },
  {
    name: 'fixed-relu-missing',
    what: 'the fixed simulator sums negative values into the global pool',
    file: 'sim/fixed/scaling.ts',
    before: 'relu ? Math.max(sum, 0) : sum',
    after: 'sum',
    test: 'test/sim/fixed/run-fixed.test.ts',
  },
  {
    name: 'onnx-no-rounding',
    what: 'network.onnx adds a little less than half before it shifts',
    file: 'gen/emit/onnx/integer-layers.ts',
    before: '2 ** (s - 1)',
    after: '2 ** (s - 1) - 1',
    test: 'test/sim/integer/integer-witness.test.ts',
  },
  {
    name: 'interpreter-packer-row',
    what: 'the packer of the tape interpreter takes its rows one image row too low',
    file: 'sim/tape/packer.ts',
    before: 'outY * stride - padTop + ky',
    after: 'outY * stride - padTop + ky + 1',
    ...INTERPRETER,
  },
  {
    name: 'interpreter-missing-mask',
    what: 'the tape interpreter does not mask taps to the left of the map',
    file: 'sim/tape/operands.ts',
    before: 'x >= 0 && x < width',
    after: 'x < width',
    ...INTERPRETER,
  },
  {
    name: 'interpreter-pool-column',
    what: 'the max-pool of the tape interpreter waits for the missing column of a partial window',
    file: 'sim/tape/max-pool.ts',
    before: 'shorter(partialColumn, column, pooledWidth)',
    after: 'shorter(false, column, pooledWidth)',
    test: 'test/sim/tape/max-pool.test.ts',
  },
  {
    name: 'bench-latency',
    what: 'the memory of the Verilator bench answers one cycle later than promised',
    file: 'sim/rtl/bench/memory.h',
    before: 'payload.beats(), cycle + 1 + m_file.latency',
    after: 'payload.beats(), cycle + 2 + m_file.latency',
    test: 'test/sim/rtl/rtl-witness.test.ts',
    only: 'port of 64 bits.*keeps the promised latency',
  },
];
