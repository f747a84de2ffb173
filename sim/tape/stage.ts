/** One stage's payloads → descriptor, entries, passes and their sections. */
import { tapeFieldImplausible, tapeTruncated } from '../../gen/diagnostics/tape.ts';
import { type Geometry, INPUT_LANES } from '../../gen/geometry/geometry.ts';
import {
  DESCRIPTOR,
  DESCRIPTOR_BYTES,
  ENTRY,
  ENTRY_BYTES,
  ENTRY_LAST_EXPAND,
  ENTRY_LAST_SQUEEZE,
  FLAG,
  PASS,
  PASS_3X3,
  PASS_BYTES,
  PASS_COMPLETES,
  PASS_SUB_MASK,
  readFields,
  WORD_BYTES,
} from '../../gen/tape/format.ts';
import type { Section, StageDescriptor, TapeEntry, TapePass, TapeStage } from './tape.ts';

/** A stage before its weights: passes without sections. */
export interface StageShape extends Omit<TapeStage, 'expandPasses' | 'squeezePasses'> {
  readonly passes: readonly Omit<TapePass, 'section'>[];
}

const padded = (bytes: number) => Math.ceil(bytes / WORD_BYTES) * WORD_BYTES;

/** Splits a command payload. Checks its size against its counts, and that all reserved bits are 0. */
export function parseStage(payload: Uint8Array, index: number, geometry: Geometry): StageShape {
  const part = `stage ${index}, command`;
  if (payload.length < DESCRIPTOR_BYTES) throw tapeTruncated(part, DESCRIPTOR_BYTES, payload.length);
  if (payload.length > geometry.commandWords * WORD_BYTES) {
    throw tapeFieldImplausible(part, `${payload.length / WORD_BYTES} words exceed the command memory`);
  }
  const descriptor = parseDescriptor(payload, part);
  const passCount = descriptor.expandPasses + descriptor.squeezePasses;
  const passesAt = DESCRIPTOR_BYTES + padded(descriptor.entries * ENTRY_BYTES);
  const expected = passesAt + padded(passCount * PASS_BYTES);
  if (payload.length !== expected) throw tapeTruncated(part, expected, payload.length);
  const entriesEnd = DESCRIPTOR_BYTES + descriptor.entries * ENTRY_BYTES;
  zeros(payload.subarray(entriesEnd, passesAt), part);
  zeros(payload.subarray(passesAt + passCount * PASS_BYTES), part);
  return {
    index,
    descriptor,
    entries: records(payload, DESCRIPTOR_BYTES, descriptor.entries, ENTRY_BYTES).map((bytes) =>
      parseEntry(bytes, part),
    ),
    passes: records(payload, passesAt, passCount, PASS_BYTES).map((bytes) => parsePass(bytes, part)),
  };
}

function records(payload: Uint8Array, offset: number, count: number, size: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) =>
    payload.subarray(offset + i * size, offset + (i + 1) * size),
  );
}

function zeros(bytes: Uint8Array, part: string): void {
  if (bytes.some((byte) => byte !== 0)) throw tapeFieldImplausible(part, 'a padding byte is not 0');
}

function knownBits(value: number, mask: number, name: string, part: string): void {
  if ((value & ~mask) !== 0) throw tapeFieldImplausible(part, `${name} has an unknown bit set`);
}

function parseDescriptor(payload: Uint8Array, part: string): StageDescriptor {
  const fields = readFields(payload, 0, DESCRIPTOR);
  const flagMask = Object.values(FLAG).reduce((mask, bit) => mask | bit, 0) & ~FLAG.transfer;
  knownBits(fields.flags, flagMask, 'flags', part);
  knownBits(fields.sets, 0x3f, 'sets', part);
  const flag = (bit: number) => (fields.flags & bit) !== 0;
  return {
    ...fields,
    passMajor: flag(FLAG.passMajor),
    packedSource: flag(FLAG.packedSource),
    pool: flag(FLAG.pool),
    globalPool: flag(FLAG.globalPool),
    relu: flag(FLAG.relu),
    last: flag(FLAG.last),
    poolKernel: flag(FLAG.poolKernel2) ? 2 : 3,
    partialColumn: flag(FLAG.partialColumn),
    partialRow: flag(FLAG.partialRow),
    keepSections: flag(FLAG.keepSections),
    waits: flag(FLAG.waits),
    sumsContinue: flag(FLAG.sumsContinue),
    sumsGoOn: flag(FLAG.sumsGoOn),
    sourceSet: fields.sets & 3,
    blockSet: (fields.sets >> 2) & 3,
    outSet: (fields.sets >> 4) & 3,
  };
}

