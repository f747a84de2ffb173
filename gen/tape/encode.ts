/** Schedule → tape bytes (docs/reference/tape.md). */
import { crc32 } from 'node:zlib';
import { type Geometry, geometryId } from '../geometry/geometry.ts';
import type { IntegerNetwork } from '../quantize/integer-network.ts';
import {
  blockPixels,
  expandedPixels,
  type Pass,
  type Region,
  type Schedule,
  type Stage,
  type Transfer,
  transferWords,
} from '../schedule/nest.ts';
import { sectionWords } from '../schedule/sections.ts';
import * as format from './format.ts';
import { writeSection } from './sections.ts';

const { WORD_BYTES } = format;
const padded = (bytes: number) => Math.ceil(bytes / WORD_BYTES) * WORD_BYTES;

/** Encodes the whole tape. The same schedule gives the same bytes. */
export function encodeTape(network: IntegerNetwork, schedule: Schedule, geometry: Geometry): Uint8Array {
  const packets = schedule.commands.flatMap((command) =>
    'transfer' in command
      ? [packet(format.PACKET_TRANSFER, encodeTransfer(command.transfer, geometry))]
      : [
          packet(format.PACKET_COMMAND, encodeCommand(command.stage, schedule, geometry)),
          packet(format.PACKET_WEIGHTS, encodeSections(command.stage, geometry)),
        ],
  );
  const body = Buffer.concat(packets);
  return Buffer.concat([encodeHeader(network, schedule, geometry, body), body]);
}

function encodeHeader(
  network: IntegerNetwork,
  schedule: Schedule,
  geometry: Geometry,
  body: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(format.HEADER_BYTES);
  const { width, height, channels } = network.input;
  const [first] = schedule.stages;
  const [{ conv }] = first.expandPasses;
  const [padRed, padGreen, padBlue] = conv.padValue;
  format.writeFields(bytes, 0, format.HEADER, {
    magic: format.TAPE_MAGIC,
    version: format.TAPE_VERSION,
    geometry: geometryId(geometry),
    words: (format.HEADER_BYTES + body.length) / WORD_BYTES,
    tapeId: crc32(body),
    imageBytes: width * height * channels,
    imageWidth: width,
    imageHeight: height,
    stages: schedule.stages.length,
    classes: schedule.stages.at(-1)?.globalPool?.classes ?? 0,
    kernel: conv.kernel,
    stride: conv.stride,
    padTop: conv.padding.top,
    padLeft: conv.padding.left,
    padRed,
    padGreen,
    padBlue,
    vectors: schedule.packed.vectors,
    outWidth: first.width,
    outHeight: first.height,
    packBase: schedule.packed.base,
    packGroups: schedule.packed.stride,
    mapTop: schedule.mapTop,
  });
  format.writeFields(bytes, 0, format.HEADER, { crc: crc32(bytes.subarray(0, format.HEADER.crc[0])) });
  return bytes;
}

function packet(type: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(format.PACKET_HEADER_BYTES + payload.length);
  const words = payload.length / WORD_BYTES;
  format.writeFields(bytes, 0, format.PACKET, {
    type,
    wordsLow: words & 0xffff,
    wordsHigh: words >>> 16,
    payloadCrc: crc32(payload),
  });
  format.writeFields(bytes, 0, format.PACKET, { crc: crc32(bytes.subarray(0, format.PACKET.crc[0])) });
  bytes.set(payload, format.PACKET_HEADER_BYTES);
  return bytes;
}

/** The mark sets of a stage: it reads the set that the stage before wrote its last map into. */
function markSets(stage: Stage, stages: readonly Stage[]): { source: number; block: number; out: number } {
  let last = 0;
  for (const before of stages.slice(0, stage.index)) last = (last + (before.out ? 2 : 1)) % 4;
  return { source: last, block: (last + 1) % 4, out: (last + 2) % 4 };
}

function stageFlags(stage: Stage, isLast: boolean): number {
  const { FLAG } = format;
  const bits: [boolean | undefined, number][] = [
    [stage.order === 'pass-major', FLAG.passMajor],
    [stage.source.kind === 'image', FLAG.packedSource],
    [stage.pool !== undefined, FLAG.pool],
    [stage.globalPool !== undefined, FLAG.globalPool],
    [stage.globalPool?.relu, FLAG.relu],
    [isLast, FLAG.last],
    [stage.pool?.kernel === 2, FLAG.poolKernel2],
    [stage.pool?.partialColumn, FLAG.partialColumn],
    [stage.pool?.partialRow, FLAG.partialRow],
    [stage.waits, FLAG.waits],
    [stage.sums?.continues, FLAG.sumsContinue],
    [stage.sums?.goesOn, FLAG.sumsGoOn],
  ];
  return bits.reduce((flags, [set, bit]) => flags | (set ? bit : 0), 0);
}

