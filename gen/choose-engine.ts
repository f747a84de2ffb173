/** Picks the lanes of an engine where the user leaves the choice, and schedules the network on it. */
import { FireforgeError } from './diagnostics/diagnostic.ts';
import type { Board } from './geometry/boards.ts';
import { type Geometry, macUnits } from './geometry/geometry.ts';
import { candidateLanes, geometryFor, type Lanes, splitMacs, type Wishes } from './geometry/sizing.ts';
import { networkMacs } from './graph/shapes.ts';
import type { IntegerNetwork } from './quantize/integer-network.ts';
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

export interface ScheduledEngine {
  readonly geometry: Geometry;
  readonly schedule: Schedule;
}

/** The memory for which engines are compared. */
const LATENCY = 30;

/** Throws FF4xx for what does not fit the board, FF5xx for a network that no candidate can run. */
export function chooseEngine(network: IntegerNetwork, request: EngineRequest): ScheduledEngine {
  const { board, lanes, macs, wishes } = request;
  if (lanes) return scheduleOn(network, geometryFor(board, lanes, wishes));
  const candidates = macs === undefined ? candidateLanes(board, wishes) : splitMacs(macs);
  return fastestOf(network, candidates, (candidate) => geometryFor(board, candidate, wishes));
}

function scheduleOn(network: IntegerNetwork, geometry: Geometry): ScheduledEngine {
  checkImageLimits(network, geometry);
  return { geometry, schedule: planSchedule(network, geometry) };
}

/** The candidate with the fewest predicted cycles, the first of equals; if none works, the first's error. */
function fastestOf(
  network: IntegerNetwork,
  candidates: readonly Lanes[],
  geometryOf: (lanes: Lanes) => Geometry,
): ScheduledEngine {
  const macs = networkMacs(network.source);
  let best: (ScheduledEngine & { cycles: number }) | undefined;
  let refusal: FireforgeError | undefined;
  for (const lanes of candidates) {
    // No engine takes fewer cycles than its MAC units need.
    if (best && macs / macUnits(lanes) >= best.cycles) continue;
    try {
      const engine = scheduleOn(network, geometryOf(lanes));
      const { cycles } = predictCycles(engine.schedule, engine.geometry, { latency: LATENCY, images: 1 });
      if (!best || cycles < best.cycles) best = { ...engine, cycles };
    } catch (error) {
      if (!(error instanceof FireforgeError)) throw error;
      refusal ??= error;
    }
  }
  if (!best) throw refusal!;
  return { geometry: best.geometry, schedule: best.schedule };
}
