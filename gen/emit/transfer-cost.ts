/** What it costs that maps do not fit the chip: against the same engine with as much feature memory as it takes. */

import { isMapsTooLarge } from '../diagnostics/schedule.ts';
import type { Geometry } from '../geometry/geometry.ts';
import type { IntegerNetwork } from '../quantize/integer-network.ts';
import { predictCycles } from '../schedule/cycles/predict.ts';
import type { Schedule } from '../schedule/nest.ts';
import { planSchedule } from '../schedule/plan.ts';

/** Words of a bank that the tape's addresses reach. */
const MOST_WORDS = 2 ** 16;

export interface TransferCost {
  /** Stages that run in bands of rows, and in how many. */
  readonly bands: number;
  readonly banded: number;
  /** Maps that are moved, by name. */
  readonly maps: readonly string[];
  /** Of one image, less those with enough memory; absent where no memory is enough. */
  readonly cycles?: number;
  readonly share?: number;
}

/** Nothing for a schedule whose maps all stay on the chip. */
export function transferCost(
  network: IntegerNetwork,
  geometry: Geometry,
  schedule: Schedule,
  latency: number,
): TransferCost | undefined {
  const moved = schedule.commands.flatMap((command) =>
    'transfer' in command && !command.transfer.result ? [command.transfer] : [],
  );
  if (moved.length === 0) return undefined;
  const parts = schedule.stages.filter(({ part }) => part.rows < part.height);
  const cost = {
    bands: parts.length,
    banded: new Set(parts.map(({ expandPasses }) => expandPasses[0].conv.name)).size,
    maps: [...new Set(moved.map(({ name }) => name))],
  };
  const options = { latency, images: 1 };
  try {
    const roomy = planSchedule(network, { ...geometry, mapWords: MOST_WORDS });
    const enough = predictCycles(roomy, geometry, options).cycles;
    const cycles = predictCycles(schedule, geometry, options).cycles - enough;
    return { ...cost, cycles, share: cycles / enough };
  } catch (error) {
    if (!isMapsTooLarge(error)) throw error;
    return cost;
  }
}
