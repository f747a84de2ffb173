/** Builds on disk: written whole or not at all, and read again. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { BuildFiles } from '../compiled.ts';
import {
  buildFileDamaged,
  buildFileUnreadable,
  buildMissing,
  outputNotABuild,
  outputNotWritable,
} from '../diagnostics/output.ts';
import { sha256 } from './design.ts';
import { DESIGN_FORMAT, type DesignRecord, type PinnedFile, parseDesign } from './design-record.ts';

const DESIGN = 'design.json';
/** Digits of a hash in messages. */
const SHOWN = 12;

/** Fails if a build could not be written into `folder`, without touching it: asked before the work is done. */
export function requireWritable(folder: string): void {
  if (existsSync(folder) && !isEmpty(folder) && !isBuild(folder)) throw outputNotABuild(folder);
  rmSync(scratchBeside(folder), { recursive: true });
}

/** Writes a build beside its place, then moves it there; a build that was there before is replaced. */
export function writeBuild(folder: string, files: BuildFiles): void {
  if (existsSync(folder) && !isEmpty(folder) && !isBuild(folder)) throw outputNotABuild(folder);
  const scratch = scratchBeside(folder);
  try {
    for (const [name, bytes] of files) {
      const file = path.join(scratch, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
    replaceFolder(folder, scratch);
  } catch (cause) {
    rmSync(scratch, { recursive: true, force: true });
    throw outputNotWritable(folder, causeOf(cause));
  }
}

function scratchBeside(folder: string): string {
  const place = path.resolve(folder);
  try {
    mkdirSync(path.dirname(place), { recursive: true });
    return mkdtempSync(`${place}.partial-`);
  } catch (cause) {
    throw outputNotWritable(folder, causeOf(cause));
  }
}

function replaceFolder(folder: string, scratch: string): void {
  const place = path.resolve(folder);
  const former = `${scratch}-former`;
  if (existsSync(place)) renameSync(place, former);
  renameSync(scratch, place);
  rmSync(former, { recursive: true, force: true });
}

const causeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? String(error);

function isEmpty(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch {
    return false;
  }
}

function isBuild(folder: string): boolean {
  try {
    return JSON.parse(readFileSync(path.join(folder, DESIGN), 'utf8')).format === DESIGN_FORMAT;
  } catch {
    return false;
  }
}

/** A build on disk. */
export interface StoredBuild {
  readonly folder: string;
  readonly design: DesignRecord;
}

/** Reads and checks a build's design.json. Throws FF630, FF632. */
export function openBuild(folder: string): StoredBuild {
  const file = path.join(folder, DESIGN);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw buildMissing(folder);
  }
  return { folder, design: parseDesign(text, file) };
}

/** One of a build's files, which must be the one that was written. Throws FF631, FF633. */
export function readBuildFile({ folder, design }: StoredBuild, name: PinnedFile): Uint8Array {
  const file = path.join(folder, name);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw buildFileUnreadable(file, causeOf(cause));
  }
  const expected = design.files.get(name)!;
  const found = sha256(bytes);
  if (found !== expected) throw buildFileDamaged(file, expected.slice(0, SHOWN), found.slice(0, SHOWN));
  return bytes;
}

/** SHA-256 of each Verilog file of a build, by name. Throws FF631. */
export function verilogHashes({ folder }: StoredBuild): Map<string, string> {
  const rtl = path.join(folder, 'rtl');
  try {
    const names = readdirSync(rtl).sort();
    return new Map(names.map((name) => [name, sha256(readFileSync(path.join(rtl, name)))]));
  } catch (cause) {
    throw buildFileUnreadable(rtl, causeOf(cause));
  }
}
