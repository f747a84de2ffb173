import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../gen/geometry/registers.ts';
import { Prng } from '../../gen/import/prng.ts';
import { type Burst, checkBurst, pattern, ReadQueue, StableChannel } from './harness/axi-memory.ts';
import { runBench } from './harness/bench.ts';

const CLIENTS = ['image', 'tape'] as const;
type Client = (typeof CLIENTS)[number];
const BEAT_BYTES = 8;
const OUTSTANDING = 4;

const errorCode = (name: string) => ERROR_CODES.find((error) => error.name === name)?.code;

interface Options {
  readonly latency: number;
  readonly stallPercent: number;
  readonly seed: number;
  /** Chance that a client without a burst offers one in a cycle. */
  readonly rates: Readonly<Record<Client, number>>;
  readonly cycles: number;
  /** From this cycle on stop is high. */
  readonly stopAt?: number;
  /** Response by address. */
  readonly respond?: (address: number) => number;
}

/** Both clients and the memory, checked in every cycle; returns what was granted and delivered. */
async function run(options: Options) {
  const { latency, stallPercent, seed, rates, cycles, stopAt = cycles, respond = () => 0 } = options;
  const random = new Prng(seed);
  const memory = new ReadQueue({ latency, stallPercent, seed: seed + 1 }, BEAT_BYTES);
  const ar = new StableChannel('AR');
  const offers: Record<Client, Burst | undefined> = { image: undefined, tape: undefined };
  const granted: { client: Client; cycle: number }[] = [];
  const expected: { client: Client; data: bigint }[] = [];
  const delivered: { client: Client; data: bigint }[] = [];
  const issued: Burst[] = [];
  const errors: { expected: number[]; seen: number[] } = { expected: [], seen: [] };
  let arReady = false;
  let lastIdle = false;
  let bytes = 0;
  let open = 0;
  let next = { image: 0x100000, tape: 0x200000 };
  let lastArCycle = -1;
  await runBench({
    module: 'axi_read_arbiter',
    parameters: { PortBits: 8 * BEAT_BYTES, Outstanding: OUTSTANDING },
    react: {
      observe: [
        ...CLIENTS.flatMap((client) => [`${client}_ready_o`, `${client}_beat_valid_o`]),
        ...['beat_data_o', 'idle_o', 'error_valid_o', 'error_code_o', 'bytes_o', 'axi_rready_o'],
        ...['axi_arvalid_o', 'axi_araddr_o', 'axi_arlen_o', 'axi_arsize_o', 'axi_arburst_o'],
      ],
      drive: [
        ...CLIENTS.flatMap((client) => [`${client}_valid_i`, `${client}_addr_i`, `${client}_beats_i`]),
        ...['stop_i', 'axi_arready_i', 'axi_rvalid_i', 'axi_rdata_i', 'axi_rresp_i', 'axi_rlast_i'],
      ],
      step(seen, cycle) {
        expect(seen.axi_rready_o).toBe(1n);
        for (const client of CLIENTS) {
          const offer = offers[client];
          if (seen[`${client}_ready_o`] === 1n && offer !== undefined) {
            expect(cycle).toBeLessThanOrEqual(stopAt);
            if (client === 'tape') expect(offers.image).toBeUndefined();
            granted.push({ client, cycle });
            for (let i = 0; i < offer.beats; i++) {
              expected.push({ client, data: pattern(offer.address + i * BEAT_BYTES, BEAT_BYTES) });
            }
            offers[client] = undefined;
            open++;
            expect(open).toBeLessThanOrEqual(OUTSTANDING);
          }
          if (seen[`${client}_beat_valid_o`] === 1n) delivered.push({ client, data: seen.beat_data_o });
        }
        const payload = [seen.axi_araddr_o, seen.axi_arlen_o];
        if (ar.step(seen.axi_arvalid_o === 1n, arReady, payload)) {
          const burst = { address: Number(seen.axi_araddr_o), beats: Number(seen.axi_arlen_o) + 1 };
          checkBurst(burst, BEAT_BYTES, 16);
          expect([seen.axi_arsize_o, seen.axi_arburst_o]).toEqual([3n, 1n]);
          memory.push(burst, cycle);
          issued.push(burst);
          lastArCycle = cycle;
        }
        if (seen.error_valid_o === 1n) errors.seen.push(Number(seen.error_code_o));
        bytes += Number(seen.bytes_o);
        lastIdle = seen.idle_o === 1n;

        for (const client of CLIENTS) {
          if (offers[client] === undefined && random.next() % 100 < rates[client]) {
            const beats = 1 + (random.next() % 16);
            offers[client] = { address: next[client], beats };
            next = { ...next, [client]: next[client] + 128 };
          }
        }
        const beat = memory.next(cycle);
        if (beat?.last) open--;
        const response = beat === undefined ? 0 : respond(beat.address);
        if (response !== 0) errors.expected.push(response);
        arReady = memory.ready();
        return {
          ...Object.fromEntries(
            CLIENTS.flatMap((client) => [
              [`${client}_valid_i`, Number(offers[client] !== undefined)],
              [`${client}_addr_i`, offers[client]?.address ?? 0],
              [`${client}_beats_i`, offers[client]?.beats ?? 0],
            ]),
          ),
          stop_i: Number(cycle >= stopAt),
          axi_arready_i: Number(arReady),
          axi_rvalid_i: Number(beat !== undefined),
          axi_rdata_i: beat?.data ?? 0n,
          axi_rresp_i: response,
          axi_rlast_i: Number(beat?.last ?? false),
        };
      },
    },
    cycles,
  });
  return { granted, expected, delivered, issued, errors, bytes, idle: lastIdle, lastArCycle };
}

