/** A run's record, by the fields of rtl/tape/run_record.vh. */
import { BitFields } from './harness/bit-fields.ts';

const RUN = new BitFields('tape/run_record.vh', 'RUN');

/** The bits of the record, or of the part of it that a unit takes. Fields not named are 0. */
export function packRun(
  part: 'record' | 'loader' | 'reader' | 'post',
  fields: Readonly<Record<string, number | bigint>>,
): bigint {
  return RUN.pack(part, fields);
}

/** The named fields of a whole record. */
export function unpackRun(record: bigint, names: readonly string[]): Record<string, bigint> {
  return RUN.unpack(record, names);
}
