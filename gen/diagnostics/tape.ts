/** Messages about tapes: FF60x while one is decoded, FF61x while one is executed. */
import { FireforgeError } from './diagnostic.ts';

const COMPILE_AGAIN = 'Compile the network again; the file was damaged or changed since it was written.';
const REPORT = 'The compiler wrote a command that the engine cannot carry out: report it.';

export function tapeUnrecognised(bytes: number, reason: string): FireforgeError {
  return new FireforgeError({
    code: 'FF601',
    subject: 'tape',
    reason: `its ${bytes} bytes are not a tape (${reason})`,
    remedy: 'Give the tape.bin of a build directory.',
  });
}

export function tapeChecksumWrong(part: string, stored: number, computed: number): FireforgeError {
  const hex = (value: number) => value.toString(16).padStart(8, '0');
  return new FireforgeError({
    code: 'FF602',
    subject: `tape, ${part}`,
    reason: `its CRC-32 says ${hex(stored)}, but its bytes have ${hex(computed)}`,
    remedy: COMPILE_AGAIN,
  });
}

export function tapeVersionUnknown(version: number, known: number): FireforgeError {
  return new FireforgeError({
    code: 'FF603',
    subject: 'tape',
    reason: `its format is version ${version}, and only version ${known} is understood`,
    remedy: 'Compile the network with this version of the program.',
  });
}

export function tapeForOtherGeometry(tape: number, engine: number): FireforgeError {
  const hex = (value: number) => value.toString(16).padStart(8, '0');
  return new FireforgeError({
    code: 'FF604',
    subject: 'tape',
    reason: `it was compiled for geometry ${hex(tape)}, and this engine is ${hex(engine)}`,
    remedy: 'Compile the network for this engine: same board, lanes, port and memories.',
  });
}

export function tapeTruncated(part: string, expected: number, found: number): FireforgeError {
  return new FireforgeError({
    code: 'FF605',
    subject: `tape, ${part}`,
    reason: `it should have ${expected} bytes, and there are ${found}`,
    remedy: COMPILE_AGAIN,
  });
}

export function tapeFieldImplausible(part: string, reason: string): FireforgeError {
  return new FireforgeError({ code: 'FF606', subject: `tape, ${part}`, reason, remedy: REPORT });
}

export function tapeStalls(part: string, reason: string): FireforgeError {
  return new FireforgeError({
    code: 'FF610',
    subject: `tape, ${part}`,
    reason: `the engine would wait for ever: ${reason}`,
    remedy: REPORT,
  });
}

export function tapeImageSize(expected: number, found: number): FireforgeError {
  return new FireforgeError({
    code: 'FF611',
    subject: 'image',
    reason: `the tape reads ${expected} bytes, and the image has ${found}`,
    remedy: 'Resize the image to the side that the network was compiled for.',
  });
}
