import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { runBench } from './harness/bench.ts';
import { REPOSITORY } from './harness/rtl-files.ts';

const MODULE = 'rtl/cell/signed_multiplier.v';

// The primitive is a model, read from Lattice's guide; no vendor's simulator has seen it.
describe.each([
  { name: 'portable', files: [MODULE] },
  { name: 'an ECP5 multiplier', files: ['test/rtl/models/MULT18X18D.v', MODULE] },
])('signed_multiplier, $name', ({ files }) => {
  it('multiplies all pairs of bytes, the weight held until the next is loaded', async () => {
    const random = new Prng(3);
    const pairs = Array.from({ length: 65536 }, (_, i) => [(i >> 8) - 128, (i & 255) - 128]);
    // A weight that is offered without load has no effect.
    const steps = pairs.map(([weight, x], i) => {
      const load = i % 256 === 0;
      return { load_i: Number(load), weight_i: load ? weight : random.next() & 255, x_i: x };
    });
    const result = await runBench({
      module: 'signed_multiplier',
      root: REPOSITORY,
      files,
      reset: '',
      drive: steps,
      probes: ['product_o'],
      cycles: steps.length + 2,
    });
    const products = result.probes.product_o.slice(2).map((bits) => Number(BigInt.asIntN(16, bits)));
    expect(products).toHaveLength(pairs.length);
    const wrong = pairs.filter(([weight, x], i) => products[i] !== weight * x);
    expect(wrong.slice(0, 5)).toEqual([]);
  });
});

it('is one MULT18X18D of an ECP5 and nothing beside it', async () => {
  const script = [
    `read_verilog -DFIREFORGE_ECP5 ${join(REPOSITORY, MODULE)}`,
    'synth_ecp5 -top signed_multiplier',
    'write_json',
  ].join('; ');
  const { stdout } = await promisify(execFile)('yosys', ['-q', '-p', script], { maxBuffer: 1 << 26 });
  const cells: { type: string }[] = Object.values(JSON.parse(stdout).modules.signed_multiplier.cells);
  expect(cells.map(({ type }) => type)).toEqual(['MULT18X18D']);
}, 60_000);
