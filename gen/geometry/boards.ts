/** Boards: what a device has, read from `constraints/<board>/board.json` or a folder of the user's. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { boardInvalid, boardUnknown } from '../diagnostics/board.ts';
import type { Geometry } from './geometry.ts';

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
  readonly defaults: { readonly ringKib: number; readonly memoryKib: number };
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
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw boardInvalid(file, 'whole file', 'it is not JSON');
  }
  const root = new Fields(parsed, file, '');
  const multipliers = root.object('multipliers');
  const port = root.object('port');
  const defaults = root.object('defaults');
  const wider = port.optionalObject('widerAbove');
  return {
    name,
    title: root.text('title'),
    device: root.text('device'),
    multipliers: {
      name: multipliers.text('name'),
      count: multipliers.countOrUnlimited('count'),
      bits: multipliers.oneOf('bits', [18, 25, 27] as const),
      macs: multipliers.oneOf('macs', [1, 2] as const),
      requantizer: multipliers.count('requantizer'),
    },
    memories: root.objects('memories').map((memory) => ({
      name: memory.text('name'),
      count: memory.countOrUnlimited('count'),
      kbit: memory.count('kbit'),
      widest: memory.count('widest'),
      narrowest: memory.count('narrowest'),
    })),
    clockMHz: root.count('clockMHz'),
    port: {
      bits: port.count('bits'),
      burst: port.count('burst'),
      ...(wider && { widerAbove: { macUnits: wider.count('macUnits'), bits: wider.count('bits') } }),
    },
    defaults: { ringKib: defaults.count('ringKib'), memoryKib: defaults.count('memoryKib') },
  };
}

/** An object of unknown JSON, whose fields are checked as they are read. */
class Fields {
  readonly #values: Record<string, unknown>;
  readonly #file: string;
  readonly #path: string;

  constructor(value: unknown, file: string, at: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw boardInvalid(file, at || 'whole file', 'it must be an object');
    }
    this.#values = value as Record<string, unknown>;
    this.#file = file;
    this.#path = at;
  }

  text(name: string): string {
    const value = this.#values[name];
    if (typeof value !== 'string' || value === '') throw this.#invalid(name, 'must be a text');
    return value;
  }

  count(name: string): number {
    const value = this.#values[name];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) {
      throw this.#invalid(name, 'must be a whole number from 1');
    }
    return value;
  }

  /** `null` means without limit. */
  countOrUnlimited(name: string): number {
    return this.#values[name] === null ? Number.POSITIVE_INFINITY : this.count(name);
  }

  oneOf<T extends number>(name: string, choices: readonly T[]): T {
    const value = choices.find((choice) => choice === this.#values[name]);
    if (value === undefined) throw this.#invalid(name, `must be ${choices.join(' or ')}`);
    return value;
  }

  object(name: string): Fields {
    return new Fields(this.#values[name], this.#file, this.#at(name));
  }

  optionalObject(name: string): Fields | undefined {
    return this.#values[name] === undefined ? undefined : this.object(name);
  }

  objects(name: string): Fields[] {
    const value = this.#values[name];
    if (!Array.isArray(value) || value.length === 0) throw this.#invalid(name, 'must be a list of objects');
    return value.map((item, index) => new Fields(item, this.#file, `${this.#at(name)}[${index}]`));
  }

  #at(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  #invalid(name: string, rule: string) {
    const value = this.#values[name];
    return boardInvalid(
      this.#file,
      this.#at(name),
      value === undefined ? 'the field is missing' : `it is ${JSON.stringify(value)}, but ${rule}`,
    );
  }
}
