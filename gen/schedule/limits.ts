/** What a geometry can hold of a stage, and of an image. */
import type { FireforgeError } from '../diagnostics/diagnostic.ts';
import { limitExceeded, unmappedLayer, weightsExceedRing } from '../diagnostics/schedule.ts';
import {
  type Geometry,
  KEPT_SUMS,
  MAP_SLOTS,
  MAX_CLASSES,
  POSITION_BITS,
  poolBanks,
  WORD,
} from '../geometry/geometry.ts';
import type { IntegerNetwork } from '../quantize/integer-network.ts';
import { blockPixels, expandedPixels, type Stage } from './nest.ts';
import { isResident, weightWords } from './sections.ts';

/** What becomes of a limit that a network exceeds. */
export type Refuse = (error: FireforgeError) => void;

/** Ends at the first one. */
export const stop: Refuse = (error) => {
  throw error;
};

/** Refuses the stage for each limit that it exceeds: FF503 and FF504. */
export function checkLimits(stage: Stage, geometry: Geometry, refuse: Refuse): void {
  const passes = stage.expandPasses.length + stage.squeezePasses.length;
  const commandWords = 4 + Math.ceil(stage.entries.length / 4) + Math.ceil(passes / 4);
  const check = (limit: string, needed: number, available: number) => {
    if (needed > available) refuse(limitExceeded(stage.name, limit, needed, available));
  };
  check('words of command memory', commandWords, geometry.commandWords);
  check('classes', stage.globalPool?.classes ?? 0, MAX_CLASSES);
  const slots = Math.max(
    stage.globalPool ? 0 : (stage.block?.vectors ?? 0),
    stage.out?.vectors ?? 0,
    stage.source.region.vectors,
  );
  check('vectors of 16 channels in one map', slots, MAP_SLOTS);
  if (stage.pool) {
    const banks = poolBanks(geometry.pixelLanes);
    const line = Math.ceil(stage.pool.width / banks) * banks;
    check('words of pool row buffer', stage.expandPasses.length * line, geometry.poolWords);
    check('passes of pool history', stage.expandPasses.length, geometry.poolPasses);
  }
  if (stage.sums) {
    check('sums of a global pool over bands', stage.expandPasses.length * geometry.outputLanes, KEPT_SUMS);
  }
  const positions = 2 ** POSITION_BITS;
  const groups = Math.ceil(expandedPixels(stage) / geometry.pixelLanes);
  const reach = stage.expandPasses.some(({ taps }) => taps === 9) ? tapReach(stage, geometry) : 0;
  if (stage.source.kind === 'image') check('pixel groups of the first convolution', groups, positions - 1);
  else check('pixel groups of a map and the row below it', groups + reach, positions / 2);
  const blockGroups = Math.ceil(blockPixels(stage) / geometry.pixelLanes);
  if (stage.block) check('pixel groups in a map', blockGroups, positions / 2);
  const weights = weightWords([...stage.expandPasses, ...stage.squeezePasses], geometry);
  if (stage.source.kind === 'image' && !isResident(weights, geometry)) {
    const kib = (words: number) => Math.ceil((words * WORD) / 1024);
    refuse(weightsExceedRing(stage.name, kib(weights), kib(geometry.ringWords)));
  }
}

/** Groups by which the last tap of a 3x3 reads ahead. */
function tapReach({ width }: Stage, { pixelLanes }: Geometry): number {
  return Math.ceil((width + 1) / pixelLanes);
}

/** Refuses images and first convolutions beyond the image unit's limits. */
export function checkImageLimits(network: IntegerNetwork, geometry: Geometry, refuse: Refuse = stop): void {
  const { width, height, channels } = network.input;
  if (channels !== 3) {
    const reason = `the image has ${channels} channels, the image unit reads 3`;
    refuse(unmappedLayer('input', reason, 'convert the model to RGB input'));
  }
  const side = Math.max(width, height);
  const check = (subject: string, limit: string, needed: number, available: number) => {
    if (needed > available) refuse(limitExceeded(subject, limit, needed, available));
  };
  check('input', 'pixels of image side', side, geometry.maxSide);
  const [first] = network.layers;
  if (first.kind === 'conv')
    check(first.name, 'pixels of kernel side', first.conv.kernel, geometry.maxKernel);
}
