/** The run record of rtl/tape/run_record.vh, packed and unpacked by the names of its fields. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RTL } from './harness/rtl-files.ts';

interface Place {
  readonly low: number;
  readonly width: number;
}

/** Fields, and the parts that units take, by name in lower case. */
const PLACES: ReadonlyMap<string, Place> = new Map(
  [
    ...readFileSync(join(RTL, 'tape/run_record.vh'), 'utf8').matchAll(/^`define RUN_(\w+) +(\d+):(\d+)/gm),
  ].map(([, name, high, low]) => [name.toLowerCase(), { low: +low, width: +high - +low + 1 }]),
);

function place(name: string): Place {
  const found = PLACES.get(name);
  if (!found) throw new Error(`no field or part ${name} in a run`);
  return found;
}

/** The bits of a part of the record: `record` is all of it. Fields not named are 0. */
export function packRun(
  part: 'record' | 'loader' | 'reader' | 'post',
  fields: Readonly<Record<string, number | bigint>>,
): bigint {
  let record = 0n;
  for (const [name, value] of Object.entries(fields)) {
    const { low, width } = place(name);
    record |= BigInt.asUintN(width, BigInt(value)) << BigInt(low);
  }
  const { low, width } = place(part);
  return BigInt.asUintN(width, record >> BigInt(low));
}

/** The named fields of a whole record. */
export function unpackRun(record: bigint, names: readonly string[]): Record<string, bigint> {
  return Object.fromEntries(
    names.map((name) => {
      const { low, width } = place(name);
      return [name, BigInt.asUintN(width, record >> BigInt(low))];
    }),
  );
}
