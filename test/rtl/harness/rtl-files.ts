/** Finds a module's file below a folder of Verilog, and the files that it needs. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
export const RTL = join(REPOSITORY, 'rtl');

/** Every .v and .vh file below the folder, sorted, absolute. */
export function verilogFiles(root = RTL): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.vh?$/.test(file))
    .map((file) => join(root, file))
    .sort();
}

/** The module's file first, then the files of all modules that it instantiates and all that it includes. */
export function closure(module: string, root = RTL): string[] {
  const byName = new Map(verilogFiles(root).map((file) => [basename(file).replace(/\.v$/, ''), file]));
  const top = byName.get(module);
  if (top === undefined) throw new Error(`${module}: no such module below ${root}`);
  const found = new Set([top]);
  for (const file of found) {
    const text = readFileSync(file, 'utf8').replace(/\/\/.*|\/\*[\s\S]*?\*\//g, '');
    for (const [, instance, include] of text.matchAll(
      /\b(\w+)\s*(?:#\s*\(|\s\w+\s*\()|`include\s+"(.*?)"/g,
    )) {
      const needed = byName.get(instance ?? include);
      if (needed !== undefined) found.add(needed);
    }
  }
  return [...found];
}
