/** What a compiled network costs on a board and how fast it runs there, by the schedule's cycle count. */
import type { Compiled } from './compiled.ts';
import { movedBytes, readBytes, traffic, writtenBytes } from './emit/traffic.ts';
import type { Board } from './geometry/boards.ts';
import { type Geometry, macUnits } from './geometry/geometry.ts';
import { engineResources } from './geometry/resources.ts';
import { networkMacs } from './graph/shapes.ts';
import { type CycleOptions, predictCycles } from './schedule/cycles/predict.ts';

/** So many of a board's primitives; `available` is null where the board sets no limit. */
export interface Use {
  readonly name: string;
  readonly used: number;
  readonly available: number | null;
}

export interface Estimate {
  /** Until the last result. */
  readonly predictedCycles: number;
  readonly doneCycles: readonly number[];
  /** Useful, per image. */
  readonly macs: number;
  readonly macUnits: number;
  readonly utilization: number;
  readonly clockMHz: number;
  readonly imagesPerSecond: number;
  /** Read and written. */
  readonly bytesPerSecond: number;
  readonly multipliers: Use;
  readonly memories: readonly Use[];
  /** Per image. */
  readonly bytes: { readonly read: number; readonly written: number; readonly minimum: number };
}

/** What an engine takes of a board. */
export function boardUse(geometry: Geometry, board: Board): Pick<Estimate, 'multipliers' | 'memories'> {
  const { multipliers, memories } = engineResources(geometry, board);
  const use = (name: string, used: number, count: number): Use => ({
    name,
    used,
    available: Number.isFinite(count) ? count : null,
  });
  return {
    multipliers: use(board.multipliers.name, multipliers, board.multipliers.count),
    memories: memories.map(({ memory, blocks }) => use(memory.name, blocks, memory.count)),
  };
}

/** Rates are those of images back to back if there is more than one, else those of a single image. */
export function estimate(compiled: Compiled, board: Board, options: CycleOptions): Estimate {
  const { network, schedule, geometry } = compiled;
  const { doneCycles } = predictCycles(schedule, geometry, options);
  const bytes = traffic(compiled);
  const cycles = cyclesPerImage(doneCycles);
  const imagesPerSecond = (board.clockMHz * 1e6) / cycles;
  return {
    predictedCycles: doneCycles[doneCycles.length - 1],
    doneCycles,
    macs: networkMacs(network),
    macUnits: macUnits(geometry),
    utilization: utilization(networkMacs(network), macUnits(geometry), doneCycles),
    clockMHz: board.clockMHz,
    imagesPerSecond,
    bytesPerSecond: movedBytes(bytes) * imagesPerSecond,
    ...boardUse(geometry, board),
    bytes: {
      read: readBytes(bytes),
      written: writtenBytes(bytes),
      minimum: bytes.minimumBytes,
    },
  };
}

/** Back to back: the mean distance of results; of one image: all of its cycles. */
export function cyclesPerImage(doneCycles: readonly number[]): number {
  const last = doneCycles[doneCycles.length - 1];
  return doneCycles.length > 1 ? (last - doneCycles[0]) / (doneCycles.length - 1) : last;
}

/** Useful MACs over the MACs that the units could do. */
export function utilization(macs: number, units: number, doneCycles: readonly number[]): number {
  return macs / (units * cyclesPerImage(doneCycles));
}
