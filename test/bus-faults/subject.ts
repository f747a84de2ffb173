/** What the faults are tried on: a small engine, a small network with all kinds of stages, three images. */
import { loadBoard } from '../../gen/geometry/boards.ts';
import type { Geometry } from '../../gen/geometry/geometry.ts';
import { geometryFor, parseLanes, type Wishes } from '../../gen/geometry/sizing.ts';
import { NO_PADDING } from '../../gen/graph/network.ts';
import { quantize } from '../../gen/quantize/quantize.ts';
import { planSchedule } from '../../gen/schedule/plan.ts';
import { encodeTape } from '../../gen/tape/encode.ts';
import { resolveCalibration } from '../../host/calibration.ts';
import { runFixed } from '../../sim/fixed/run-fixed.ts';
import { synthesizeImages } from '../../sim/image/synthetic.ts';
import { memberNetwork } from '../end-to-end/random-member.ts';

const SIDE = 24;
const IMAGES = 3;

export interface Subject {
  readonly geometry: Geometry;
  readonly tape: Uint8Array;
  readonly images: readonly Uint8Array[];
  /** Of each image. */
  readonly logits: readonly Int32Array[];
}

/** Names an engine of the board `sim`. */
export interface SmallEngine {
  readonly lanes: string;
  readonly wishes: Wishes;
}

/** A narrow port and one packing lane; and a port of several words, with two. */
export const NARROW: SmallEngine = { lanes: '16x4x1', wishes: { ringKib: 8 } };
export const WIDE: SmallEngine = { lanes: '16x4x4', wishes: { ringKib: 8, port: 256 } };

export async function smallSubject({ lanes, wishes }: SmallEngine): Promise<Subject> {
  // Forty classes fill two bursts of data and a trailer.
  const network = memberNetwork({
    height: SIDE,
    width: SIDE,
    conv1: {
      ...{ channels: 16, kernel: 3, stride: 2, padding: NO_PADDING, weights: 'bell' },
      pool: { kernel: 3, ceil: true },
    },
    fires: [
      { squeeze: 8, expand1x1: 16, expand3x3: 16, weights: 'bell', pool: { kernel: 3, ceil: true } },
      { squeeze: 8, expand1x1: 16, expand3x3: 16, weights: 'bell', pool: null },
    ],
    classifier: { classes: 40, relu: true, weights: 'bell' },
    preprocess: 'torchvision',
    seed: 7,
  });
  const geometry = geometryFor(loadBoard('sim'), parseLanes(lanes), wishes);
  const integer = quantize(network, await resolveCalibration(network, { range: 'minmax' }, () => {}));
  const tape = encodeTape(integer, planSchedule(integer, geometry), geometry);
  const images = [...synthesizeImages(IMAGES, 5, SIDE, SIDE)];
  const logits = images.map((image) => Int32Array.from(runFixed(integer, image).output));
  return { geometry, tape, images, logits };
}
