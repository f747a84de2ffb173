/** Messages about boards and the engine's size: FF4xx. */
import { type Diagnostic, FireforgeError } from './diagnostic.ts';

const error = (code: Diagnostic['code'], subject: string, reason: string, remedy: string) =>
  new FireforgeError({ code, subject, reason, remedy });

export function boardUnknown(name: string, names: readonly string[]): FireforgeError {
  return error(
    'FF401',
    `board ${name}`,
    'no board of this name is known, and no folder of this name holds a board.json',
    `Give one of ${names.join(', ')}, or a folder with a board.json (docs/reference/boards.md).`,
  );
}

export function boardInvalid(file: string, field: string, reason: string): FireforgeError {
  return error(
    'FF402',
    `${file}, ${field}`,
    reason,
    'Correct the field; docs/reference/boards.md describes them all.',
  );
}

export function tooManyMultipliers(
  board: string,
  engine: string,
  multiplier: string,
  needed: number,
  available: number,
): FireforgeError {
  return error(
    'FF403',
    `board ${board}`,
    `an engine of ${engine} lanes needs ${needed} ${multiplier}, ${needed - available} more than the ${available} there are`,
    'Take fewer lanes with --lanes or --macs, or a larger board.',
  );
}

export function tooMuchMemory(
  board: string,
  engine: string,
  memory: string,
  needed: number,
  available: number,
): FireforgeError {
  return error(
    'FF404',
    `board ${board}`,
    `an engine of ${engine} lanes needs ${needed} ${memory}, ${needed - available} more than the ${available} there are`,
    'Take less with --memory and --ring, or fewer lanes with --lanes or --macs, or a larger board.',
  );
}

export function lanesInvalid(text: string, reason: string): FireforgeError {
  return error(
    'FF405',
    `--lanes ${text}`,
    reason,
    'Give input x output x pixel lanes, e.g. 16x16x1: 16 input lanes, 1, 2, 4, 8 or 16 output lanes.',
  );
}

export function macsInvalid(macs: number, step: number, most: number): FireforgeError {
  const below = Math.min(Math.max(step, Math.floor(macs / step) * step), most);
  const near = [below, below + step].filter((units) => units <= most);
  return error(
    'FF406',
    `--macs ${macs}`,
    `MAC units come in multiples of ${step}, up to ${most}`,
    `Take ${near.join(' or ')}.`,
  );
}

export function sizeInvalid(option: string, value: number, reason: string, remedy: string): FireforgeError {
  return error('FF407', `${option} ${value}`, reason, remedy);
}

export function nothingFits(board: string, smallest: FireforgeError): FireforgeError {
  const { reason, remedy } = smallest.diagnostic;
  return error('FF408', `board ${board}`, `not even the smallest engine fits: ${reason}`, remedy);
}
