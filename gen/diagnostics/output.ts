/** Messages about builds, written and read: FF62x and FF63x. */
import { type Diagnostic, FireforgeError } from './diagnostic.ts';

const error = (code: Diagnostic['code'], subject: string, reason: string, remedy: string) =>
  new FireforgeError({ code, subject, reason, remedy });

export function outputNotWritable(folder: string, cause: string): FireforgeError {
  return error(
    'FF620',
    folder,
    `the build cannot be written there (${cause})`,
    'Nothing was written. Choose another folder with -o, or make its parent writable.',
  );
}

export function outputNotABuild(folder: string): FireforgeError {
  return error(
    'FF621',
    folder,
    'it exists and is not a build of this program, so it is not replaced',
    'Nothing was written. Choose another folder with -o, or remove this one yourself.',
  );
}

export function buildMissing(folder: string): FireforgeError {
  return error(
    'FF630',
    folder,
    'it is not a build: there is no design.json in it',
    'Give the folder that `fireforge compile … -o BUILD` wrote.',
  );
}

export function buildFileUnreadable(file: string, cause: string): FireforgeError {
  return error('FF631', file, `it cannot be read (${cause})`, 'Compile the build again.');
}

export function designInvalid(file: string, reason: string): FireforgeError {
  return error(
    'FF632',
    file,
    reason,
    'Compile the build again; docs/reference/design-json.md describes the file.',
  );
}

export function buildFileDamaged(file: string, expected: string, found: string): FireforgeError {
  return error(
    'FF633',
    file,
    `it is not the file that was compiled: its SHA-256 begins with ${found}, not ${expected}`,
    'Compile the build again.',
  );
}

export function modelChanged(model: string, build: string): FireforgeError {
  return error(
    'FF634',
    model,
    `it is no longer the network that ${build} was compiled from`,
    'Compile the build again, or restore the model.',
  );
}

export function modelGone(model: string, build: string): FireforgeError {
  return error(
    'FF635',
    model,
    `the model that ${build} was compiled from is not there`,
    'Run from the folder in which it was compiled, or give the model with --model FILE.',
  );
}

export function compilerChanged(build: string): FireforgeError {
  return error(
    'FF636',
    build,
    'compiling its model again gives another tape: the build is of another version of this program',
    'Compile the build again.',
  );
}

export function geometriesDiffer(
  build: string,
  hash: string,
  first: string,
  firstHash: string,
): FireforgeError {
  return error(
    'FF637',
    build,
    `it is for an engine of geometry ${hash.slice(0, 8)}, and ${first} for one of ${firstHash.slice(0, 8)}`,
    'Only builds of one geometry can share an engine; `fireforge compile MODEL --for BUILD` makes one.',
  );
}

export function verilogDiffers(build: string, file: string): FireforgeError {
  return error(
    'FF638',
    build,
    `its Verilog is not what this program makes of its geometry: ${file} differs or is missing`,
    'Use the version of the program that made the build, or compile it again, and its bitstream with it.',
  );
}

export function resultInvalid(top: string): FireforgeError {
  return error(
    'FF640',
    top,
    'a result has no valid trailer: the engine wrote other bytes than its CRC says',
    'Report it; `fireforge verify` shows in which layer the RTL goes wrong.',
  );
}
