/** AXI4 memory for benches: the pattern it holds, and the sides of its channels, one step a cycle. */
import { Prng } from '../../../gen/import/prng.ts';
import { fromBytes, toBytes, type Values } from './ports.ts';

/** The byte at an address: every 16-byte word differs from its neighbours. */
export function patternByte(address: number): number {
  return (Math.imul(address >>> 2, 0x9e3779b1) >>> (8 * (address & 3))) & 0xff;
}

export function pattern(address: number, bytes: number): bigint {
  return fromBytes(Uint8Array.from({ length: bytes }, (_, i) => patternByte(address + i)));
}

export interface Burst {
  readonly address: number;
  readonly beats: number;
}

/** Throws unless the burst keeps AXI4's rules and the limit. */
export function checkBurst({ address, beats }: Burst, beatBytes: number, limit: number): void {
  const last = address - (address % beatBytes) + beats * beatBytes - 1;
  const text = `burst of ${beats} beats of ${beatBytes} bytes at 0x${address.toString(16)}`;
  if (beats < 1 || beats > Math.min(limit, 256)) throw new Error(`${text}: over the limit of ${limit}`);
  if (Math.floor(address / 4096) !== Math.floor(last / 4096)) throw new Error(`${text}: crosses 4 KiB`);
}

/** What a valid that was not taken offered: it must stay. */
export class StableChannel {
  private held: string | undefined;
  private readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** Call every cycle; true when the offer was taken. */
  step(valid: boolean, ready: boolean, payload: readonly bigint[]): boolean {
    const offer = valid ? payload.join(' ') : undefined;
    if (this.held !== undefined && offer !== this.held) {
      throw new Error(
        `${this.name} changed from ${this.held} to ${offer ?? 'not valid'} before it was taken`,
      );
    }
    this.held = valid && !ready ? offer : undefined;
    return valid && ready;
  }
}

export interface Timing {
  /** Cycles from a request to its first beat, or from the last write beat to the response. */
  readonly latency: number;
  /** Chance that a channel withholds its ready or valid in a cycle. */
  readonly stallPercent: number;
  readonly seed: number;
}

/** Serves bursts in order, one beat a cycle at most. */
export class ReadQueue {
  private readonly queue: { burst: Burst; due: number }[] = [];
  private beat = 0;
  private readonly random: Prng;
  private readonly timing: Timing;
  private readonly beatBytes: number;

  constructor(timing: Timing, beatBytes: number) {
    this.timing = timing;
    this.beatBytes = beatBytes;
    this.random = new Prng(timing.seed);
  }

  get open(): number {
    return this.queue.length;
  }

  push(burst: Burst, cycle: number): void {
    this.queue.push({ burst, due: cycle + 1 + this.timing.latency });
  }

  ready(): boolean {
    return this.random.next() % 100 >= this.timing.stallPercent;
  }

  /** The beat on offer in the cycle after `cycle`, if one is; it counts as taken. */
  next(cycle: number): { data: bigint; address: number; last: boolean } | undefined {
    const head = this.queue[0];
    if (head === undefined || head.due > cycle + 1 || !this.ready()) return undefined;
    const { address, beats } = head.burst;
    const at = address + this.beat * this.beatBytes;
    this.beat++;
    const last = this.beat === beats;
    if (last) {
      this.queue.shift();
      this.beat = 0;
    }
    return { data: pattern(at, this.beatBytes), address: at, last };
  }
}

/** Takes AW and W in any order, checks them, keeps the bytes, answers on B. Ports are named `axi_…_o`, `_i`. */
export class WriteMemory {
  static readonly observe = [
    ...['axi_awvalid_o', 'axi_awaddr_o', 'axi_awlen_o', 'axi_awsize_o', 'axi_awburst_o'],
    ...['axi_wvalid_o', 'axi_wdata_o', 'axi_wstrb_o', 'axi_wlast_o', 'axi_bready_o'],
  ];
  static readonly drive = ['axi_awready_i', 'axi_wready_i', 'axi_bvalid_i', 'axi_bresp_i'];

  readonly bytes = new Map<number, number>();
  /** Completed bursts in order, with the cycles of their last beat and response. */
  readonly bursts: (Burst & { readonly strobes: readonly bigint[]; lastBeat: number; response: number })[] =
    [];

