/** Files from outside: read whole if they are files at all, and no larger than anything of their kind is. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** Weights: far more than the largest network that fits an engine. */
export const MAX_MODEL_BYTES = 2 ** 27;
export const MAX_IMAGE_BYTES = 2 ** 27;
/** JSON and lists. */
const MAX_TEXT_BYTES = 2 ** 24;

/** Why a file is not read, as the `code` of an error, like those of Node.js. */
function refuse(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/**
 * The bytes of a regular file; a pipe or a device, which may never end, is none.
 *
 * @throws Error with a `code`: of Node.js, or a reason in words.
 */
export function readRegularFile(file: string, maxBytes: number): Buffer {
  // Without O_NONBLOCK the opening of a pipe waits for who writes into it.
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (stats.isDirectory()) throw refuse('EISDIR');
    if (!stats.isFile()) throw refuse('it is not a regular file');
    if (stats.size > maxBytes) throw refuse(`its ${stats.size} bytes are more than ${maxBytes}`);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

export function readTextFile(file: string): string {
  return readRegularFile(file, MAX_TEXT_BYTES).toString('utf8');
}
