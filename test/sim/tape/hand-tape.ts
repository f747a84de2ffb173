/** A small tape written by hand from the format's tables: what a test wants to say, nothing of the compiler. */
import { crc32 } from 'node:zlib';
import { type Geometry, geometryId } from '../../../gen/geometry/geometry.ts';
import {
  DESCRIPTOR,
  DESCRIPTOR_BYTES,
  ENTRY,
  ENTRY_LAST_EXPAND,
  ENTRY_LAST_SQUEEZE,
  type Fields,
  HEADER,
  HEADER_BYTES,
  PACKET,
  PACKET_COMMAND,
  PACKET_HEADER_BYTES,
  PACKET_WEIGHTS,
  PASS,
  PASS_3X3,
  PASS_COMPLETES,
  TAPE_MAGIC,
  TAPE_VERSION,
  WORD_BYTES,
  writeFields,
} from '../../../gen/tape/format.ts';

/** A convolution over `inputs` channels (a multiple of 16), OI and tap. */
export interface HandConv {
  readonly inputs: number;
  readonly outputs: number;
  readonly taps: 1 | 9;
  readonly weight: Int8Array;
  readonly bias: Int32Array;
  readonly m: Uint16Array;
  readonly s: Uint8Array;
}

export interface HandStage {
  readonly descriptor: Partial<Fields<typeof DESCRIPTOR>>;
  /** Groups and squeeze groups of each entry. */
  readonly entries: readonly (readonly [number, number])[];
  /** Their outputs follow one another in the block's vectors. */
  readonly expand: readonly HandConv[];
  readonly squeeze: readonly HandConv[];
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function padWord(bytes: Uint8Array): Uint8Array {
  return concat(bytes, new Uint8Array((WORD_BYTES - (bytes.length % WORD_BYTES)) % WORD_BYTES));
}

export function packet(type: number, payload: Uint8Array): Uint8Array {
  const header = new Uint8Array(PACKET_HEADER_BYTES);
  const words = payload.length / WORD_BYTES;
  writeFields(header, 0, PACKET, {
    type,
    wordsLow: words % 2 ** 16,
    wordsHigh: Math.floor(words / 2 ** 16),
    payloadCrc: crc32(payload),
  });
  writeFields(header, 0, PACKET, { crc: crc32(header.subarray(0, PACKET.crc[0])) });
  return concat(header, payload);
}

interface HandPass {
  readonly conv: HandConv;
  readonly firstOutput: number;
  readonly slot: number;
  readonly sub: number;
}

/** One pass for every TM outputs of the convolutions. */
function passes(convs: readonly HandConv[], outputLanes: number): HandPass[] {
  const list: HandPass[] = [];
  let channel = 0;
  for (const conv of convs) {
    for (let firstOutput = 0; firstOutput < conv.outputs; firstOutput += outputLanes) {
      list.push({
        conv,
        firstOutput,
        slot: Math.floor(channel / 16),
        sub: (channel % 16) / outputLanes,
      });
      channel += outputLanes;
    }
  }
  return list;
}

function section({ conv, firstOutput }: HandPass, outputLanes: number): Uint8Array {
  const parameters = new Uint8Array(Math.max(1, outputLanes / 2) * WORD_BYTES);
  const view = new DataView(parameters.buffer);
  const weightsOf = (o: number) =>
    conv.weight.subarray(o * conv.inputs * conv.taps, (o + 1) * conv.inputs * conv.taps);
  for (let c = 0; c < outputLanes; c++) {
    const o = firstOutput + c;
    if (o >= conv.outputs) continue;
    const word = Math.floor(c / 2) * WORD_BYTES;
    const correction = 128 * weightsOf(o).reduce((sum, weight) => sum + weight, 0);
    view.setInt32(word + 4 * (c % 2), conv.bias[o] + correction, true);
    view.setUint16(word + 8 + 2 * (c % 2), conv.m[o], true);
    view.setUint8(word + 12 + (c % 2), conv.s[o]);
  }
  const tiles: number[] = [];
  for (let vector = 0; vector < conv.inputs / 16; vector++) {
    for (let tap = 0; tap < conv.taps; tap++) {
      for (let lane = 0; lane < 16; lane++) {
        for (let c = 0; c < outputLanes; c++) {
          const o = firstOutput + c;
          const at = (vector * 16 + lane) * conv.taps + tap;
          tiles.push(o < conv.outputs ? weightsOf(o)[at] & 0xff : 0);
        }
      }
    }
  }
  return concat(parameters, Uint8Array.from(tiles));
}

function stagePackets(stage: HandStage, outputLanes: number): Uint8Array {
  const expand = passes(stage.expand, outputLanes);
  const squeeze = passes(stage.squeeze, outputLanes);
  const all = [...expand, ...squeeze];
  const sections = all.map((pass) => section(pass, outputLanes));
  const words = (parts: Uint8Array[]) => parts.reduce((sum, part) => sum + part.length, 0) / WORD_BYTES;

  const descriptor = new Uint8Array(DESCRIPTOR_BYTES);
  writeFields(descriptor, 0, DESCRIPTOR, {
    entries: stage.entries.length,
    expandPasses: expand.length,
    squeezePasses: squeeze.length,
    squeezeOffset: words(sections.slice(0, expand.length)),
    sectionWords: words(sections),
    ...stage.descriptor,
  });
  const entries = new Uint8Array(stage.entries.length * 4);
  const lastExpand = stage.entries.findLastIndex(([groups]) => groups > 0);
  const lastSqueeze = stage.entries.findLastIndex(([, groups]) => groups > 0);
  stage.entries.forEach(([groups, squeezeGroups], i) => {
    const flags = (i === lastExpand ? ENTRY_LAST_EXPAND : 0) | (i === lastSqueeze ? ENTRY_LAST_SQUEEZE : 0);
    writeFields(entries, i * 4, ENTRY, { groups, squeezeGroups, flags });
  });
  const commands = new Uint8Array(all.length * 4);
  all.forEach(({ conv, slot, sub }, i) => {
    const completes = (sub + 1) * outputLanes === 16 ? PASS_COMPLETES : 0;
    const flags = sub | (conv.taps === 9 ? PASS_3X3 : 0) | completes;
    writeFields(commands, i * 4, PASS, { vectors: conv.inputs / 16, slot, flags });
  });
  return concat(
    packet(PACKET_COMMAND, concat(descriptor, padWord(entries), padWord(commands))),
    packet(PACKET_WEIGHTS, concat(...sections)),
  );
}

/** Puts a header in front of packets: ids, lengths and CRCs are right whatever `fields` says. */
export function withHeader(
  packets: Uint8Array,
  geometry: Geometry,
  fields: Partial<Fields<typeof HEADER>>,
): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  writeFields(header, 0, HEADER, {
    magic: TAPE_MAGIC,
    version: TAPE_VERSION,
    geometry: geometryId(geometry),
    words: (HEADER_BYTES + packets.length) / WORD_BYTES,
    tapeId: crc32(packets),
    ...fields,
  });
  return seal(concat(header, packets));
}

/** Makes the header's CRC right again. */
export function seal(tape: Uint8Array): Uint8Array {
  writeFields(tape, 0, HEADER, { crc: crc32(tape.subarray(0, HEADER.crc[0])) });
  return tape;
}

export function handTape(
  geometry: Geometry,
  header: Partial<Fields<typeof HEADER>>,
  stages: readonly HandStage[],
): Uint8Array {
  const packets = concat(...stages.map((stage) => stagePackets(stage, geometry.outputLanes)));
  return withHeader(packets, geometry, { stages: stages.length, ...header });
}
