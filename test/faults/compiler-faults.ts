/** Faults in the compiler. */
import type { Fault } from './fault.ts';

const COMPILED = { test: 'test/sim/tape/compiled.test.ts', only: 'v1.1 at 64' };

export const COMPILER_FAULTS: readonly Fault[] = [
  {
    name: 'scale-per-tensor',
    what: 'weights are quantized by one scale for all output channels',
    file: 'gen/quantize/convolution.ts',
    before: 'const ideal = largestMagnitude(filter)',
    after: 'const ideal = largestMagnitude(Float64Array.from(conv.weight))',
    test: 'test/gen/quantize/convolution.test.ts',
  },
  {
    name: 'mean-in-real-weights',
    what: "the image's mean is folded into the bias with the weights before rounding",
    file: 'gen/quantize/convolution.ts',
    before: 'weight[i] * offsets[channel] + error',
    after: '(filter[i] / scale) * offsets[channel] + error',
    test: 'test/gen/quantize/convolution.test.ts',
  },
  {
    name: 'multiplier-carry',
    what: 'a multiplier that rounds up to 2^16 keeps its 17th bit',
    file: 'gen/quantize/multiplier.ts',
    before: 'm <= MULTIPLIER_MAX)',
    after: 'm <= MULTIPLIER_MAX + 1)',
    test: 'test/gen/quantize/multiplier.test.ts',
  },
  {
    name: 'pool-finished-early',
    what: 'a pooled row counts as finished while the last row of its windows is still to come',
    file: 'gen/schedule/blocks.ts',
    before: '2 * o + pool.kernel, length',
    after: '2 * o + pool.kernel - 1, length',
    test: 'test/gen/schedule/blocks.test.ts',
  },
  {
    name: 'allocation-overlap',
    what: 'a map may be laid onto another in the very stage that still reads that one',
    file: 'gen/schedule/allocate.ts',
    before: 'a.from <= b.to && b.from <= a.to',
    after: 'a.from < b.to && b.from < a.to',
    test: 'test/gen/schedule/plan.test.ts',
  },
  {
    name: 'production-order',
    what: 'the slots of the concatenated map hold neighbouring channels the other way round',
    file: 'gen/schedule/passes.ts',
    before: 'part.firstOutput + channel : -1',
    after: 'part.firstOutput + (channel ^ 1) : -1',
    ...COMPILED,
  },
  {
    name: 'swapped-tap',
    what: 'the weight tiles of a 3x3 kernel are laid out column by column',
    file: 'gen/tape/sections.ts',
    before: ': tap;',
    after: ': (tap % 3) * 3 + Math.floor(tap / 3);',
    ...COMPILED,
  },
  {
    name: 'no-offset-correction',
    what: 'the bias on the tape lacks 128·Σw',
    file: 'gen/tape/sections.ts',
    before: 'conv.bias[o] + ACTIVATION_OFFSET * weightSum(conv, o)',
    after: 'conv.bias[o]',
    ...COMPILED,
  },
  {
    name: 'shared-mark-set',
    what: "a stage's output takes the mark set of its block buffer",
    file: 'gen/tape/encode.ts',
    before: 'out: (last + 2) % 4',
    after: 'out: (last + 1) % 4',
    ...COMPILED,
    says: /output and its sources share their marks/,
  },
  {
    name: 'dead-cycle-predicted',
    what: 'the predicted cycles hold a dead one for every weight tile',
    file: 'gen/schedule/cycles/timing.ts',
    before: 'loadToSwap: TILE_LOAD_CYCLES - 1',
    after: 'loadToSwap: TILE_LOAD_CYCLES',
    test: 'test/rtl/engine.test.ts',
    only: 'in the predicted cycles',
  },
];
