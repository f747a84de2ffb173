/** Bytes of a job's result buffer: of the result, and of maps on their way behind it. */
import { resultBytes, WORD_BYTES } from '../tape/format.ts';
import { type Schedule, transferWords } from './nest.ts';

export function bufferBytes({ stages, commands }: Pick<Schedule, 'stages' | 'commands'>): number {
  const logits = resultBytes(stages.at(-1)?.globalPool?.classes ?? 0);
  const ends = commands.map((command) => {
    if (!('transfer' in command)) return 0;
    const { transfer } = command;
    return transfer.offset + (transferWords(transfer) + (transfer.result ? 1 : 0)) * WORD_BYTES;
  });
  return Math.max(logits, ...ends);
}
