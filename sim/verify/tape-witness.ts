/** The tape interpreter as a witness that is compared layer by layer. */
import type { Geometry } from '../../gen/geometry/geometry.ts';
import type { Schedule } from '../../gen/schedule/nest.ts';
import { MapTensors } from '../compare/map-tensors.ts';
import type { WitnessResult } from '../compare/tensors.ts';
import { runTape } from '../tape/interpreter.ts';
import type { Tape } from '../tape/tape.ts';

/** One image; the schedule tells which channels a write of the tape holds. */
export function tapeWitnessResult(
  tape: Tape,
  schedule: Schedule,
  geometry: Geometry,
  image: Uint8Array,
): WitnessResult {
  const maps = new MapTensors(schedule, geometry);
  const { logits, sums } = runTape(tape, geometry, image, (write) => maps.write(write));
  const { name } = schedule.stages[schedule.stages.length - 1].expandPasses[0].conv;
  return { layers: [...maps.tensors(), { name, values: sums }], output: logits };
}
