/** Compiling for an engine that exists already: what it cannot run, and whether its Verilog is still the same. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { FireforgeError } from './diagnostics/diagnostic.ts';
import { verilogDiffers } from './diagnostics/output.ts';
import { engineTooSmall } from './diagnostics/schedule.ts';
import type { StoredBuild } from './emit/build.ts';
import { emitVerilog } from './emit/verilog.ts';
import type { Geometry } from './geometry/geometry.ts';
import type { Network } from './graph/network.ts';
import { shapesOnly } from './quantize/shapes-only.ts';
import { checkImageLimits } from './schedule/limits.ts';
import { planSchedule } from './schedule/plan.ts';

/** Fails with every limit of the build's engine that the network exceeds. Throws FF506. */
export function requireRunnable(network: Network, { folder, design }: StoredBuild): void {
  const exceeded = exceededLimits(network, design.geometry);
  if (exceeded.length === 0) return;
  throw engineTooSmall(
    network.name,
    folder,
    exceeded.map(({ diagnostic }) => diagnostic),
  );
}

/** More words of feature memory than any tape can address. */
const UNLIMITED_WORDS = 2 ** 24;

/** Everything that keeps an engine from running a network; the first layer alone of those that no engine runs. */
export function exceededLimits(network: Network, geometry: Geometry): FireforgeError[] {
  // The planner may come upon the same limit on several ways.
  const exceeded = new Map<string, FireforgeError>();
  const refuse = (error: FireforgeError) => {
    exceeded.set(error.message, error);
  };
  const shapes = shapesOnly(network);
  checkImageLimits(shapes, geometry, refuse);
  const plan = (on: Geometry) => {
    try {
      planSchedule(shapes, on, refuse);
      return true;
    } catch (error) {
      if (!(error instanceof FireforgeError)) throw error;
      refuse(error);
      return false;
    }
  };
  // Where the maps end the plan, there may be more behind them.
  if (!plan(geometry)) plan({ ...geometry, mapWords: UNLIMITED_WORDS });
  return [...exceeded.values()];
}

/**
 * A tape is only right for the engine that this program knows: fails if it makes other Verilog of the build's
 * geometry than the build has. Throws FF638.
 */
export function requireSameVerilog({ folder, design }: StoredBuild): void {
  for (const [name, text] of emitVerilog(design.geometry).files) {
    if (readText(path.join(folder, name)) !== text) throw verilogDiffers(folder, name);
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