/** Payload of the command packet of a stage: descriptor, entries, passes. */
export function encodeCommand(stage: Stage, schedule: Schedule, geometry: Geometry): Uint8Array {
  const { entries, expandPasses, squeezePasses, width, height } = stage;
  const passes = [...expandPasses, ...squeezePasses];
  const entriesAt = format.DESCRIPTOR_BYTES;
  const passesAt = entriesAt + padded(entries.length * format.ENTRY_BYTES);
  const bytes = new Uint8Array(passesAt + padded(passes.length * format.PASS_BYTES));

  const lanes = geometry.pixelLanes;
  const pixels = expandedPixels(stage);
  const sets = markSets(stage, schedule.stages);
  const words = (of: readonly Pass[]) =>
    of.reduce((sum, pass) => sum + sectionWords(pass, geometry.outputLanes), 0);
  const place = (region: Region | undefined) => [region?.base ?? 0, region?.stride ?? 0] as const;
  const [blockBase, blockStride] = place(stage.block);
  const [outBase, outStride] = place(stage.out);
  const { region: source, second } = stage.source;
  const [sourceBase, sourceStride] = place(source);
  const tapStart = -width - 1;
  const tapRow = width - 2;
  const modulo = (value: number) => ((value % lanes) + lanes) % lanes;
  format.writeFields(bytes, 0, format.DESCRIPTOR, {
    flags: stageFlags(stage, stage.globalPool !== undefined && stage.index === schedule.stages.length - 1),
    sets: sets.source | (sets.block << 2) | (sets.out << 4),
    squeezeDelay: stage.squeezeDelay,
    entries: entries.length,
    expandPasses: expandPasses.length,
    squeezePasses: squeezePasses.length,
    lastLanes: pixels - (Math.ceil(pixels / lanes) - 1) * lanes,
    sourceBase,
    sourceStride,
    sourceGroups: stage.waits ? 0 : Math.ceil((width * height) / lanes),
    blockBase,
    blockStride,
    outBase,
    outStride,
    width,
    height,
    pooledWidth: stage.pool?.width ?? width,
    pooledHeight: stage.pool?.height ?? height,
    laneStepX: lanes % width,
    laneStepY: Math.floor(lanes / width),
    tapStartGroup: Math.floor(tapStart / lanes),
    tapStartLane: modulo(tapStart),
    tapRowGroups: Math.floor(tapRow / lanes),
    tapRowLanes: modulo(tapRow),
    squeezeOffset: words(expandPasses),
    sectionWords: words(passes),
    blockGroups: Math.ceil(blockPixels(stage) / lanes),
    vectorStep: second ? (second.base - source.base) & 0xffff : 0,
  });

  const lastExpand = entries.findLastIndex((entry) => entry.groups > 0);
  const lastSqueeze = entries.findLastIndex((entry) => entry.squeezeGroups > 0);
  for (const [e, { groups, squeezeGroups }] of entries.entries()) {
    const flags =
      (e === lastExpand ? format.ENTRY_LAST_EXPAND : 0) | (e === lastSqueeze ? format.ENTRY_LAST_SQUEEZE : 0);
    format.writeFields(bytes, entriesAt + e * format.ENTRY_BYTES, format.ENTRY, {
      groups,
      squeezeGroups,
      flags,
    });
  }
  for (const [p, { vectors, firstVector, slot, sub, taps, completes }] of passes.entries()) {
    const flags = sub | (taps === 9 ? format.PASS_3X3 : 0) | (completes ? format.PASS_COMPLETES : 0);
    format.writeFields(bytes, passesAt + p * format.PASS_BYTES, format.PASS, {
      vectors,
      slot,
      flags,
      firstVector,
    });
  }
  return bytes;
}

/** Payload of a transfer's packet: its descriptor. */
export function encodeTransfer(transfer: Transfer, { pixelLanes }: Geometry): Uint8Array {
  const { region, firstPixel, rows, rowPixels, padWords, offset } = transfer;
  const bytes = new Uint8Array(format.DESCRIPTOR_BYTES);
  format.writeFields(bytes, 0, format.TRANSFER, {
    flags:
      format.FLAG.transfer |
      (transfer.direction === 'store' ? format.TRANSFER_STORE : 0) |
      (transfer.result ? format.TRANSFER_RESULT : 0),
    vectors: region.vectors,
    padWords,
    base: region.base,
    stride: region.stride,
    firstGroup: Math.floor(firstPixel / pixelLanes),
    firstLane: firstPixel % pixelLanes,
    rowPixels,
    rows,
    offset,
    words: transferWords(transfer),
  });
  return bytes;
}

function encodeSections(stage: Stage, geometry: Geometry): Uint8Array {
  const passes = [...stage.expandPasses, ...stage.squeezePasses];
  const words = passes.reduce((sum, pass) => sum + sectionWords(pass, geometry.outputLanes), 0);
  const bytes = new Uint8Array(words * WORD_BYTES);
  let offset = 0;
  for (const pass of passes) {
    const source = pass.kind === 'expand' ? stage.source.region : stage.block!;
    offset += writeSection(bytes, offset, pass, source, geometry);
  }
  return bytes;
}
