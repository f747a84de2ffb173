/** Records whose fields stand in a Verilog include: `` `define PREFIX_NAME high:low``. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RTL } from './rtl-files.ts';

export interface Place {
  readonly low: number;
  readonly width: number;
}

export class BitFields {
  /** Fields, and the parts that units take, by name in lower case. */
  readonly places: ReadonlyMap<string, Place>;

  /** `file` is relative to rtl/. */
  constructor(file: string, prefix: string) {
    const define = new RegExp(`^\`define ${prefix}_(\\w+) +(\\d+):(\\d+)`, 'gm');
    this.places = new Map(
      [...readFileSync(join(RTL, file), 'utf8').matchAll(define)].map(([, name, high, low]) => [
        name.toLowerCase(),
        { low: +low, width: +high - +low + 1 },
      ]),
    );
  }

  /** The bits of a part; fields not named are 0. */
  pack(part: string, fields: Readonly<Record<string, number | bigint>>): bigint {
    let all = 0n;
    for (const [name, value] of Object.entries(fields)) {
      const { low, width } = this.place(name);
      all |= BigInt.asUintN(width, BigInt(value)) << BigInt(low);
    }
    return this.field(all, part);
  }

  /** The named fields of a whole record. */
  unpack(record: bigint, names: readonly string[]): Record<string, bigint> {
    return Object.fromEntries(names.map((name) => [name, this.field(record, name)]));
  }

  private field(record: bigint, name: string): bigint {
    const { low, width } = this.place(name);
    return BigInt.asUintN(width, record >> BigInt(low));
  }

  private place(name: string): Place {
    const found = this.places.get(name);
    if (!found) throw new Error(`no field ${name}`);
    return found;
  }
}
