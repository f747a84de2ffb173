/** Widths and depths that hold for every tape of an engine; `design.json` states them for other compilers. */
import { ACCUMULATOR_BITS } from '../quantize/numerics.ts';
import {
  ACCUMULATOR_BANKS,
  type Geometry,
  MAP_SLOTS,
  MAX_CLASSES,
  OUTSTANDING_BURSTS,
  POSITION_BITS,
} from './geometry.ts';

/** What another network must keep to, beside the geometry's own fields. */
export function engineLimits(geometry: Geometry) {
  return {
    accumulatorBits: ACCUMULATOR_BITS,
    accumulatorBanks: ACCUMULATOR_BANKS,
    accumulatorGroups: geometry.accumulatorDepth,
    positionBits: POSITION_BITS,
    mapVectors: MAP_SLOTS,
    classes: MAX_CLASSES,
    outstandingBursts: OUTSTANDING_BURSTS,
  };
}
