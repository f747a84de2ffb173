/** AXI4-Lite master for benches: runs a script of accesses, with its channels' valid and ready at random. */
import { Prng } from '../../../gen/import/prng.ts';
import type { Values } from './ports.ts';

export type Operation =
  | { readonly write: number; readonly data: number; readonly strobe?: number }
  | { readonly read: number }
  /** Other inputs of the module: from now on, for one cycle, or nothing at all for some cycles. */
  | { readonly set: Values }
  | { readonly pulse: Values }
  | { readonly wait: number };

/** A read is answered with its data, anything else with 0. */
export type Script = Generator<Operation, void, number>;

export class AxilMaster {
  static readonly observe = [
    ...['axil_awready_o', 'axil_wready_o', 'axil_bvalid_o', 'axil_bresp_o'],
    ...['axil_arready_o', 'axil_rvalid_o', 'axil_rdata_o', 'axil_rresp_o'],
  ];
  static readonly drive = [
    ...['axil_awaddr_i', 'axil_awvalid_i', 'axil_wdata_i', 'axil_wstrb_i', 'axil_wvalid_i', 'axil_bready_i'],
    ...['axil_araddr_i', 'axil_arvalid_i', 'axil_rready_i'],
  ];

  private readonly script: Script;
  private readonly random: Prng;
  private readonly slowPercent: number;
  private operation: Operation | undefined;
  private waiting = 0;
  /** Channels of the running access that are not done. */
  private pending = new Set<string>();
  private driven: Record<string, number | bigint> = {};
  private pulsed: Values = {};

  constructor(script: Script, seed: number, slowPercent: number) {
    this.script = script;
    this.random = new Prng(seed);
    this.slowPercent = slowPercent;
  }

  /** Inputs of the next cycle, or null once the script has ended. */
  step(seen: Record<string, bigint>): Values | null {
    for (const port of Object.keys(this.pulsed)) this.driven[port] = 0;
    this.pulsed = {};
    let answer = 0;
    for (const [channel, name] of [
      ['aw', 'axil_awvalid_i'],
      ['w', 'axil_wvalid_i'],
      ['ar', 'axil_arvalid_i'],
    ]) {
      if (this.driven[name] === 1 && seen[`axil_${channel}ready_o`] === 1n) {
        this.driven[name] = 0;
        this.pending.delete(channel);
      }
    }
    for (const channel of ['b', 'r']) {
      const valid = seen[`axil_${channel}valid_o`] === 1n;
      if (valid && !this.pending.has(channel)) throw new Error(`${channel} without an access`);
      if (valid && this.driven[`axil_${channel}ready_i`] === 1) {
        if (seen[`axil_${channel}resp_o`] !== 0n) throw new Error(`${channel}: not OKAY`);
        if (this.pending.size > 1) throw new Error(`${channel} before the access was taken`);
        this.pending.delete(channel);
        if (channel === 'r') answer = Number(seen.axil_rdata_o);
      }
    }
    if (this.waiting > 0) this.waiting--;
    while (this.pending.size === 0 && this.waiting === 0) {
      const { value, done } = this.script.next(answer);
      if (done) return null;
      this.begin(value);
    }
    this.offer();
    return this.driven;
  }

  private begin(operation: Operation): void {
    this.operation = operation;
    if ('write' in operation) this.pending = new Set(['aw', 'w', 'b']);
    else if ('read' in operation) this.pending = new Set(['ar', 'r']);
    else if ('wait' in operation) this.waiting = operation.wait;
    else {
      const values = 'set' in operation ? operation.set : operation.pulse;
      Object.assign(this.driven, values);
      if ('pulse' in operation) this.pulsed = values;
      this.waiting = 1;
    }
  }

  /** Raises valids and readies, each at its own time. */
  private offer(): void {
    const soon = () => this.random.next() % 100 >= this.slowPercent;
    const operation = this.operation!;
    if (this.pending.has('aw') && 'write' in operation && soon()) {
      Object.assign(this.driven, { axil_awvalid_i: 1, axil_awaddr_i: operation.write });
    }
    if (this.pending.has('w') && 'write' in operation && soon()) {
      const { data, strobe = 15 } = operation;
      Object.assign(this.driven, { axil_wvalid_i: 1, axil_wdata_i: data, axil_wstrb_i: strobe });
    }
    if (this.pending.has('ar') && 'read' in operation && soon()) {
      Object.assign(this.driven, { axil_arvalid_i: 1, axil_araddr_i: operation.read });
    }
    this.driven.axil_bready_i = Number(soon());
    this.driven.axil_rready_i = Number(soon());
  }
}
