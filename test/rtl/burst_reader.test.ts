import { describe, expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { type Burst, checkBurst, pattern, ReadQueue, StableChannel } from './harness/axi-memory.ts';
import { runBench } from './harness/bench.ts';

interface Case {
  readonly PortBits: number;
  readonly BurstBeats: number;
  readonly FifoBeats: number;
  readonly latency: number;
  readonly stallPercent: number;
}

/** Runs the requests against a memory and gives the words, their cycles and the bursts. */
async function read(requests: readonly { address: number; words: number }[], timing: Case, seed: number) {
  const { PortBits, BurstBeats, FifoBeats, latency, stallPercent } = timing;
  const beatBytes = PortBits / 8;
  const memory = new ReadQueue({ latency, stallPercent, seed }, beatBytes);
  const channel = new StableChannel('burst');
  const bursts: Burst[] = [];
  // After so many words, the beats that are used up: the last of a request may go only partly into words.
  const used = [0];
  for (const { words: count } of requests) {
    const before = used[used.length - 1];
    for (let i = 1; i < count; i++) used.push(before + Math.floor((16 * i) / beatBytes));
    used.push(before + Math.ceil((16 * count) / beatBytes));
  }
  const total = used.length - 1;
  let ready = false;
  let words = 0;
  let asked = 0;
  const result = await runBench({
    module: 'burst_reader',
    parameters: { PortBits, BurstBeats, FifoBeats },
    sources: [
      {
        valid: 'request_valid_i',
        ready: 'request_ready_o',
        items: requests.map((r) => ({ request_addr_i: r.address, request_words_i: r.words })),
        gapPercent: stallPercent,
      },
    ],
    sinks: [{ valid: 'word_valid_o', ready: 'word_ready_i', fields: ['word_data_o'], stallPercent }],
    react: {
      observe: ['burst_valid_o', 'burst_addr_o', 'burst_beats_o', 'word_valid_o', 'word_ready_i'],
      drive: ['burst_ready_i', 'beat_valid_i', 'beat_data_i'],
      step(seen, cycle) {
        if (seen.word_valid_o === 1n && seen.word_ready_i === 1n) words++;
        if (channel.step(seen.burst_valid_o === 1n, ready, [seen.burst_addr_o, seen.burst_beats_o])) {
          const burst = { address: Number(seen.burst_addr_o), beats: Number(seen.burst_beats_o) };
          checkBurst(burst, beatBytes, BurstBeats);
          bursts.push(burst);
          memory.push(burst, cycle);
          asked += burst.beats;
          // What was asked for must fit the queue and two words of narrow beats behind it.
          expect(asked - used[words]).toBeLessThanOrEqual(FifoBeats + (beatBytes < 16 ? 32 / beatBytes : 0));
        }
        if (words === total) return null;
        const beat = memory.next(cycle);
        ready = memory.ready();
        return {
          burst_ready_i: Number(ready),
          beat_valid_i: Number(beat !== undefined),
          beat_data_i: beat?.data ?? 0n,
        };
      },
    },
    cycles: 30_000,
    seed,
  });
  return { ...result.received[0], finished: result.finished, bursts };
}

function randomRequests(seed: number, count: number, maxWords: number) {
  const random = new Prng(seed);
  return Array.from({ length: count }, () => ({
    address: 64 * (random.next() % 4096),
    words: 1 + (random.next() % maxWords),
  }));
}

describe.each<Case>([
  { PortBits: 32, BurstBeats: 16, FifoBeats: 64, latency: 7, stallPercent: 0 },
  { PortBits: 32, BurstBeats: 1, FifoBeats: 5, latency: 1, stallPercent: 30 },
  { PortBits: 64, BurstBeats: 16, FifoBeats: 128, latency: 30, stallPercent: 20 },
  { PortBits: 64, BurstBeats: 13, FifoBeats: 20, latency: 0, stallPercent: 50 },
  { PortBits: 64, BurstBeats: 256, FifoBeats: 512, latency: 60, stallPercent: 10 },
  { PortBits: 128, BurstBeats: 256, FifoBeats: 256, latency: 3, stallPercent: 25 },
  { PortBits: 256, BurstBeats: 16, FifoBeats: 40, latency: 12, stallPercent: 40 },
  { PortBits: 512, BurstBeats: 256, FifoBeats: 64, latency: 5, stallPercent: 10 },
])('$PortBits bits, bursts of $BurstBeats, latency $latency, stalls $stallPercent %', (timing) => {
  it('delivers the words of random requests', async () => {
    const requests = randomRequests(timing.PortBits + timing.BurstBeats, 40, 90);
    const { items, finished, bursts } = await read(requests, timing, 5);
    expect(finished).toBe(true);
    const expected = requests.flatMap(({ address, words }) =>
      Array.from({ length: words }, (_, i) => pattern(address + 16 * i, 16)),
    );
    expect(items.map(({ word_data_o }) => word_data_o)).toEqual(expected);

    // The bursts of a request follow one another and end with its last beat, within 64 bytes.
    const beatBytes = timing.PortBits / 8;
    let next = 0;
    for (const { address, words } of requests) {
      const end = address + Math.ceil((16 * words) / beatBytes) * beatBytes;
      expect(end).toBeLessThanOrEqual(address + 64 * Math.ceil(words / 4));
      for (let at = address; at < end; next++) {
        expect(bursts[next].address).toBe(at);
        at += bursts[next].beats * beatBytes;
        expect(at).toBeLessThanOrEqual(end);
      }
    }
    expect(next).toBe(bursts.length);
  });
});

it.each([
  { PortBits: 64, latency: 60, wordsPerCycle: 1 / 2 },
  { PortBits: 128, latency: 60, wordsPerCycle: 1 },
  { PortBits: 256, latency: 20, wordsPerCycle: 1 },
])(
  'streams without a bubble across requests ($PortBits bits)',
  async ({ PortBits, latency, wordsPerCycle }) => {
    const timing = { PortBits, BurstBeats: 16, FifoBeats: 128, latency, stallPercent: 0 };
    const requests = [0, 1, 2].map((i) => ({ address: 0x10000 * i, words: 200 }));
    const { cycles } = await read(requests, timing, 1);
    expect(cycles[599] - cycles[0]).toBe(599 / wordsPerCycle);
  },
);
