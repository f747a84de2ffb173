/**
 * Latencies of the RTL in cycles, each stated in the header of the module it belongs to. The units in this folder
 * are the RTL's timetable; these are its constants that depend on the geometry.
 */
import {
  ACCUMULATOR_LATENCY,
  type Geometry,
  INPUT_LANES,
  TILE_LOAD_CYCLES,
} from '../../geometry/geometry.ts';
import { parameterWords } from '../sections.ts';

export interface Timing {
  /** Weight loader: beats of a run's parameters, of a tile, and from the first beat to a possible swap. */
  readonly parameterBeats: number;
  readonly tileBeats: number;
  readonly loadToSwap: number;
  /** Shortest time between two tiles over the same accumulators. */
  readonly minimumTile: number;
  /** Lane coordinates at the start of a stage. */
  readonly stageStart: number;
  /** Map reader's decision → the drain may take the group. */
  readonly issueToDrain: number;
  /** Cycles a drained group occupies the requantizer. */
  readonly drainInterval: number;
  /** Drain's decision → the group comes out of the array. */
  readonly drainToArray: number;
  /** Drain's decision for the last group of a global pool → its sums may be scaled. */
  readonly poolToScaler: number;
}

export function timing(geometry: Geometry): Timing {
  const { outputLanes, pixelLanes, multiplierBits } = geometry;
  const columns = Math.ceil(outputLanes / 2);
  const phases = outputLanes > 1 ? 2 : 1;
  const operandPath = 4;
  const arrayToFinal = multiplierBits === 27 ? 11 : 8;
  const tapLatency = 4;
  return {
    parameterBeats: parameterWords(outputLanes) * (INPUT_LANES / outputLanes),
    tileBeats: TILE_LOAD_CYCLES,
    loadToSwap: TILE_LOAD_CYCLES - 1,
    minimumTile: ACCUMULATOR_LATENCY,
    stageStart: pixelLanes + 2,
    issueToDrain: operandPath + arrayToFinal + 1,
    drainInterval: phases,
    drainToArray: 1 + 7 + pixelLanes + columns + (phases - 1),
    poolToScaler: 1 + tapLatency + pixelLanes + columns - 1 + (phases - 1) + 1,
  };
}
