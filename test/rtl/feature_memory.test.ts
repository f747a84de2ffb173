import { describe, expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { runBench } from './harness/bench.ts';
import { fromBytes, toBytes, type Values } from './harness/ports.ts';

const WORDS = 16;
const READ_LATENCY = 2;
/** A read this many cycles after a write sees it; one cycle earlier it may see anything. */
const WRITE_LATENCY = 2;

describe.each([
  { banks: 1, channels: 16 },
  { banks: 2, channels: 8 },
  { banks: 3, channels: 4 },
  { banks: 4, channels: 2 },
  { banks: 3, channels: 1 },
])('feature_memory of $banks banks, written by $channels channels', ({ banks, channels }) => {
  const parameters = { PixLanes: banks, OutLanes: channels, MapWords: WORDS };

  it('reads what both writers wrote, post first', async () => {
    const random = new Prng(10 * banks + channels);
    const bytes = (count: number) => Uint8Array.from({ length: count }, () => random.next() & 0xff);
    const packs = Array.from({ length: 1500 }, (_, i) => ({
      bank: i % banks,
      addr: Math.floor(i / banks) % WORDS,
      data: bytes(16),
    }));
    const posts = Array.from({ length: 4000 }, () => ({
      valid: random.uniform() < 0.5,
      mask: random.next() & ((1 << banks) - 1),
      addr: random.next() % WORDS,
      sub: random.next() % (16 / channels),
      data: bytes(banks * channels),
      read: random.uniform() < 0.7,
      readAddr: random.next() % WORDS,
      plus: random.next() & ((1 << banks) - 1),
    }));
    const drive: Values[] = posts.map((post) => ({
      write_valid_i: Number(post.valid),
      write_mask_i: post.mask,
      write_addr_i: post.addr,
      write_sub_i: post.sub,
      write_data_i: fromBytes(post.data),
      read_i: Number(post.read),
      read_addr_i: post.readAddr,
      read_plus_i: post.plus,
    }));
    const { probes, sent, finished } = await runBench({
      module: 'feature_memory',
      parameters,
      drive,
      sources: [
        {
          valid: 'pack_valid_i',
          ready: 'pack_ready_o',
          gapPercent: 30,
          items: packs.map(({ bank, addr, data }) => ({
            pack_bank_i: bank,
            pack_addr_i: addr,
            pack_data_i: fromBytes(data),
          })),
        },
      ],
      probes: ['read_data_o'],
      cycles: 6000,
    });
    expect(finished).toBe(true);

    // Bytes by bank and address; unknown until written.
    const memory = Array.from({ length: banks * WORDS }, () =>
      new Array<number | undefined>(16).fill(undefined),
    );
    const writtenAt = new Array<number>(banks * WORDS).fill(-WRITE_LATENCY);
    const packAt = new Map(sent[0].map((cycle, i) => [cycle, packs[i]]));
    const seen: (number | undefined)[][] = [];
    const expected: (number | undefined)[][] = [];
    for (const [cycle, post] of posts.entries()) {
      for (let bank = 0; post.read && bank < banks; bank++) {
        const word = bank * WORDS + ((post.readAddr + ((post.plus >> bank) & 1)) % WORDS);
        if (writtenAt[word] > cycle - WRITE_LATENCY) continue;
        const data = toBytes(probes.read_data_o[cycle + READ_LATENCY] >> BigInt(128 * bank), 16);
        expected.push([cycle, ...memory[word]]);
        seen.push([cycle, ...memory[word].map((byte, i) => (byte === undefined ? undefined : data[i]))]);
      }
      for (let bank = 0; post.valid && bank < banks; bank++) {
        if (((post.mask >> bank) & 1) === 0) continue;
        const word = bank * WORDS + post.addr;
        writtenAt[word] = cycle;
        for (let c = 0; c < channels; c++) {
          memory[word][post.sub * channels + c] = post.data[bank * channels + c];
        }
      }
      const pack = packAt.get(cycle);
      if (pack === undefined) continue;
      expect(post.valid).toBe(false);
      memory[pack.bank * WORDS + pack.addr] = [...pack.data];
      writtenAt[pack.bank * WORDS + pack.addr] = cycle;
    }
    expect(seen).toEqual(expected);
    expect(seen.length).toBeGreaterThan(2000);
  });

  it('takes a packed word in every cycle without a write of the post unit', async () => {
    const items = Array.from({ length: 200 }, (_, i) => ({
      pack_bank_i: i % banks,
      pack_addr_i: i % WORDS,
      pack_data_i: i,
    }));
    const drive = Array.from({ length: 400 }, (_, cycle) => ({ write_valid_i: cycle % 2 }));
    const { sent } = await runBench({
      module: 'feature_memory',
      parameters,
      drive,
      sources: [{ valid: 'pack_valid_i', ready: 'pack_ready_o', items }],
      cycles: 500,
    });
    expect(sent[0]).toEqual(items.map((_, i) => 2 * i));
  });
});
