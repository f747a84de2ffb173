/** The design's Verilog: the modules it needs as they are, and its top from the template. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Handlebars from 'handlebars';
import { type Geometry, geometryHash, geometryId, lanesText, macUnits } from '../geometry/geometry.ts';

const RTL = fileURLToPath(new URL('../../rtl', import.meta.url));
const TEMPLATE = 'top.v.hbs';

export interface EmittedVerilog {
  /** The top module's name. */
  readonly top: string;
  /** `rtl/<file>` → text, sorted by name. They depend on the geometry alone. */
  readonly files: readonly (readonly [string, string])[];
}

/**
 * Verilog of an engine, all files in one flat folder. The properties for formal tools stay behind: those who
 * prove them do it with the modules of rtl/.
 */
export function emitVerilog(geometry: Geometry): EmittedVerilog {
  const library = readLibrary();
  const text = renderTop(geometry);
  const top = /^module (\w+)/m.exec(text)![1];
  const files = new Map([[`${top}.v`, text]]);
  for (const pending = [text]; pending.length > 0; ) {
    for (const name of namesIn(pending.pop()!)) {
      for (const file of [`${name}.v`, `${name}.vh`]) {
        const needed = library.get(file);
        if (needed === undefined || files.has(file)) continue;
        files.set(file, needed);
        pending.push(needed);
      }
    }
  }
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  return { top, files: sorted.map(([file, contents]) => [`rtl/${file}`, contents]) };
}

function renderTop(geometry: Geometry): string {
  const template = Handlebars.compile(readFileSync(path.join(RTL, TEMPLATE), 'utf8'), {
    noEscape: true,
    strict: true,
  });
  return template({
    ...geometry,
    lanes: lanesText(geometry),
    macUnits: macUnits(geometry),
    geometryHash: geometryHash(geometry),
    geometryId: geometryId(geometry).toString(16).padStart(8, '0'),
  });
}

/** File name → text of every plain Verilog file; one module a file, the file of the module's name. */
function readLibrary(): Map<string, string> {
  const entries = readdirSync(RTL, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile() && /\.vh?$/.test(entry.name))
      .map((entry) => {
        const text = readFileSync(path.join(entry.parentPath, entry.name), 'utf8');
        return [entry.name, withoutProperties(text)];
      }),
  );
}

/** Without its `ifdef FORMAL sections, which have no other directives in them. */
function withoutProperties(source: string): string {
  return source.replace(/\n`ifdef FORMAL\n[\s\S]*?`endif\n/g, '');
}

/** Every identifier of a source outside its comments; those that name files are what it needs. */
function namesIn(source: string): Set<string> {
  const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  return new Set(code.match(/[A-Za-z_]\w*/g));
}
