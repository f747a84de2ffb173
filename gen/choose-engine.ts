/** Picks the lanes of an engine where the user leaves the choice. */
import { FireforgeError } from './diagnostics/diagnostic.ts';
import type { Board } from './geometry/boards.ts';
import { type Geometry, macUnits } from './geometry/geometry.ts';
import {
  candidateLanes,
  fittingLanes,
  geometryFor,
  type Lanes,
  splitMacs,
  type Wishes,
} from './geometry/sizing.ts';
import type { Network } from './graph/network.ts';
import { networkMacs } from './graph/shapes.ts';
import type { IntegerNetwork } from './quantize/integer-network.ts';
import { shapesOnly } from './quantize/shapes-only.ts';
import { predictCycles } from './schedule/cycles/predict.ts';
import type { Schedule } from './schedule/nest.ts';
import { checkImageLimits, planSchedule } from './schedule/plan.ts';

export interface EngineRequest {
  readonly board: Board;
  /** These very lanes; */
  readonly lanes?: Lanes;
  /** or so many MAC units, split as is fastest; without both, the fastest engine that fits the board. */
  readonly macs?: number;
  readonly wishes?: Wishes;
}

/** The memory for which engines are compared. */
const LATENCY = 30;

/**
 * The geometry for a network. Shapes decide it, so it comes before anything is measured. Throws FF4xx for
 * what does not fit the board, FF5xx for a network that no candidate can run.
 */
export function chooseEngine(network: Network, request: EngineRequest): Geometry {
  const { board, lanes, macs, wishes } = request;
  const shapes = shapesOnly(network);
  if (lanes) {
    const geometry = geometryFor(board, lanes, wishes);
    schedule(shapes, geometry);
    return geometry;
  }
  const candidates = macs === undefined ? candidateLanes(board, wishes) : splitMacs(macs);
  return fastestOf(shapes, candidates, (candidate) => geometryFor(board, candidate, wishes));
}

/** Fails for a board that has no room for the request, whatever the network. Throws FF4xx. */
export function requireRoom({ board, lanes, macs, wishes }: EngineRequest): void {
  if (lanes) geometryFor(board, lanes, wishes);
  else if (macs === undefined) candidateLanes(board, wishes);
  else fittingLanes(board, splitMacs(macs), wishes);
}

function schedule(network: IntegerNetwork, geometry: Geometry): Schedule {
  checkImageLimits(network, geometry);
  return planSchedule(network, geometry);
}

/** The candidate with the fewest predicted cycles, the first of equals; if none works, the first's error. */
function fastestOf(
  network: IntegerNetwork,
  candidates: readonly Lanes[],
  geometryOf: (lanes: Lanes) => Geometry,
): Geometry {
  const macs = networkMacs(network.source);
  let best: { geometry: Geometry; cycles: number } | undefined;
  let refusal: FireforgeError | undefined;
  for (const lanes of candidates) {
    // No engine takes fewer cycles than its MAC units need.
    if (best && macs / macUnits(lanes) >= best.cycles) continue;
    try {
      const geometry = geometryOf(lanes);
      const planned = schedule(network, geometry);
      const { cycles } = predictCycles(planned, geometry, { latency: LATENCY, images: 1 });
      if (!best || cycles < best.cycles) best = { geometry, cycles };
    } catch (error) {
      if (!(error instanceof FireforgeError)) throw error;
      refusal ??= error;
    }
  }
  if (!best) throw refusal!;
  return best.geometry;
}
