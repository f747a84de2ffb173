/** Boards: what a device has, read from `constraints/<board>/board.json` or a folder of the user's. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { boardInvalid, boardUnknown } from '../diagnostics/board.ts';
import { JsonFields } from '../json-fields.ts';
import { type Geometry, INPUT_LANES } from './geometry.ts';

/** One kind of on-chip memory. */
export interface BoardMemory {
  readonly name: string;
  /** Infinite on the board `sim`. */
  readonly count: number;
  readonly kbit: number;
  /** Widths in bits it can take: halving from the widest to the narrowest, each with twice the words. */
  readonly widest: number;
  readonly narrowest: number;
}

export interface Board {
  /** The folder's name. */
  readonly name: string;
  readonly title: string;
  readonly device: string;
  readonly multipliers: {
    readonly name: string;
    readonly count: number;
    readonly bits: Geometry['multiplierBits'];
    /** int8 MACs one multiplier does in a cycle. */
    readonly macs: 1 | 2;
    /** Multipliers that one requantizer lane (25 × 17 bits, signed) takes. */
    readonly requantizer: number;
  };
  /** In the order in which the large memories (ring, feature memory) try them. */
  readonly memories: readonly BoardMemory[];
  readonly clockMHz: number;
  readonly port: {
    readonly bits: number;
    readonly burst: number;
    /** Another default width for engines of more MAC units. */
    readonly widerAbove?: { readonly macUnits: number; readonly bits: number };
  };
  readonly defaults: {
    readonly ringKib: number;
    readonly memoryKib: number;
    /** Most MAC units of an engine that nobody gave a size; absent: what fits. */
    readonly macUnits?: number;
  };
}

const CONSTRAINTS = fileURLToPath(new URL('../../constraints', import.meta.url));
const FILE = 'board.json';

/** Names of the boards that the project ships, sorted. */
export function listBoards(): string[] {
  return readdirSync(CONSTRAINTS)
    .filter((name) => existsSync(path.join(CONSTRAINTS, name, FILE)))
    .sort();
}

/** Loads a shipped board by its name, or the one in a folder. Throws FF401 and FF402. */
export function loadBoard(nameOrFolder: string): Board {
  const names = listBoards();
  const folder = names.includes(nameOrFolder) ? path.join(CONSTRAINTS, nameOrFolder) : nameOrFolder;
  const file = path.join(folder, FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw boardUnknown(nameOrFolder, names);
  }
  const shown = names.includes(nameOrFolder) ? path.join('constraints', nameOrFolder, FILE) : file;
  return parseBoard(text, shown, path.basename(path.resolve(folder)));
}

/** Parses a board.json; `file` is named in errors. */
export function parseBoard(text: string, file: string, name: string): Board {
  return readBoard(
    JsonFields.parse(text, (field, reason) => boardInvalid(file, field, reason)),
    name,
  );
}

/** A board from parsed JSON, in which `null` is an unlimited count. */
export function readBoard(fields: JsonFields, name: string): Board {
  const multipliers = fields.object('multipliers');
  const port = fields.object('port');
  const defaults = fields.object('defaults');
  const wider = port.optionalObject('widerAbove');
  return {
    name,
    title: fields.text('title'),
    device: fields.text('device'),
    multipliers: {
      name: multipliers.text('name'),
      count: multipliers.countOrUnlimited('count'),
      bits: multipliers.oneOf('bits', [18, 25, 27] as const),
      macs: multipliers.oneOf('macs', [1, 2] as const),
      requantizer: multipliers.count('requantizer'),
    },
    memories: fields.objects('memories').map((memory) => ({
      name: memory.text('name'),
      count: memory.countOrUnlimited('count'),
      kbit: memory.count('kbit'),
      widest: memory.count('widest'),
      narrowest: memory.count('narrowest'),
    })),
    clockMHz: fields.count('clockMHz'),
    port: {
      bits: port.count('bits'),
      burst: port.count('burst'),
      ...(wider && { widerAbove: { macUnits: wider.count('macUnits'), bits: wider.count('bits') } }),
    },
    defaults: {
      ringKib: defaults.count('ringKib'),
      memoryKib: defaults.count('memoryKib'),
      ...(defaults.has('macUnits') && { macUnits: defaults.count('macUnits', INPUT_LANES) }),
    },
  };
}
