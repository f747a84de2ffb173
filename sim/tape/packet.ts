/** Walks the packets behind the header: a header of its own with a CRC, then the payload with another. */
import { crc32 } from 'node:zlib';
import { tapeChecksumWrong, tapeFieldImplausible, tapeTruncated } from '../../gen/diagnostics/tape.ts';
import {
  PACKET,
  PACKET_COMMAND,
  PACKET_HEADER_BYTES,
  PACKET_TRANSFER,
  PACKET_WEIGHTS,
  readFields,
  WORD_BYTES,
} from '../../gen/tape/format.ts';

export class PacketReader {
  private readonly bytes: Uint8Array;
  /** Byte behind the packets read so far. */
  offset: number;

  constructor(bytes: Uint8Array, offset: number) {
    this.bytes = bytes;
    this.offset = offset;
  }

  /** Payload of the command packet that must stand here. */
  command(stage: number): Uint8Array {
    return this.payload(PACKET_COMMAND, `stage ${stage}, command packet`);
  }

  /** Payload of the transfer packet that stands here, if one does. */
  transfer(): Uint8Array | undefined {
    if (this.bytes[this.offset] !== PACKET_TRANSFER) return undefined;
    return this.payload(PACKET_TRANSFER, 'transfer packet');
  }

  /** Payload of the weight packet that must stand here. */
  weights(stage: number): Uint8Array {
    return this.payload(PACKET_WEIGHTS, `stage ${stage}, weight packet`);
  }

  private payload(type: number, part: string): Uint8Array {
    const header = this.take(PACKET_HEADER_BYTES, part);
    const fields = readFields(header, 0, PACKET);
    const headerCrc = crc32(header.subarray(0, PACKET.crc[0]));
    if (headerCrc !== fields.crc) throw tapeChecksumWrong(`${part} header`, fields.crc, headerCrc);
    if (fields.type !== type) throw tapeFieldImplausible(part, `its type is ${fields.type}, not ${type}`);
    if (header[1] !== 0 || header[6] !== 0 || header[7] !== 0) {
      throw tapeFieldImplausible(part, 'a reserved byte of its header is not 0');
    }
    const words = fields.wordsLow + fields.wordsHigh * 2 ** 16;
    const payload = this.take(words * WORD_BYTES, part);
    const payloadCrc = crc32(payload);
    if (payloadCrc !== fields.payloadCrc) throw tapeChecksumWrong(part, fields.payloadCrc, payloadCrc);
    return payload;
  }

  private take(bytes: number, part: string): Uint8Array {
    const left = this.bytes.length - this.offset;
    if (bytes > left) throw tapeTruncated(part, bytes, left);
    this.offset += bytes;
    return this.bytes.subarray(this.offset - bytes, this.offset);
  }
}
