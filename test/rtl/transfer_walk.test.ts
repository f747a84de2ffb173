import { describe, expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { runBench } from './harness/bench.ts';
import { randomTransfer, walk } from './transfers-model.ts';

const ADDRESS_BITS = 10;

describe('transfer_walk', () => {
  it.each([1, 2, 3, 8])('says where each word lies, %i pixel lanes', async (lanes) => {
    const random = new Prng(lanes);
    const transfers = Array.from({ length: 60 }, () => randomTransfer(random, lanes, ADDRESS_BITS));
    let at = -1;
    let word = 0;
    let places = walk(transfers[0], lanes, ADDRESS_BITS);
    let driven = { start: false, step: false };
    const check = (seen: Record<string, bigint>) => {
      if (at < 0) return;
      const place = places[word];
      const [pad, last] = [seen.pad_o === 1n, seen.last_o === 1n];
      expect({ pad, last }, `transfer ${at}, word ${word}`).toEqual({
        pad: place === undefined,
        last: word === places.length - 1,
      });
      if (place) expect([Number(seen.bank_o), Number(seen.addr_o)]).toEqual([place.bank, place.address]);
    };
    const result = await runBench({
      module: 'transfer_walk',
      parameters: { PixLanes: lanes, AddrBits: ADDRESS_BITS },
      react: {
        observe: ['pad_o', 'last_o', 'addr_o', 'bank_o'],
        drive: [
          ...['start_i', 'first_addr_i', 'first_bank_i', 'stride_i', 'vectors_i', 'pad_words_i'],
          ...['row_pixels_i', 'words_i', 'step_i'],
        ],
        step: (seen) => {
          // What was driven last is what this cycle saw: behind a start the first word shows.
          if (driven.step || !driven.start) check(seen);
          if (driven.step) word++;
          const ends = at < 0 || word === places.length;
          if (ends && at === transfers.length - 1) return null;
          if (ends) {
            places = walk(transfers[++at], lanes, ADDRESS_BITS);
            word = 0;
          }
          const fields = transfers[at];
          driven = { start: ends, step: !ends && random.next() % 3 > 0 };
          return {
            start_i: Number(driven.start),
            first_addr_i: (fields.base + fields.firstGroup) % 2 ** ADDRESS_BITS,
            first_bank_i: fields.firstLane,
            stride_i: fields.stride,
            vectors_i: fields.vectors,
            pad_words_i: fields.padWords,
            row_pixels_i: fields.rowPixels,
            words_i: fields.words,
            step_i: Number(driven.step),
          };
        },
      },
      cycles: 100_000,
      seed: lanes,
    });
    expect(result.finished).toBe(true);
    expect(at).toBe(transfers.length - 1);
  });
});
