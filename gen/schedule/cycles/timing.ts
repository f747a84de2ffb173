/**
 * Latencies of the RTL in cycles, each stated in the header of the module it belongs to. The walk in this
 * folder is the RTL's timetable; these are its only constants.
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
  /** Map reader's decision → the drain may take the group. */
  readonly issueToDrain: number;
  /** Cycles a drained group occupies the requantizer. */
  readonly drainInterval: number;
  /** Drain's decision → the mark of the written group is visible to the map reader. */
  readonly drainToMark: number;
  /** The same through the max-pool. */
  readonly drainToPooledMark: number;
  /** First command of a stage: reading the descriptor and the first entry, pass and place. */
  readonly stageCommand: number;
  /** Run generator: cycles a run. */
  readonly runCommand: number;
  /** Lane coordinates at the start of a stage. */
  readonly stageStart: number;
  /** Global pool: last sum → all logits scaled, per logit. */
  readonly logitCycles: number;
  /** START handshake → first tape burst on the port; header's last word → the next request and the image's. */
  readonly startToRequest: number;
  readonly headerToRequest: number;
  /** Beat on the port → its word in the ring or the command memory. */
  readonly beatToRing: number;
  /** Last pixel written → packed count visible. */
  readonly packedVisible: number;
  /** Last logit → last data burst, and B → trailer burst. */
  readonly resultOverhead: number;
}

export function timing(geometry: Geometry): Timing {
  const { outputLanes, pixelLanes, multiplierBits } = geometry;
  const columns = Math.ceil(outputLanes / 2);
  const phases = outputLanes > 1 ? 2 : 1;
  const operandPath = 3;
  const arrayToFinal = multiplierBits === 27 ? 11 : 8;
  const arrayToResult = 7 + pixelLanes + columns + (phases - 1);
  return {
    parameterBeats: parameterWords(outputLanes) * (INPUT_LANES / outputLanes),
    tileBeats: TILE_LOAD_CYCLES,
    loadToSwap: TILE_LOAD_CYCLES - 1,
    minimumTile: ACCUMULATOR_LATENCY,
    issueToDrain: operandPath + arrayToFinal + 1,
    drainInterval: phases,
    drainToMark: 1 + arrayToResult + 4,
    drainToPooledMark: 1 + arrayToResult + 10,
    stageCommand: 11,
    runCommand: 5,
    stageStart: pixelLanes + 2,
    logitCycles: 18,
    startToRequest: 6,
    headerToRequest: 6,
    beatToRing: 5,
    packedVisible: 3,
    resultOverhead: 12,
  };
}
