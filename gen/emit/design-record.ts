/** design.json as a type, and how one is read again (docs/reference/design-json.md). */
import type { ModelRecord } from '../compiled.ts';
import { designInvalid } from '../diagnostics/output.ts';
import { type Board, readBoard } from '../geometry/boards.ts';
import { type Geometry, geometryHash } from '../geometry/geometry.ts';
import { engineLimits } from '../geometry/limits.ts';
import { CHANNEL_ORDERS, type ImageShape, type Preprocess } from '../graph/network.ts';
import { NETWORK_ENDS } from '../graph/squeezenet.ts';
import { JsonFields } from '../json-fields.ts';
import { RANGE_METHODS, type RangeMethod } from '../quantize/calibration.ts';
import type { NetworkOutput } from '../quantize/integer-network.ts';
import type { PredictedRates } from './prediction.ts';
import type { StageSummary } from './stage-summary.ts';

export const DESIGN_FORMAT = 'fireforge-design';
export const DESIGN_VERSION = 1;

/** The part of design.json that this program reads again. */
export interface DesignRecord {
  readonly top: string;
  readonly geometry: Geometry;
  readonly board: Board;
  readonly model: ModelRecord;
  readonly network: {
    readonly name: string;
    readonly hash: string;
    readonly input: ImageShape;
    readonly classes: number;
    readonly labelOffset: number;
    readonly macs: number;
  };
  readonly preprocess: Preprocess;
  readonly calibration: { readonly method: RangeMethod; readonly images: number };
  readonly tapeBytes: number;
  readonly stages: readonly StageSummary[];
  /** Of maps over the port. */
  readonly transfers: number;
  readonly cycles: PredictedRates;
  readonly output: NetworkOutput;
  /** SHA-256 of the files whose bytes matter, by name. */
  readonly files: ReadonlyMap<string, string>;
}

/** The files of a build that design.json pins. */
export const PINNED_FILES = ['tape.bin', 'network.onnx', 'calibration.json'] as const;
export type PinnedFile = (typeof PINNED_FILES)[number];

/** Parses a design.json; `file` is named in errors. Throws FF632. */
export function parseDesign(text: string, file: string): DesignRecord {
  const refuse = (field: string, reason: string) => designInvalid(`${file}, ${field}`, reason);
  const root = JsonFields.parse(text, refuse);
  root.oneOf('format', [DESIGN_FORMAT]);
  root.oneOf('version', [DESIGN_VERSION]);
  const network = root.object('network');
  const preprocess = root.object('preprocess');
  const files = root.object('files');
  const board = root.object('board');
  const geometry = readGeometry(root.object('geometry'), refuse);
  checkLimits(root.object('limits'), geometry, refuse);
  const calibration = root.object('calibration');
  const cycles = root.object('cycles');
  return {
    top: root.text('top'),
    geometry,
    board: readBoard(board, board.text('name')),
    model: readModel(root.object('model')),
    network: {
      name: network.text('name'),
      hash: network.text('hash'),
      input: readShape(network.object('input')),
      classes: network.count('classes', 0),
      labelOffset: network.count('labelOffset', 0),
      macs: network.count('macs'),
    },
    preprocess: {
      order: preprocess.oneOf('order', CHANNEL_ORDERS),
      mean: preprocess.numbers('mean', 3),
      scale: preprocess.numbers('scale', 3),
      resize: preprocess.count('resize'),
    },
    calibration: {
      method: calibration.oneOf('method', RANGE_METHODS),
      images: calibration.count('images'),
    },
    tapeBytes: root.object('memory').count('tapeBytes'),
    stages: root.objects('stages').map(readStage),
    transfers: root.count('transfers', 0),
    cycles: {
      latency: cycles.count('latency', 0),
      single: cycles.count('single'),
      following: cycles.count('following'),
    },
    output: readOutput(root.object('output')),
    files: new Map(PINNED_FILES.map((name) => [name, files.text(name)])),
  };
}

function readGeometry(fields: JsonFields, refuse: (field: string, reason: string) => Error): Geometry {
  const geometry: Geometry = {
    outputLanes: fields.count('outputLanes'),
    pixelLanes: fields.count('pixelLanes'),
    multiplierBits: fields.oneOf('multiplierBits', [18, 25, 27] as const),
    accumulatorDepth: fields.count('accumulatorDepth'),
    portBits: fields.count('portBits'),
    burstBeats: fields.count('burstBeats'),
    ringWords: fields.count('ringWords'),
    mapWords: fields.count('mapWords'),
    commandWords: fields.count('commandWords'),
    poolWords: fields.count('poolWords'),
    poolPasses: fields.count('poolPasses'),
    packLanes: fields.oneOf('packLanes', [1, 2] as const),
    imageRows: fields.count('imageRows'),
    maxSide: fields.count('maxSide'),
    maxKernel: fields.count('maxKernel'),
    extended: fields.oneOf('extended', [0, 1] as const),
  };
  if (geometryHash(geometry) !== fields.text('hash')) {
    throw refuse('geometry.hash', 'it is not the hash of the other fields');
  }
  return geometry;
}

/** An engine whose limits are others is not one of this program's. */
function checkLimits(
  fields: JsonFields,
  geometry: Geometry,
  refuse: (field: string, reason: string) => Error,
): void {
  for (const [name, known] of Object.entries(engineLimits(geometry))) {
    const found = fields.count(name);
    if (found !== known) {
      throw refuse(`limits.${name}`, `it is ${found}, and the engines of this program have ${known}`);
    }
  }
}

function readStage(fields: JsonFields): StageSummary {
  return {
    name: fields.text('name'),
    order: fields.oneOf('order', ['block-major', 'pass-major'] as const),
    blocks: fields.count('blocks'),
    expandPasses: fields.count('expandPasses'),
    squeezePasses: fields.count('squeezePasses', 0),
    tiles: fields.count('tiles'),
    weightBytes: fields.count('weightBytes'),
  };
}

const readSize = (fields: JsonFields) => ({ height: fields.count('height'), width: fields.count('width') });

const readShape = (fields: JsonFields) => ({ ...readSize(fields), channels: fields.count('channels') });

function readOutput(fields: JsonFields): NetworkOutput {
  const common = { channels: fields.count('channels'), scale: fields.positive('scale') };
  return fields.oneOf('kind', ['logits', 'map'] as const) === 'logits'
    ? { kind: 'logits', ...common }
    : { kind: 'map', height: fields.count('height'), width: fields.count('width'), ...common };
}

function readModel(fields: JsonFields): ModelRecord {
  return {
    model: fields.text('model'),
    ...(fields.has('weights') && { weights: fields.oneOf('weights', ['imagenet', 'none'] as const) }),
    ...(fields.has('side') && { side: fields.count('side') }),
    ...(fields.has('size') && { size: readSize(fields.object('size')) }),
    ...(fields.has('classes') && { classes: fields.count('classes') }),
    ...(fields.has('seed') && { seed: fields.count('seed', 0) }),
    ...(fields.has('labelOffset') && { labelOffset: fields.count('labelOffset', 0) }),
    ...(fields.has('imagePadding') && { imagePadding: fields.text('imagePadding') }),
    ...(fields.has('end') && { end: fields.oneOf('end', NETWORK_ENDS) }),
    ...(fields.has('classifierPadding') && { classifierPadding: fields.count('classifierPadding', 0) }),
  };
}