function parseEntry(bytes: Uint8Array, part: string): TapeEntry {
  const { groups, squeezeGroups, flags } = readFields(bytes, 0, ENTRY);
  knownBits(flags, ENTRY_LAST_EXPAND | ENTRY_LAST_SQUEEZE, 'an entry', part);
  zeros(bytes.subarray(3), part);
  const lastExpand = (flags & ENTRY_LAST_EXPAND) !== 0;
  const lastSqueeze = (flags & ENTRY_LAST_SQUEEZE) !== 0;
  return { groups, squeezeGroups, lastExpand, lastSqueeze };
}

function parsePass(bytes: Uint8Array, part: string): Omit<TapePass, 'section'> {
  const { vectors, slot, flags, firstVector } = readFields(bytes, 0, PASS);
  knownBits(flags, PASS_SUB_MASK | PASS_3X3 | PASS_COMPLETES, 'a pass', part);
  const taps = (flags & PASS_3X3) !== 0 ? 9 : 1;
  return {
    vectors,
    firstVector,
    slot,
    taps,
    sub: flags & PASS_SUB_MASK,
    completes: (flags & PASS_COMPLETES) !== 0,
  };
}

/** Words of the parameters in front of a section's tiles. */
const parameterWords = (outputLanes: number) => Math.max(1, outputLanes / 2);

/** Gives every pass its section of the weight payload, whose size must be theirs exactly. */
export function stageSections(shape: StageShape, payload: Uint8Array, geometry: Geometry): TapeStage {
  const { passes, ...stage } = shape;
  const { descriptor, index } = stage;
  const part = `stage ${index}, weights`;
  const words = passes.map(
    (pass) => parameterWords(geometry.outputLanes) + pass.vectors * pass.taps * geometry.outputLanes,
  );
  const total = words.reduce((sum, count) => sum + count, 0);
  if (payload.length !== total * WORD_BYTES) throw tapeTruncated(part, total * WORD_BYTES, payload.length);
  if (descriptor.sectionWords !== total) {
    throw tapeFieldImplausible(part, `the command counts ${descriptor.sectionWords} words, not ${total}`);
  }
  const expandWords = words.slice(0, descriptor.expandPasses).reduce((sum, count) => sum + count, 0);
  if (descriptor.squeezePasses > 0 && descriptor.squeezeOffset !== expandWords) {
    const offset = descriptor.squeezeOffset;
    throw tapeFieldImplausible(part, `the squeeze starts at word ${expandWords}, the command says ${offset}`);
  }
  const resident = descriptor.keepSections ? total : Math.max(...words);
  if (resident > geometry.ringWords) {
    const ring = geometry.ringWords;
    throw tapeFieldImplausible(part, `${resident} words must be in the ring at once, which holds ${ring}`);
  }
  let end = 0;
  const complete = passes.map((pass, i): TapePass => {
    const start = end;
    end += words[i] * WORD_BYTES;
    return { ...pass, section: parseSection(payload.subarray(start, end), geometry.outputLanes) };
  });
  return {
    ...stage,
    expandPasses: complete.slice(0, descriptor.expandPasses),
    squeezePasses: complete.slice(descriptor.expandPasses),
  };
}

/** Word j of the parameters: biases (int32), multipliers (uint16), shifts (uint8) of outputs 2j and 2j+1. */
function parseSection(bytes: Uint8Array, outputLanes: number): Section {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (c: number) => (c >> 1) * WORD_BYTES;
  const channels = Array.from({ length: outputLanes }, (_, c) => c);
  const tiles = bytes.subarray(parameterWords(outputLanes) * WORD_BYTES);
  return {
    bias: Int32Array.from(channels, (c) => view.getInt32(word(c) + 4 * (c & 1), true)),
    m: Uint16Array.from(channels, (c) => view.getUint16(word(c) + 8 + 2 * (c & 1), true)),
    s: Uint8Array.from(channels, (c) => view.getUint8(word(c) + 12 + (c & 1))),
    weights: outputsOutside(tiles, outputLanes),
  };
}

/** Reorders every tile from input lane × output to output × input lane. */
function outputsOutside(tiles: Uint8Array, outputLanes: number): Int8Array {
  const weights = new Int8Array(tiles.length);
  const tileBytes = INPUT_LANES * outputLanes;
  for (let tile = 0; tile < tiles.length; tile += tileBytes) {
    for (let lane = 0; lane < INPUT_LANES; lane++) {
      for (let c = 0; c < outputLanes; c++) {
        weights[tile + c * INPUT_LANES + lane] = tiles[tile + lane * outputLanes + c];
      }
    }
  }
  return weights;
}
