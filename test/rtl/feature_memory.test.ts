import { describe, expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { runBench } from './harness/bench.ts';
import { fromBytes, toBytes, type Values } from './harness/ports.ts';

const WORDS = 16;
const READ_LATENCY = 3;
/** A read this many cycles after a write sees it; one cycle earlier it may see anything. */
const WRITE_LATENCY = 2;

describe.each([
  { banks: 1, channels: 16 },
  { banks: 2, channels: 8 },
  { banks: 3, channels: 4 },
  { banks: 4, channels: 2 },
  { banks: 3, channels: 1 },
  { banks: 4, channels: 16, packLanes: 2 },
  { banks: 5, channels: 4, packLanes: 2 },
])('feature_memory of $banks banks, written by $channels channels', ({ banks, channels, packLanes = 1 }) => {
  const parameters = { PixLanes: banks, PackLanes: packLanes, OutLanes: channels, MapWords: WORDS };
  const bankBits = Math.max(1, Math.ceil(Math.log2(banks)));
  const addrBits = Math.log2(WORDS);

  it('reads what both writers wrote, post first', async () => {
    const random = new Prng(10 * banks + channels);
    const bytes = (count: number) => Uint8Array.from({ length: count }, () => random.next() & 0xff);
    // Each lane of the packer writes another bank.
    const packs = (first: number) =>
      Array.from({ length: packLanes }, (_, lane) => ({
        valid: random.uniform() < 0.4,
        bank: (first + lane) % banks,
        addr: random.next() % WORDS,
        data: bytes(16),
      }));
    const join = (values: readonly bigint[], bits: number) =>
      values.reduce((sum, value, lane) => sum | (value << BigInt(bits * lane)), 0n);
    const posts = Array.from({ length: 4000 }, (_, cycle) => ({
      packs: packs(cycle),
      valid: random.uniform() < 0.5,
      mask: random.next() & ((1 << banks) - 1),
      addr: random.next() % WORDS,
      sub: random.next() % (16 / channels),
      data: bytes(banks * channels),
      readAddr: random.next() % WORDS,
      plus: random.next() & ((1 << banks) - 1),
    }));
    const drive: Values[] = posts.map((post) => ({
      write_valid_i: Number(post.valid),
      write_mask_i: post.mask,
      write_addr_i: post.addr,
      write_sub_i: post.sub,
      write_data_i: fromBytes(post.data),
      read_addr_i: post.readAddr,
      read_plus_i: post.plus,
      pack_valid_i: join(
        post.packs.map(({ valid }) => BigInt(valid)),
        1,
      ),
      pack_bank_i: join(
        post.packs.map(({ bank }) => BigInt(bank)),
        bankBits,
      ),
      pack_addr_i: join(
        post.packs.map(({ addr }) => BigInt(addr)),
        addrBits,
      ),
      pack_data_i: join(
        post.packs.map(({ data }) => fromBytes(data)),
        128,
      ),
    }));
    const { probes, finished } = await runBench({
      module: 'feature_memory',
      parameters,
      drive,
      probes: ['read_data_o', 'pack_ready_o'],
      cycles: 6000,
    });
    expect(finished).toBe(true);

    // Bytes by bank and address; unknown until written.
    const memory = Array.from({ length: banks * WORDS }, () =>
      new Array<number | undefined>(16).fill(undefined),
    );
    const writtenAt = new Array<number>(banks * WORDS).fill(-WRITE_LATENCY);
    const seen: (number | undefined)[][] = [];
    const expected: (number | undefined)[][] = [];
    for (const [cycle, post] of posts.entries()) {
      for (let bank = 0; bank < banks; bank++) {
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
      expect(probes.pack_ready_o[cycle]).toBe(BigInt(!post.valid));
      for (const pack of post.packs) {
        if (post.valid || !pack.valid) continue;
        memory[pack.bank * WORDS + pack.addr] = [...pack.data];
        writtenAt[pack.bank * WORDS + pack.addr] = cycle;
      }
    }
    expect(seen).toEqual(expected);
    expect(seen.length).toBeGreaterThan(2000);
  });
});
