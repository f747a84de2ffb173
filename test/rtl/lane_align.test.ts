import { describe, expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { runBench } from './harness/bench.ts';
import { fromBytes, toBytes } from './harness/ports.ts';

const DATA_LATENCY = 3;
const LATENCY = 4;
const VECTOR = 16;

describe('lane_align', () => {
  it.each([1, 2, 3, 4, 5, 7, 8, 9, 16])(
    'turns banks into lanes and masks them, %i pixel lanes',
    async (lanes) => {
      const random = new Prng(lanes);
      const cycles = 400;
      const reads = Array.from({ length: cycles }, () => ({
        lane: random.next() % lanes,
        inside: Array.from({ length: lanes }, () => random.next() % 4 > 0),
        banks: Array.from({ length: lanes }, () =>
          Uint8Array.from({ length: VECTOR }, () => random.next() & 0xff),
        ),
      }));
      const drive = Array.from({ length: cycles + LATENCY }, (_, t) => ({
        lane_i: reads[t]?.lane ?? 0,
        inside_i: reads[t]?.inside.reduce((mask, inside, g) => mask | (Number(inside) << g), 0) ?? 0,
        read_data_i: fromBytes(Buffer.concat(reads[t - DATA_LATENCY]?.banks ?? [])),
      }));
      const { probes } = await runBench({
        module: 'lane_align',
        parameters: { PixLanes: lanes },
        drive,
        probes: ['data_o'],
        cycles: cycles + LATENCY,
      });
      for (const [t, { lane, inside, banks }] of reads.entries()) {
        const expected = inside.map((isInside, g) =>
          isInside ? banks[(g + lane) % lanes] : new Uint8Array(VECTOR),
        );
        const found = toBytes(probes.data_o[t + LATENCY], VECTOR * lanes);
        expect(Buffer.from(found), `read ${t}`).toEqual(Buffer.concat(expected));
      }
    },
  );
});
