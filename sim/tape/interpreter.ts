/**
 * The tape interpreter: executes a tape's commands without RTL, and knows of the compiler nothing but the
 * format of its bytes. A tape that gives wrong bits here is the compiler's fault; one that gives wrong bits
 * only in the RTL is the RTL's.
 */
import type { Geometry } from '../../gen/geometry/geometry.ts';
import { decodeTape } from './decode.ts';
import { FeatureMemory, Marks } from './memory.ts';
import { Packer } from './packer.ts';
import { logitBytes, scaleLogits, withTrailer } from './result.ts';
import { type Machine, type Probe, StageRunner } from './stage-runner.ts';
import type { Tape } from './tape.ts';
import { TransferBuffer } from './transfer.ts';

export interface TapeResult {
  /** One a class; none where the result is a map. */
  readonly logits: Int32Array;
  /** Per class, over all pixels, of relu(acc + bias): integers of up to 41 bits. */
  readonly sums: Float64Array;
  /** The bytes at RESULT_ADDR: padded logits or a map, and the trailer. */
  readonly result: Uint8Array;
}

/**
 * One image through a tape.
 *
 * @param tape the bytes at TAPE_ADDR, or what decodeTape made of them (saves decoding per image)
 * @param image the bytes at IMAGE_ADDR: height × width × 3, raw RGB
 * @param probe sees every write to the feature memory, in the order of the drain
 * @param job the job number of the result's trailer
 * @throws FireforgeError FF601 … FF606 for a tape that decodeTape refuses, FF610 for one on which the engine
 *   would wait for ever, FF611 for an image of another size
 */
export function runTape(
  tape: Uint8Array | Tape,
  geometry: Geometry,
  image: Uint8Array,
  probe?: Probe,
  job = 0,
): TapeResult {
  const { header, stages, commands } = tape instanceof Uint8Array ? decodeTape(tape, geometry) : tape;
  const memory = new FeatureMemory(geometry);
  const machine: Machine = {
    geometry,
    memory,
    marks: new Marks(),
    packer: new Packer(header, geometry, image, memory),
  };
  let globalSums: Float64Array = new Float64Array();
  const buffer = new TransferBuffer();
  for (const command of commands) {
    if ('transfer' in command) {
      buffer.move(command.transfer, memory, geometry.pixelLanes);
      continue;
    }
    const runner = new StageRunner(machine, command.stage, probe);
    runner.run();
    globalSums = runner.globalSums;
  }
  if (buffer.result) {
    const result = withTrailer(buffer.result, header.tapeId, job);
    return { logits: new Int32Array(), sums: new Float64Array(), result };
  }
  // decodeTape made sure that the last stage, and no other, is the classifier.
  const sums = globalSums.slice(0, header.classes);
  const logits = scaleLogits(sums, stages[stages.length - 1].expandPasses, header.classes);
  return { logits, sums, result: withTrailer(logitBytes(logits), header.tapeId, job) };
}
