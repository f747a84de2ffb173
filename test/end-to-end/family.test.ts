/** v1.0 and v1.1 with seeded weights through all witnesses, on an engine of every kind of multiplier. */
import { beforeAll, describe, expect, it } from 'vitest';
import { buildFiles } from '../../gen/compile.ts';
import type { Compiled } from '../../gen/compiled.ts';
import { loadBoard } from '../../gen/geometry/boards.ts';
import { synthesizeImages } from '../../sim/image/synthetic.ts';
import { compiledSqueezenet } from '../compiled.ts';
import { graphValues, verifyAll } from './all-witnesses.ts';

const SIDE = 64;
const CLASSES = 21;
const VERSIONS = ['1.1', '1.0'] as const;
/** Packed pairs on 25 and on 27 bits, single products on 18; one and several pixel lanes; all port widths. */
const ENGINES = [
  { board: 'sim', lanes: '16x16x1' },
  { board: 'zynq-7020', lanes: '16x8x3' },
  { board: 'ulx3s-85f', lanes: '16x8x1' },
  { board: 'kv260', lanes: '16x4x2' },
];
const MEMORIES = [
  { latency: 0, backpressure: 0 },
  { latency: 30, backpressure: 0 },
  { latency: 100, backpressure: 0 },
  { latency: 30, backpressure: 30 },
];
const images = synthesizeImages(2, 11, SIDE, SIDE);

describe.each(ENGINES)('$lanes for $board', ({ board, lanes }) => {
  const compiled = new Map<string, Compiled>();

  beforeAll(async () => {
    for (const version of VERSIONS) {
      compiled.set(
        version,
        await compiledSqueezenet({ version, side: SIDE, classes: CLASSES, board, lanes }),
      );
    }
  });

  it('has the same Verilog for both networks', () => {
    const [one, other] = VERSIONS.map((version) => {
      const files = buildFiles(compiled.get(version)!, {
        board: loadBoard(board),
        model: { model: version },
      });
      return [...files].filter(([name]) => name.startsWith('rtl/'));
    });
    expect(one.map(([name]) => name)).toContain('rtl/fireforge.v');
    expect(one).toEqual(other);
  });

  for (const version of VERSIONS) {
    it.each(MEMORIES)(
      `gives v${version} without a mismatch (latency $latency, $backpressure % back-pressure)`,
      async (memory) => {
        const network = compiled.get(version)!;
        const { layers, mismatches, doneCycles, ...found } = await verifyAll(network, images, memory);
        const expected = graphValues(network.network);
        expect(layers.map(({ name, values, witnesses }) => ({ name, values, witnesses }))).toEqual(
          expected.map(([name, values]) => ({
            name,
            values: values * images.length,
            witnesses: { onnx: 0, tape: 0, rtl: 0 },
          })),
        );
        expect(mismatches).toBe(0);
        expect(found.cycles).toBe(doneCycles.at(-1));
        expect(found.top5).toEqual(found.fixedTop5);
        if (memory.backpressure === 0) {
          expect(found.predictedCycles).toBe(found.cycles);
        }
      },
    );
  }
});
