/** Tapes that are wrong in what they say, with CRCs that are right. */
import { crc32 } from 'node:zlib';
import * as format from '../../gen/tape/format.ts';

type Values<L extends Parameters<typeof format.readFields>[2]> = Partial<format.Fields<L>>;

export interface Spoil {
  readonly header?: Values<typeof format.HEADER>;
  /** Of which stage the following are. */
  readonly stage?: number;
  readonly descriptor?: Values<typeof format.DESCRIPTOR>;
  /** Of every entry or pass, or of the one with this index. */
  readonly entry?: Values<typeof format.ENTRY>;
  readonly pass?: Values<typeof format.PASS>;
  readonly index?: number;
  /** Headers of the stage's packets. */
  readonly command?: Values<typeof format.PACKET>;
  readonly weights?: Values<typeof format.PACKET>;
}

export interface TapeStage {
  /** Bytes at which the packets' headers stand. */
  readonly command: number;
  readonly weights: number;
  readonly end: number;
  readonly entries: number;
  readonly passes: number;
}

const { WORD_BYTES, PACKET_HEADER_BYTES, DESCRIPTOR_BYTES, ENTRY_BYTES, PASS_BYTES } = format;
const padded = (bytes: number) => Math.ceil(bytes / WORD_BYTES) * WORD_BYTES;

/** Where the stages of a tape lie. */
export function tapeStages(tape: Uint8Array): TapeStage[] {
  const stages: TapeStage[] = [];
  const behind = (at: number) =>
    at + PACKET_HEADER_BYTES + WORD_BYTES * format.readFields(tape, at, format.PACKET).wordsLow;
  for (let command = format.HEADER_BYTES; command < tape.length; ) {
    const weights = behind(command);
    const descriptor = format.readFields(tape, command + PACKET_HEADER_BYTES, format.DESCRIPTOR);
    const { entries, expandPasses, squeezePasses } = descriptor;
    stages.push({ command, weights, end: behind(weights), entries, passes: expandPasses + squeezePasses });
    command = behind(weights);
  }
  return stages;
}

/** The same tape, spoilt. */
export function spoilTape(tape: Uint8Array, spoil: Spoil): Uint8Array {
  const bytes = Uint8Array.from(tape);
  const stages = tapeStages(tape);
  const { command, weights, end, entries, passes } = stages.at(spoil.stage ?? 0)!;
  const chosen = (count: number) =>
    spoil.index === undefined ? Array.from({ length: count }, (_, i) => i) : [spoil.index];
  const descriptorAt = command + PACKET_HEADER_BYTES;
  const entriesAt = descriptorAt + DESCRIPTOR_BYTES;
  const passesAt = entriesAt + padded(entries * ENTRY_BYTES);
  if (spoil.descriptor) format.writeFields(bytes, descriptorAt, format.DESCRIPTOR, spoil.descriptor);
  if (spoil.entry)
    for (const i of chosen(entries))
      format.writeFields(bytes, entriesAt + i * ENTRY_BYTES, format.ENTRY, spoil.entry);
  if (spoil.pass)
    for (const i of chosen(passes))
      format.writeFields(bytes, passesAt + i * PASS_BYTES, format.PASS, spoil.pass);
  sealPacket(bytes, command, weights, spoil.command);
  sealPacket(bytes, weights, end, spoil.weights);
  format.writeFields(bytes, 0, format.HEADER, spoil.header ?? {});
  format.writeFields(bytes, 0, format.HEADER, { crc: crc32(bytes.subarray(0, format.HEADER.crc[0])) });
  return bytes;
}

function sealPacket(bytes: Uint8Array, at: number, end: number, spoil: Values<typeof format.PACKET> = {}) {
  const payloadCrc = crc32(bytes.subarray(at + PACKET_HEADER_BYTES, end));
  format.writeFields(bytes, at, format.PACKET, { payloadCrc, ...spoil });
  const crc = crc32(bytes.subarray(at, at + format.PACKET.crc[0]));
  format.writeFields(bytes, at, format.PACKET, { crc });
}

/** The words of a trial that put `spoilt` in the tape's place. */
export function otherTape(tape: Uint8Array, spoilt: Uint8Array): string {
  const first = tape.findIndex((byte, i) => byte !== spoilt[i]);
  const last = tape.findLastIndex((byte, i) => byte !== spoilt[i]);
  return `tape ${first} ${Buffer.from(spoilt.subarray(first, last + 1)).toString('hex')}`;
}
