/** What nextpnr's `--report` file says: clock rates, what is used, the critical path. */

export interface Timing {
  /** Of the slowest clock. */
  readonly fmaxMHz: number;
  readonly used: ReadonlyMap<string, { readonly used: number; readonly available: number }>;
  /** The longest path from one edge of that clock to the next. */
  readonly critical: readonly PathStep[];
}

/** A stretch of a path: through a cell, or over a net to the next one. */
export interface PathStep {
  /** `clk-to-q`, `logic`, `routing` or `setup`. */
  readonly kind: string;
  readonly nanoseconds: number;
  /** Instance names of the module that the stretch ends in, with dots between. */
  readonly instance: string;
  /** Of the cell, or of the net where it is routing, without the instance. */
  readonly name: string;
}

interface Report {
  readonly fmax: Readonly<Record<string, { readonly achieved: number }>>;
  readonly utilization: Readonly<Record<string, { readonly used: number; readonly available: number }>>;
  readonly critical_paths: readonly {
    readonly from: string;
    readonly to: string;
    readonly path: readonly {
      readonly type: string;
      readonly delay: number;
      readonly net?: string;
      readonly to: { readonly cell: string };
    }[];
  }[];
}

export function readTiming(text: string): Timing {
  const { fmax, utilization, critical_paths } = JSON.parse(text) as Report;
  const [clock, { achieved }] = Object.entries(fmax).sort(([, a], [, b]) => a.achieved - b.achieved)[0];
  const edge = `posedge ${clock}`;
  const worst = critical_paths.find(({ from, to }) => from === edge && to === edge);
  return {
    fmaxMHz: achieved,
    used: new Map(Object.entries(utilization).filter(([, { used }]) => used > 0)),
    critical: worst!.path.map(({ type, delay, net, to }) => ({
      kind: type,
      nanoseconds: delay,
      ...splitName(net ?? to.cell),
    })),
  };
}

/** `a.b[0].c_LUT4_Z` → instance `a.b[0]`, name `c_LUT4_Z`. */
function splitName(name: string): { instance: string; name: string } {
  const dot = name.lastIndexOf('.');
  return { instance: name.slice(0, Math.max(dot, 0)), name: name.slice(dot + 1) };
}

/** The middle value; of an even number the lower one of the two. */
export function medianOf<T>(items: readonly T[], value: (item: T) => number): T {
  const sorted = [...items].sort((a, b) => value(a) - value(b));
  return sorted[(sorted.length - 1) >> 1];
}
