/** The user's cache directory, and files that appear in it whole or not at all. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { cacheNotWritable } from '../../diagnostics/fetch.ts';

/** `$XDG_CACHE_HOME/fireforge`, by default `~/.cache/fireforge`. */
export function cacheRoot(): string {
  const base = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  return path.join(base, 'fireforge');
}

/** The file's bytes, or undefined where there is none. */
export function readIfPresent(file: string): Uint8Array | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** Writes beside the target, then renames: another process sees the old file, the new one, or none. */
export function writeAtomically(file: string, bytes: Uint8Array): void {
  const partial = `${file}.${randomBytes(6).toString('hex')}.partial`;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(partial, bytes);
    renameSync(partial, file);
  } catch (cause) {
    rmSync(partial, { force: true });
    throw cacheNotWritable(path.dirname(file), (cause as Error).message);
  }
}

/** Runs `work` with a scratch folder of the cache that is removed in any case. */
export async function withScratch<T>(root: string, work: (folder: string) => Promise<T>): Promise<T> {
  let folder: string;
  try {
    mkdirSync(root, { recursive: true });
    folder = mkdtempSync(path.join(root, 'scratch-'));
  } catch (cause) {
    throw cacheNotWritable(root, (cause as Error).message);
  }
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
