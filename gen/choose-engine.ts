/** Picks the lanes of an engine where the user leaves the choice, and lists those there are to choose from. */
import { FireforgeError } from './diagnostics/diagnostic.ts';
import { mayNeedExtension } from './diagnostics/schedule.ts';
import type { Board } from './geometry/boards.ts';
import { type Geometry, macUnits } from './geometry/geometry.ts';
import { engineResources } from './geometry/resources.ts';
import {
  candidateLanes,
  fittingLanes,
  geometryFor,
  type Lanes,
  splitMacs,
  type Wishes,
} from './geometry/sizing.ts';
import type { Network } from './graph/network.ts';
import type { IntegerNetwork } from './quantize/integer-network.ts';
import { shapesOnly } from './quantize/shapes-only.ts';
import { predictCycles } from './schedule/cycles/predict.ts';
import { leastCycles } from './schedule/least-cycles.ts';
import { checkImageLimits } from './schedule/limits.ts';
import type { Schedule } from './schedule/nest.ts';
import { planSchedule } from './schedule/plan.ts';

export interface EngineRequest {
  readonly board: Board;
  /** These very lanes; */
  readonly lanes?: Lanes;
  /** or so many MAC units, split as is fastest; without both, the fastest engine that fits the board. */
  readonly macs?: number;
  readonly wishes?: Wishes;
}

/** An engine, and the cycles it takes for one image. */
export interface RatedEngine {
  readonly geometry: Geometry;
  readonly cycles: number;
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
    return planned(shapes, [lanes], board, wishes)[0].geometry;
  }
  const candidates =
    macs === undefined ? defaultLanes(board, wishes) : fittingLanes(board, splitMacs(macs), wishes);
  return fastestOf(planned(shapes, candidates, board, wishes));
}

/** Fails for a board that has no room for the request, whatever the network. Throws FF4xx. */
export function requireRoom({ board, lanes, macs, wishes }: EngineRequest): void {
  if (lanes) geometryFor(board, lanes, wishes);
  else if (macs === undefined) defaultLanes(board, wishes);
  else fittingLanes(board, splitMacs(macs), wishes);
}

/**
 * The engines that fit the board and can run the network, fastest first. Left out is each one that another
 * without more multipliers is as fast as. Throws FF4xx if nothing fits, FF5xx if nothing that fits can run it.
 */
export function rateEngines(
  network: Network,
  { board, wishes, latency = LATENCY }: Pick<EngineRequest, 'board' | 'wishes'> & { latency?: number },
): RatedEngine[] {
  const candidates = planned(shapesOnly(network), candidateLanes(board, wishes), board, wishes)
    .map((one) => ({ ...one, multipliers: engineResources(one.geometry, board).multipliers }))
    .sort((a, b) => a.multipliers - b.multipliers || a.leastCycles - b.leastCycles);
  const fastest = new Map<number, RatedEngine>();
  let fewest = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    if (candidate.leastCycles >= fewest) continue;
    const cycles = predictedCycles(candidate, latency);
    if (cycles >= fewest) continue;
    fewest = cycles;
    fastest.set(candidate.multipliers, { geometry: candidate.geometry, cycles });
  }
  return [...fastest.values()].reverse();
}

/** Lanes to choose the default engine from: the board may bound its size. */
function defaultLanes(board: Board, wishes: Wishes | undefined): Lanes[] {
  const most = board.defaults.macUnits ?? Number.POSITIVE_INFINITY;
  return candidateLanes(board, wishes).filter((lanes) => macUnits(lanes) <= most);
}

interface Planned {
  readonly geometry: Geometry;
  readonly schedule: Schedule;
  readonly leastCycles: number;
}

function plan(network: IntegerNetwork, geometry: Geometry): Schedule {
  checkImageLimits(network, geometry);
  return planSchedule(network, geometry);
}

/** The network on the engine of these lanes, extended where it cannot be run without. */
function planOn(network: IntegerNetwork, board: Board, lanes: Lanes, wishes: Wishes | undefined): Planned {
  const planned = (geometry: Geometry): Planned => {
    const schedule = plan(network, geometry);
    return { geometry, schedule, leastCycles: leastCycles(schedule) };
  };
  try {
    return planned(geometryFor(board, lanes, wishes));
  } catch (error) {
    if (!mayNeedExtension(error)) throw error;
    return planned(geometryFor(board, lanes, { ...wishes, extended: true }));
  }
}

/** The candidates that can run the network, in order; if none can, throws why the first cannot. */
function planned(
  network: IntegerNetwork,
  candidates: readonly Lanes[],
  board: Board,
  wishes: Wishes | undefined,
): Planned[] {
  let refusal: FireforgeError | undefined;
  const found: Planned[] = [];
  for (const lanes of candidates) {
    try {
      found.push(planOn(network, board, lanes, wishes));
    } catch (error) {
      if (!(error instanceof FireforgeError)) throw error;
      refusal ??= error;
    }
  }
  if (found.length === 0) throw refusal!;
  return found;
}

/** The candidate with the fewest predicted cycles, the first of equals. */
function fastestOf(candidates: readonly Planned[]): Geometry {
  const promising = [...candidates].sort((a, b) => a.leastCycles - b.leastCycles);
  let [best] = promising;
  let fewest = Number.POSITIVE_INFINITY;
  for (const candidate of promising) {
    if (candidate.leastCycles >= fewest) break;
    const cycles = predictedCycles(candidate, LATENCY);
    if (cycles < fewest) [best, fewest] = [candidate, cycles];
  }
  return best.geometry;
}

function predictedCycles({ schedule, geometry }: Planned, latency: number): number {
  return predictCycles(schedule, geometry, { latency, images: 1 }).cycles;
}
