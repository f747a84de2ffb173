/** What a job's result buffer holds at RESULT_ADDR: the result, and behind it maps on their way (docs/reference/tape.md). */
import { resultBytes, WORD_BYTES } from '../tape/format.ts';
import { type Schedule, transferWords } from './nest.ts';

export interface ResultBuffer {
  /** Of the result: its padded data and the trailer. */
  readonly resultBytes: number;
  /** Of all of it. */
  readonly bytes: number;
}

export function resultBuffer(schedule: Pick<Schedule, 'stages' | 'commands'>): ResultBuffer {
  const transfers = schedule.commands.flatMap((command) => ('transfer' in command ? [command.transfer] : []));
  const map = transfers.find(({ result }) => result);
  const result =
    map === undefined
      ? resultBytes(schedule.stages.at(-1)?.globalPool?.classes ?? 0)
      : (transferWords(map) + 1) * WORD_BYTES;
  const scratch = transfers.filter(({ result }) => !result);
  const ends = scratch.map((transfer) => transfer.offset + transferWords(transfer) * WORD_BYTES);
  return { resultBytes: result, bytes: Math.max(result, ...ends) };
}
