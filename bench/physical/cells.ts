/** What Yosys' `stat -json` says: cells by module, here with all that a module contains. */

/** Cell type → how many. */
export type Cells = ReadonlyMap<string, number>;

export interface ModuleCells {
  /** As in the source, without its parameters. */
  readonly name: string;
  /** Its own cells and those of all modules in it; none of them is a module. */
  readonly cells: Cells;
  /** Modules in it, as often as they are. */
  readonly parts: readonly { readonly module: ModuleCells; readonly count: number }[];
}

interface Stat {
  readonly modules: Readonly<
    Record<string, { readonly num_cells_by_type: Readonly<Record<string, number>> }>
  >;
}

/** The module `top` of a report that `stat -json` printed, and all that is in it. */
export function readCells(report: string, top: string): ModuleCells {
  const { modules } = JSON.parse(report) as Stat;
  const known = new Map<string, ModuleCells>();
  // A module is named with a backslash or a dollar sign before it where it stands, without where it is used.
  const keys = new Map(Object.keys(modules).map((key) => [key.replace(/^\\/, ''), key]));
  const visit = (name: string): ModuleCells => {
    const cells = new Map<string, number>();
    const parts: { module: ModuleCells; count: number }[] = [];
    for (const [type, count] of Object.entries(modules[keys.get(name)!].num_cells_by_type)) {
      if (keys.has(type)) parts.push({ module: known.get(type) ?? visit(type), count });
      else cells.set(type, count);
    }
    const own = { name: sourceName(name), cells, parts: [] };
    const module = { ...own, cells: sumCells([{ module: own, count: 1 }, ...parts]), parts };
    known.set(name, module);
    return module;
  };
  return visit(top);
}

/** `$paramod$1e18…\fifo` and `$paramod\fifo\Depth=s32'…` → `fifo`. */
const sourceName = (name: string) => name.replace(/^\$paramod(\$[0-9a-f]+)?\\/, '').replace(/\\.*$/, '');

/** The cells of all parts together. */
export function sumCells(parts: ModuleCells['parts']): Cells {
  const sum = new Map<string, number>();
  for (const { module, count } of parts) {
    for (const [type, number] of module.cells) sum.set(type, (sum.get(type) ?? 0) + number * count);
  }
  return sum;
}
