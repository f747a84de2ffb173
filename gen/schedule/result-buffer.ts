/** Bytes of a job's result buffer: of the result, and of maps on their way behind it. */
import { WORD_BYTES } from '../tape/format.ts';
import { dataBytes } from '../tape/output.ts';
import { type Schedule, transferWords } from './nest.ts';

export function bufferBytes({ output, commands }: Pick<Schedule, 'output' | 'commands'>): number {
  const ends = commands.map((command) => {
    if (!('transfer' in command) || command.transfer.result) return 0;
    return command.transfer.offset + transferWords(command.transfer) * WORD_BYTES;
  });
  return Math.max(dataBytes(output) + WORD_BYTES, ...ends);
}
