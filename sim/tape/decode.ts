/**
 * Tape bytes → commands. Everything the engine's own checks would refuse is refused here, and besides it
 * every command that could not be carried out in this geometry's memories.
 */
import { crc32 } from 'node:zlib';
import {
  tapeChecksumWrong,
  tapeFieldImplausible,
  tapeForOtherGeometry,
  tapeTruncated,
  tapeUnrecognised,
  tapeVersionUnknown,
} from '../../gen/diagnostics/tape.ts';
import { type Geometry, geometryId } from '../../gen/geometry/geometry.ts';
import {
  HEADER,
  HEADER_BYTES,
  readFields,
  TAPE_MAGIC,
  TAPE_VERSION,
  WORD_BYTES,
} from '../../gen/tape/format.ts';
import { checkHeader } from './check-header.ts';
import { checkStage } from './check-stage.ts';
import { PacketReader } from './packet.ts';
import { parseStage, stageSections } from './stage.ts';
import type { Tape, TapeCommand, TapeHeader, TapeStage } from './tape.ts';
import { parseTransfer } from './transfer.ts';

/**
 * Decodes and checks a whole tape. Throws FireforgeError FF601 … FF606: not a tape, a wrong CRC, an unknown
 * version, another geometry, a wrong length, a command that the geometry cannot carry out.
 */
export function decodeTape(bytes: Uint8Array, geometry: Geometry): Tape {
  const header = decodeHeader(bytes, geometry);
  const packets = new PacketReader(bytes, HEADER_BYTES);
  const stages: TapeStage[] = [];
  const commands: TapeCommand[] = [];
  const transfers = () => {
    for (let payload = packets.transfer(); payload; payload = packets.transfer()) {
      commands.push({ transfer: parseTransfer(payload, commands.length, header, geometry) });
    }
  };
  for (let index = 0; index < header.stages; index++) {
    transfers();
    const shape = parseStage(packets.command(index), index, geometry);
    const stage = stageSections(shape, packets.weights(index), geometry);
    checkStage(stage, header, geometry);
    stages.push(stage);
    commands.push({ stage });
  }
  transfers();
  requireResult(header, commands);
  if (packets.offset !== bytes.length) {
    throw tapeFieldImplausible('header', `${bytes.length - packets.offset} bytes follow the last stage`);
  }
  return { header, stages, commands };
}

/** Without classes the result is a map, and its store the last command. */
function requireResult({ classes }: TapeHeader, commands: readonly TapeCommand[]): void {
  const stores = commands.filter((command) => 'transfer' in command && command.transfer.result);
  const isMap = stores.length === 1 && stores[0] === commands.at(-1);
  if (classes > 0 ? stores.length > 0 : !isMap) {
    throw tapeFieldImplausible('header', `${classes} classes and ${stores.length} stores of the result`);
  }
}

function decodeHeader(bytes: Uint8Array, geometry: Geometry): TapeHeader {
  if (bytes.length < HEADER_BYTES) throw tapeUnrecognised(bytes.length, 'shorter than a header');
  const header = readFields(bytes, 0, HEADER);
  if (header.magic !== TAPE_MAGIC) throw tapeUnrecognised(bytes.length, 'the first four are not FFT1');
  const computed = crc32(bytes.subarray(0, HEADER.crc[0]));
  if (computed !== header.crc) throw tapeChecksumWrong('header', header.crc, computed);
  if (header.version !== TAPE_VERSION) throw tapeVersionUnknown(header.version, TAPE_VERSION);
  if (header.geometry !== geometryId(geometry)) {
    throw tapeForOtherGeometry(header.geometry, geometryId(geometry));
  }
  if (header.words * WORD_BYTES !== bytes.length) {
    throw tapeTruncated('whole', header.words * WORD_BYTES, bytes.length);
  }
  const tapeId = crc32(bytes.subarray(HEADER_BYTES));
  if (tapeId !== header.tapeId) throw tapeChecksumWrong('bytes behind the header', header.tapeId, tapeId);
  checkHeader(header, geometry);
  return header;
}