  private readonly addresses: Burst[] = [];
  private readonly beats: { data: bigint; strobe: bigint; last: boolean; cycle: number }[] = [];
  private readonly responses: { due: number; burst: number }[] = [];
  private readonly aw = new StableChannel('AW');
  private readonly w = new StableChannel('W');
  private awReady = false;
  private wReady = false;
  private answering: number | undefined;
  private readonly random: Prng;
  private readonly timing: Timing;
  private readonly beatBytes: number;
  private readonly limit: number;
  private readonly respond: (burst: Burst) => number;

  constructor(timing: Timing, beatBytes: number, limit: number, respond: (burst: Burst) => number = () => 0) {
    this.timing = timing;
    this.beatBytes = beatBytes;
    this.limit = limit;
    this.respond = respond;
    this.random = new Prng(timing.seed);
  }

  /** Something was accepted of a burst whose response is not given yet. */
  get open(): boolean {
    return this.addresses.length + this.beats.length + this.responses.length > 0;
  }

  step(seen: Record<string, bigint>, cycle: number): Values {
    const address = Number(seen.axi_awaddr_o);
    const beats = Number(seen.axi_awlen_o) + 1;
    if (this.aw.step(seen.axi_awvalid_o === 1n, this.awReady, [seen.axi_awaddr_o, seen.axi_awlen_o])) {
      checkBurst({ address, beats }, this.beatBytes, this.limit);
      if (seen.axi_awburst_o !== 1n || 1 << Number(seen.axi_awsize_o) !== this.beatBytes) {
        throw new Error('AW is not INCR of whole beats');
      }
      this.addresses.push({ address, beats });
    }
    const offer = [seen.axi_wdata_o, seen.axi_wstrb_o, seen.axi_wlast_o];
    if (this.w.step(seen.axi_wvalid_o === 1n, this.wReady, offer)) {
      const [data, strobe, last] = [seen.axi_wdata_o, seen.axi_wstrb_o, seen.axi_wlast_o === 1n];
      this.beats.push({ data, strobe, last, cycle });
    }
    if (this.answering !== undefined && seen.axi_bready_o === 1n) {
      this.bursts[this.answering].response = cycle;
      this.responses.shift();
      this.answering = undefined;
    }
    this.complete();
    const head = this.responses[0];
    if (this.answering === undefined && head !== undefined && head.due <= cycle + 1 && this.chance()) {
      this.answering = head.burst;
    }
    this.awReady = this.chance();
    this.wReady = this.chance();
    return {
      axi_awready_i: Number(this.awReady),
      axi_wready_i: Number(this.wReady),
      axi_bvalid_i: Number(this.answering !== undefined),
      axi_bresp_i: this.answering === undefined ? 0 : this.respond(this.bursts[this.answering]),
    };
  }

  private chance(): boolean {
    return this.random.next() % 100 >= this.timing.stallPercent;
  }

  /** Writes the oldest burst once its address and all its beats are there. */
  private complete(): void {
    const burst = this.addresses[0];
    if (burst === undefined || this.beats.length < burst.beats) return;
    this.addresses.shift();
    const beats = this.beats.splice(0, burst.beats);
    const first = burst.address - (burst.address % this.beatBytes);
    beats.forEach(({ data, strobe, last }, i) => {
      if (last !== (i === burst.beats - 1)) throw new Error('WLAST is not at the last beat');
      const bytes = toBytes(data, this.beatBytes);
      for (let lane = 0; lane < this.beatBytes; lane++) {
        if (((strobe >> BigInt(lane)) & 1n) === 0n) continue;
        const at = first + i * this.beatBytes + lane;
        if (at < burst.address) throw new Error('a strobe lies before the burst');
        if (this.bytes.has(at)) throw new Error(`byte 0x${at.toString(16)} is written twice`);
        this.bytes.set(at, bytes[lane]);
      }
    });
    const lastBeat = beats[beats.length - 1].cycle;
    this.responses.push({ due: lastBeat + 1 + this.timing.latency, burst: this.bursts.length });
    this.bursts.push({ ...burst, strobes: beats.map(({ strobe }) => strobe), lastBeat, response: -1 });
  }
}
