import { describe, expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { TRANSFER_RESULT, TRANSFER_STORE } from '../../gen/tape/format.ts';
import { pattern, ReadQueue } from './harness/axi-memory.ts';
import { runBench } from './harness/bench.ts';
import type { Values } from './harness/ports.ts';
import { type Place, randomTransfer, type TransferFields, transferWord, walk } from './transfers-model.ts';

const ADDRESS_BITS = 10;
const OUTSTANDING = 8;
const WORD = (1n << 128n) - 1n;
/** A reset may come at any time of a transfer, as behind an error. */
const STOP_AFTER = 501;
const RESET_CYCLES = 8;

interface Lanes {
  readonly PixLanes: number;
  readonly PackLanes: number;
  readonly PortBits: number;
  readonly BurstBeats: number;
}

/** A word that no other address of any bank holds. */
function wordAt(bank: number, address: number): bigint {
  return (BigInt(address * 16 + bank + 1) * 0x9e3779b97f4a7c15f39cc0605cedc835n) & WORD;
}

/** All that surrounds the unit: what passes through it must arrive as it was sent. */
class Surroundings {
  done = 0;
  image = 0;
  passed = 0;
  readonly written: { bank: number; address: number; data: bigint }[] = [];
  readonly stored: bigint[] = [];
  private readonly random: Prng;
  private readonly lanes: Lanes;
  private readonly transfers: readonly TransferFields[];
  private readonly port: ReadQueue;
  private readonly stall: number;
  private readonly owners: ('image' | 'load')[] = [];
  private driven: Values = {};
  private readonly addresses: { address: number; plus: number }[] = [];
  private base = 0;
  private offered = false;
  private storeEnds = -1;
  private beatOwner: 'image' | 'load' | undefined;
  private beatLast = false;
  private began = false;
  /** Cycles until the engine is brought to rest, and of its reset. */
  private untilStop: number;
  private resetLeft = 0;
  resets = 0;

  constructor(random: Prng, lanes: Lanes, transfers: readonly TransferFields[], stall: number) {
    this.random = random;
    this.lanes = lanes;
    this.transfers = transfers;
    this.stall = stall;
    const timing = { latency: stall / 4, stallPercent: stall, seed: lanes.PortBits };
    this.port = new ReadQueue(timing, lanes.PortBits / 8);
    this.untilStop = STOP_AFTER;
    this.newJob();
  }

  private chance(): boolean {
    return this.random.next() % 100 >= this.stall;
  }

  private newJob(): void {
    this.base = 0x40000 + 64 * (this.random.next() % 4096);
  }

  step(seen: Record<string, bigint>, cycle: number): Values | null {
    if (cycle > 0 && this.resetLeft === 0) this.observe(seen, cycle);
    if (this.done === this.transfers.length) return null;
    this.driven = { ...this.drive(cycle), rst_i: 0 };
    this.rest();
    return this.driven;
  }

  /** Now and then no burst is begun any more; when none is on its way, all is reset and begun anew. */
  private rest(): void {
    if (this.resetLeft > 0) this.resetLeft--;
    else if (--this.untilStop < 0 && this.port.open === 0 && this.beatOwner === undefined) {
      this.resetLeft = RESET_CYCLES;
      // Later and later, so that the longest transfer ends, too.
      this.untilStop = STOP_AFTER * (2 + this.resets++);
      this.forget();
    }
    if (this.untilStop <= 0) this.driven = { ...this.driven, burst_ready_i: 0 };
    if (this.resetLeft === 0) return;
    this.offered = false;
    this.driven = { ...this.driven, rst_i: 1, transfer_valid_i: 0, burst_ready_i: 0 };
  }

  private forget(): void {
    this.stored.length = 0;
    this.written.length = 0;
    this.storeEnds = -1;
    this.began = false;
    this.offered = false;
  }

  private observe(seen: Record<string, bigint>, cycle: number): void {
    const { driven } = this;
    const transfer = this.transfers[this.done];
    const isStore = (transfer.flags & TRANSFER_STORE) !== 0;
    if (!this.offered) expect(seen.transfer_done_o, `cycle ${cycle}`).toBe(0n);
    this.passBursts(seen, cycle);
    this.writes(seen, isStore);
    // The map reader's address passes but while a store reads.
    const reads = this.offered && isStore;
    if (!reads) {
      expect(seen.read_addr_o).toBe(BigInt(driven.reader_addr_i));
      expect(seen.read_plus_o).toBe(BigInt(driven.reader_plus_i));
    }
    this.addresses.push({ address: Number(seen.read_addr_o), plus: Number(seen.read_plus_o) });
    if (seen.store_begin_o === 1n) {
      expect(transfer.flags & TRANSFER_RESULT).toBe(0);
      expect(seen.store_base_o).toBe(BigInt(this.base + transfer.offset));
      this.began = true;
    }
    if (seen.store_valid_o === 1n && driven.store_ready_i) {
      expect(this.began || (transfer.flags & TRANSFER_RESULT) !== 0).toBe(true);
      this.stored.push(seen.store_data_o);
      if (seen.store_last_o === 1n && this.began) this.storeEnds = cycle + 1 + (this.random.next() % 20);
    }
    if (seen.transfer_done_o === 1n) this.end();
  }

  private end(): void {
    const transfer = this.transfers[this.done++];
    const places = walk(transfer, this.lanes.PixLanes, ADDRESS_BITS);
    if (transfer.flags & TRANSFER_STORE) {
      expect(this.stored).toEqual(places.map((place) => (place ? wordAt(place.bank, place.address) : 0n)));
    } else {
      const start = this.base + transfer.offset;
      const loaded = places.map(
        (place: Place, i) => place && { ...place, data: pattern(start + 16 * i, 16) },
      );
      expect(this.written).toEqual(loaded.filter((word) => word !== undefined));
    }
    this.forget();
    if (transfer.flags & TRANSFER_RESULT) this.newJob();
  }

  /** Bursts of the image and of loads, and their beats. */
  private passBursts(seen: Record<string, bigint>, cycle: number): void {
    const { driven } = this;
    expect(seen.image_beat_valid_o).toBe(BigInt(this.beatOwner === 'image'));
    if (this.beatOwner === 'image' && this.beatLast) this.image++;
    if (seen.burst_valid_o !== 1n || !driven.burst_ready_i) return;
    const burst = { address: Number(seen.burst_addr_o), beats: Number(seen.burst_beats_o) };
    const isImage = driven.image_valid_i === 1;
    expect(seen.image_ready_o).toBe(1n);
    if (isImage) expect(burst).toEqual({ address: driven.image_addr_i, beats: driven.image_beats_i });
    this.owners.push(isImage ? 'image' : 'load');
    this.port.push(burst, cycle);
  }

  /** What the packer writes passes unless a load's word goes first. */
  private writes(seen: Record<string, bigint>, isStore: boolean): void {
    const { driven } = this;
    if (seen.pack_ready_o === 1n || !driven.write_ready_i) {
      if (seen.pack_ready_o === 1n) {
        expect(driven.write_ready_i).toBe(1);
        for (const part of ['valid', 'bank', 'addr', 'data']) {
          expect(seen[`write_${part}_o`], part).toBe(BigInt(driven[`pack_${part}_i`]));
        }
        if (driven.pack_valid_i) this.passed++;
      }
      return;
    }
    expect(this.offered && !isStore).toBe(true);
    expect(seen.write_valid_o).toBe(1n);
    const bankBits = this.lanes.PixLanes > 1 ? Math.ceil(Math.log2(this.lanes.PixLanes)) : 1;
    this.written.push({
      bank: Number(BigInt.asUintN(bankBits, seen.write_bank_o)),
      address: Number(BigInt.asUintN(ADDRESS_BITS, seen.write_addr_o)),
      data: BigInt.asUintN(128, seen.write_data_o),
    });
  }

  private drive(cycle: number): Values {
    const { random, lanes } = this;
    const any = (bits: number) => random.next() % 2 ** bits;
    this.offered ||= this.chance();
    const beat = this.port.next(cycle);
    this.beatOwner = beat && this.owners[0];
    this.beatLast = beat?.last ?? false;
    if (beat?.last) this.owners.shift();
    // Data of the address seen three cycles before they are there.
    const read = this.addresses[this.addresses.length - 3];
    let data = 0n;
    for (let bank = 0; bank < lanes.PixLanes; bank++) {
      if (read) data |= wordAt(bank, read.address) << BigInt(128 * bank);
    }
    const bankBits = lanes.PixLanes > 1 ? Math.ceil(Math.log2(lanes.PixLanes)) : 1;
    return {
      transfer_valid_i: Number(this.offered),
      transfer_i: transferWord(this.transfers[Math.min(this.done, this.transfers.length - 1)]),
      base_valid_i: Number(this.chance()),
      base_i: this.base,
      store_ready_i: Number(this.chance()),
      store_done_i: Number(this.storeEnds === cycle + 1),
      reader_addr_i: any(ADDRESS_BITS),
      reader_plus_i: any(lanes.PixLanes),
      read_data_i: data,
      pack_valid_i: any(lanes.PackLanes),
      pack_bank_i: any(bankBits * lanes.PackLanes),
      pack_addr_i: any(ADDRESS_BITS * lanes.PackLanes),
      pack_data_i: BigInt(random.next()) << BigInt(96 * (lanes.PackLanes - 1)),
      write_ready_i: Number(this.chance()),
      image_valid_i: Number(random.next() % 8 === 0),
      image_addr_i: 4096 * any(8),
      image_beats_i: 1 + any(2),
      burst_ready_i: Number(this.port.open < OUTSTANDING - 1 && this.chance()),
      beat_valid_i: Number(beat !== undefined),
      beat_last_i: beat ? Number(beat.last) : any(1),
      beat_data_i: beat?.data ?? BigInt(random.next()),
    };
  }
}

describe.each<Lanes>([
  { PixLanes: 1, PackLanes: 1, PortBits: 32, BurstBeats: 16 },
  { PixLanes: 2, PackLanes: 1, PortBits: 64, BurstBeats: 4 },
  { PixLanes: 3, PackLanes: 1, PortBits: 128, BurstBeats: 16 },
  { PixLanes: 5, PackLanes: 2, PortBits: 512, BurstBeats: 2 },
])('transfer_unit $PixLanes lanes, $PortBits bits', (lanes) => {
  it.each([0, 30, 70])('loads and stores in order, stalls in %i percent of cycles', async (stall) => {
    const random = new Prng(lanes.PortBits + stall);
    const transfers = Array.from({ length: 40 }, () => randomTransfer(random, lanes.PixLanes, ADDRESS_BITS));
    const around = new Surroundings(random, lanes, transfers, stall);
    const result = await runBench({
      module: 'transfer_unit',
      parameters: { ...lanes, Extended: 1, AddrBits: ADDRESS_BITS, FifoBeats: 64, Outstanding: OUTSTANDING },
      react: {
        observe: [
          ...['transfer_done_o', 'store_begin_o', 'store_base_o', 'store_valid_o', 'store_data_o'],
          ...['store_last_o', 'read_addr_o', 'read_plus_o', 'pack_ready_o', 'write_valid_o'],
          ...['write_bank_o', 'write_addr_o', 'write_data_o', 'image_ready_o', 'image_beat_valid_o'],
          ...['burst_valid_o', 'burst_addr_o', 'burst_beats_o'],
        ],
        drive: [
          ...['transfer_valid_i', 'transfer_i', 'base_valid_i', 'base_i', 'store_ready_i'],
          ...['store_done_i', 'reader_addr_i', 'reader_plus_i', 'read_data_i', 'pack_valid_i'],
          ...['pack_bank_i', 'pack_addr_i', 'pack_data_i', 'write_ready_i', 'image_valid_i'],
          ...['image_addr_i', 'image_beats_i', 'burst_ready_i', 'beat_valid_i', 'beat_last_i'],
          ...['beat_data_i', 'rst_i'],
        ],
        step: (seen, cycle) => around.step(seen, cycle),
      },
      cycles: 60_000,
      seed: stall,
    });
    expect(result.finished).toBe(true);
    expect(around.done).toBe(transfers.length);
    expect(Math.min(around.image, around.passed)).toBeGreaterThan(100);
    expect(around.resets).toBeGreaterThan(1);
  });
});
