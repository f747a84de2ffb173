/** What the cycle count must know of a tape: how many words each of its packets has. */
import { type Geometry, WORD } from '../../geometry/geometry.ts';
import {
  DESCRIPTOR_BYTES,
  ENTRY_BYTES,
  HEADER_BYTES,
  PACKET_HEADER_BYTES,
  PASS_BYTES,
} from '../../tape/format.ts';
import type { Schedule } from '../nest.ts';
import { sectionWords } from '../sections.ts';

export interface Packet {
  readonly kind: 'command' | 'weights' | 'transfer';
  /** 16-byte words behind the packet's header word. */
  readonly words: number;
}

export interface TapeShape {
  readonly headerBytes: number;
  readonly headerWords: number;
  /** All words behind the header. */
  readonly bodyWords: number;
  readonly packets: readonly Packet[];
}

export function tapeShape(schedule: Schedule, geometry: Geometry): TapeShape {
  const packets = schedule.commands.flatMap((command): Packet[] => {
    if ('transfer' in command) return [{ kind: 'transfer', words: DESCRIPTOR_BYTES / WORD }];
    const { stage } = command;
    const passes = [...stage.expandPasses, ...stage.squeezePasses];
    const words = (count: number, bytes: number) => Math.ceil((count * bytes) / WORD);
    return [
      {
        kind: 'command',
        words:
          DESCRIPTOR_BYTES / WORD +
          words(stage.entries.length, ENTRY_BYTES) +
          words(passes.length, PASS_BYTES),
      },
      {
        kind: 'weights',
        words: passes.reduce((sum, pass) => sum + sectionWords(pass, geometry.outputLanes), 0),
      },
    ];
  });
  const header = PACKET_HEADER_BYTES / WORD;
  return {
    headerBytes: HEADER_BYTES,
    headerWords: HEADER_BYTES / WORD,
    bodyWords: packets.reduce((sum, { words }) => sum + header + words, 0),
    packets,
  };
}
