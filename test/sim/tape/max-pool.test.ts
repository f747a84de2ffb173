import { describe, expect, it } from 'vitest';
import { MaxPool } from '../../../sim/tape/max-pool.ts';
import type { StageDescriptor } from '../../../sim/tape/tape.ts';
import { generator, maxPool } from './small-network.ts';

const CHANNELS = 4;

/** All sides from 5 to 8 with the pooled sides of the floor and the ceil rule. */
function* shapes(): Generator<[kernel: 2 | 3, width: number, height: number, ceil: boolean]> {
  for (const kernel of [2, 3] as const) {
    for (const ceil of [false, true]) {
      for (let width = 5; width <= 8; width++) yield [kernel, width, 13 - width, ceil];
    }
  }
}

describe('the max-pool of flattened pixels', () => {
  it.each([...shapes()])(
    '%ix%i windows of a map %i wide, %i high, ceil %s',
    (kernel, width, height, ceil) => {
      const random = generator(width);
      const data = Array.from({ length: width * height * CHANNELS }, () => random() & 0xff);
      const pooled = (side: number) => (ceil ? Math.ceil : Math.floor)((side - kernel) / 2) + 1;
      const pooledWidth = pooled(width);
      const pooledHeight = pooled(height);
      const descriptor = {
        width,
        height,
        pooledWidth,
        pooledHeight,
        poolKernel: kernel,
        partialColumn: 2 * (pooledWidth - 1) + kernel > width,
        partialRow: 2 * (pooledHeight - 1) + kernel > height,
      } as StageDescriptor;
      const pool = new MaxPool(descriptor, CHANNELS);
      const result: number[] = [];
      // Two pixels behind the map, as a last group may have, must do no harm.
      const values = Uint8Array.from([...data, ...Array(2 * CHANNELS).fill(255)]);
      for (let at = 0; at < values.length; at += CHANNELS) result.push(...(pool.push(values, at) ?? []));
      expect(result).toEqual(
        maxPool({ width, height, channels: CHANNELS, data }, kernel, pooledWidth, pooledHeight).data,
      );
    },
  );
});
