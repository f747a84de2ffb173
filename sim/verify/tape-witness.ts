/** The tape interpreter as a witness that is compared layer by layer. */
import type { Geometry } from '../../gen/geometry/geometry.ts';
import type { Schedule } from '../../gen/schedule/nest.ts';
import { WORD_BYTES } from '../../gen/tape/format.ts';
import { outputValues } from '../../gen/tape/output.ts';
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
  const { sums, result } = runTape(tape, geometry, image, (write) => maps.write(write));
  const last = schedule.stages[schedule.stages.length - 1];
  const total = last.globalPool ? [{ name: last.expandPasses[0].conv.name, values: sums }] : [];
  const output = outputValues(result.subarray(0, -WORD_BYTES), schedule.output);
  return { layers: [...maps.tensors(), ...total], output };
}
