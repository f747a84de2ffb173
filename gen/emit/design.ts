/** design.json: what a driver, or another network's compiler, has to know of a build. */
import { createHash } from 'node:crypto';
import type { BuildContext, BuildFiles, Compiled } from '../compiled.ts';
import {
  ACCUMULATOR_BANKS,
  type Geometry,
  geometryHash,
  lanesText,
  MAP_SLOTS,
  macUnits,
  OUTSTANDING_BURSTS,
  POSITION_BITS,
} from '../geometry/geometry.ts';
import {
  ERROR_CODES,
  JOB_ALIGNMENT,
  JOB_SLOTS,
  REGISTER_ADDRESS_BITS,
  REGISTER_MAP_VERSION,
  REGISTERS,
} from '../geometry/registers.ts';
import { engineResources } from '../geometry/resources.ts';
import { networkMacs } from '../graph/shapes.ts';
import { ACCUMULATOR_BITS } from '../quantize/numerics.ts';
import { HEADER, HEADER_BYTES, readFields, TAPE_VERSION } from '../tape/format.ts';
import { resultBuffer } from '../tape/result-buffer.ts';
import { DESIGN_FORMAT, DESIGN_VERSION, PINNED_FILES } from './design-record.ts';
import { minimumBytes } from './traffic.ts';

/** Widths that no parameter changes. */
const MAX_CLASSES = 65535;

/** The text of design.json. `files` are the build's others. Infinite counts are written as null. */
export function designJson(
  compiled: Compiled,
  context: BuildContext,
  top: string,
  files: BuildFiles,
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
    limits: limits(geometry),
    board,
    resources: resources(compiled, context),
    network: networkPart(compiled),
    model,
    preprocess: compiled.network.preprocess,
    calibration: { method: compiled.calibration.method, images: compiled.calibration.images },
    output: compiled.integer.output,
    tape: { version: TAPE_VERSION, id: tapeFields(tape).tapeId },
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

/** What another network must keep to in order to run on the same engine. */
function limits(geometry: Geometry) {
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

function resources({ geometry }: Compiled, { board }: BuildContext) {
  const { multipliers, memories, distributedBits } = engineResources(geometry, board);
  return {
    multipliers,
    memories: memories.map(({ memory, blocks }) => ({ name: memory.name, blocks })),
    distributedBits,
  };
}

function networkPart({ network, calibration, tape }: Compiled) {
  const { classes } = tapeFields(tape);
  return {
    name: network.name,
    hash: calibration.networkHash,
    input: network.input,
    classes,
    labelOffset: network.labelOffset ?? 0,
    macs: networkMacs(network),
    minimumBytes: minimumBytes(network),
  };
}