describe.each([
  { latency: 0, stallPercent: 0, rates: { image: 30, tape: 100 }, seed: 1 },
  { latency: 25, stallPercent: 0, rates: { image: 3, tape: 100 }, seed: 2 },
  { latency: 5, stallPercent: 40, rates: { image: 50, tape: 50 }, seed: 3 },
  { latency: 100, stallPercent: 10, rates: { image: 100, tape: 100 }, seed: 4 },
])('latency $latency, stalls $stallPercent %, rates $rates', (options) => {
  it('gives each client its beats in order, the image first', async () => {
    const { expected, delivered, bytes, granted } = await run({ ...options, cycles: 4000 });
    expect(delivered.length).toBeGreaterThan(500);
    expect(delivered).toEqual(expected.slice(0, delivered.length));
    expect(bytes).toBe(delivered.length * BEAT_BYTES);
    expect(new Set(granted.map(({ client }) => client)).size).toBe(options.rates.image === 100 ? 1 : 2);
  });

  it('stops: what is outstanding comes in, then it is idle', async () => {
    const { expected, delivered, issued, granted, idle, lastArCycle } = await run({
      ...options,
      cycles: 3000,
      stopAt: 1500,
    });
    expect(idle).toBe(true);
    expect(delivered).toEqual(expected);
    expect(issued.length).toBe(granted.length);
    expect(lastArCycle).toBeLessThan(1600);
  });
});

it('reports responses that are not OKAY, and passes their data on', async () => {
  const respond = (address: number) => (address % 4096 === 0 ? 2 : address % 4096 === 1024 ? 3 : 0);
  const { errors, delivered, expected } = await run({
    ...{ latency: 3, stallPercent: 20, seed: 9, cycles: 3000 },
    rates: { image: 10, tape: 100 },
    respond,
  });
  const codes = errors.expected.map((r) => errorCode(r === 2 ? 'READ_SLVERR' : 'READ_DECERR'));
  expect(new Set(codes).size).toBe(2);
  expect(errors.seen).toEqual(codes.slice(0, errors.seen.length));
  expect(errors.expected.length - errors.seen.length).toBeLessThanOrEqual(2);
  expect(delivered).toEqual(expected.slice(0, delivered.length));
});
