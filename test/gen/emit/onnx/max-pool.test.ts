import { describe, expect, test } from 'vitest';
import { appendMaxPool } from '../../../../gen/emit/onnx/feature-map.ts';
import { GraphBuilder } from '../../../../gen/emit/onnx/graph-builder.ts';
import type { Padding } from '../../../../gen/graph/network.ts';
import { OnnxSession } from '../../../../sim/onnx/session.ts';

/** Maxima of one row of values by a max-pool of one row, in ONNX Runtime. */
async function poolRow(
  values: number[],
  kernel: number,
  stride: number,
  ceil: boolean,
  ends: [number, number],
) {
  const graph = new GraphBuilder();
  // The window is square: the row is repeated so that one window fits vertically.
  const shape = { channels: 1, height: kernel, width: values.length };
  const tensor = graph.input('image', 'uint8', [1, 1, shape.height, shape.width]);
  const padding: Padding = { top: 0, left: ends[0], bottom: 0, right: ends[1] };
  const pool = { kind: 'maxpool', name: 'pool1', kernel, stride, padding, ceil } as const;
  const map = appendMaxPool(graph, pool, { tensor, ...shape });
  graph.output('pool1', 'uint8', [1, 1, map.height, map.width]);
  const session = await OnnxSession.create(graph.encode('pool', 'one row'));
  const rows = Array.from({ length: kernel }, () => values).flat();
  return [...((await session.run(Uint8Array.from(rows))).get('pool1') as Uint8Array)];
}

describe('appendMaxPool', () => {
  test('floor: cells behind the last whole window take no part', async () => {
    expect(await poolRow([1, 2, 3, 4, 5, 9], 3, 2, false, [0, 0])).toEqual([3, 5]);
  });

  test('ceil: a last window reaches over the edge', async () => {
    expect(await poolRow([1, 2, 3, 4, 5, 9], 3, 2, true, [0, 0])).toEqual([3, 5, 9]);
  });

  test('ceil: a window that would start outside is left out', async () => {
    expect(await poolRow([1, 2, 3], 2, 3, true, [0, 0])).toEqual([2]);
    expect(await poolRow([1, 2, 3, 4], 2, 3, true, [0, 0])).toEqual([2, 4]);
  });

  test('padding at the start shifts the windows', async () => {
    expect(await poolRow([7, 2, 3, 4], 3, 2, false, [1, 0])).toEqual([7, 4]);
    expect(await poolRow([7, 2, 3, 4], 3, 2, false, [0, 1])).toEqual([7, 4]);
  });
});
