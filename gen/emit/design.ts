/** design.json: what a driver, or another network's compiler, has to know of a build. */
import { createHash } from 'node:crypto';
import type { BuildContext, BuildFiles, Compiled } from '../compiled.ts';
import { geometryHash, lanesText, macUnits } from '../geometry/geometry.ts';
import { engineLimits } from '../geometry/limits.ts';
import {
  ERROR_CODES,
  JOB_ALIGNMENT,
  JOB_SLOTS,
  REGISTER_ADDRESS_BITS,
  REGISTER_MAP_VERSION,
  REGISTERS,
} from '../geometry/registers.ts';
import { engineResources } from '../geometry/resources.ts';
import { classCount } from '../graph/network.ts';
import { networkMacs } from '../graph/shapes.ts';
import type { CyclePrediction } from '../schedule/cycles/predict.ts';
import { HEADER, HEADER_BYTES, readFields, TAPE_VERSION } from '../tape/format.ts';
import { resultBuffer } from '../tape/result-buffer.ts';
import { DESIGN_FORMAT, DESIGN_VERSION, PINNED_FILES } from './design-record.ts';
import { predictedRates } from './prediction.ts';
import { stageSummaries } from './stage-summary.ts';
import { minimumBytes } from './traffic.ts';

/** The text of design.json. `files` are the build's others. Infinite counts are written as null. */
export function designJson(
  compiled: Compiled,
  context: BuildContext,
  top: string,
  files: BuildFiles,
  prediction: CyclePrediction,
): string {
  const { geometry, tape } = compiled;
  const { board, model } = context;
  const buffer = resultBuffer(tape);
  const design = {
    format: DESIGN_FORMAT,
    version: DESIGN_VERSION,
    top,
    geometry: {
      hash: geometryHash(geometry),
      lanes: lanesText(geometry),
      macUnits: macUnits(geometry),
      ...geometry,
    },
    limits: engineLimits(geometry),
    board,
    resources: resources(compiled, context),
    network: networkPart(compiled),
    model,
    preprocess: compiled.network.preprocess,
    calibration: { method: compiled.calibration.method, images: compiled.calibration.images },
    output: compiled.integer.output,
    tape: { version: TAPE_VERSION, id: tapeFields(tape).tapeId },
    stages: stageSummaries(compiled),
    transfers: compiled.schedule.commands.filter((command) => 'transfer' in command).length,
    cycles: predictedRates(prediction),
    memory: {
      alignment: JOB_ALIGNMENT,
      tapeBytes: tape.length,
      imageBytes: tapeFields(tape).imageBytes,
      resultBytes: buffer.resultBytes,
      bufferBytes: buffer.bytes,
    },
    files: Object.fromEntries(PINNED_FILES.map((name) => [name, sha256(files.get(name)!)])),
    registers: {
      version: REGISTER_MAP_VERSION,
      addressBits: REGISTER_ADDRESS_BITS,
      jobSlots: JOB_SLOTS,
      map: REGISTERS,
      errors: ERROR_CODES,
    },
  };
  return `${JSON.stringify(design, null, 2)}\n`;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const tapeFields = (tape: Uint8Array) => readFields(tape.subarray(0, HEADER_BYTES), 0, HEADER);

function resources({ geometry }: Compiled, { board }: BuildContext) {
  const { multipliers, memories, distributedBits } = engineResources(geometry, board);
  return {
    multipliers,
    memories: memories.map(({ memory, blocks }) => ({ name: memory.name, blocks })),
    distributedBits,
  };
}

function networkPart({ network, calibration }: Compiled) {
  return {
    name: network.name,
    hash: calibration.networkHash,
    input: network.input,
    classes: classCount(network),
    labelOffset: network.labelOffset ?? 0,
    macs: networkMacs(network),
    minimumBytes: minimumBytes(network),
  };
}
