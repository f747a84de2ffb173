/** Which calibration a network is quantized by, and how it is measured. */

import { optionsExclude } from '../gen/diagnostics/cli.ts';
import { calibrationMissing } from '../gen/diagnostics/quantize.ts';
import { integerOnnx } from '../gen/emit/onnx/integer-onnx.ts';
import type { Network } from '../gen/graph/network.ts';
import type { Progress } from '../gen/import/fetch/progress.ts';
import {
  chooseRanges,
  collectStatistics,
  compareMethods,
  type Evaluator,
} from '../gen/quantize/calibrate.ts';
import type { Calibration, RangeMethod } from '../gen/quantize/calibration.ts';
import { loadCalibration } from '../gen/quantize/calibration-file.ts';
import { shippedCalibration } from '../gen/quantize/shipped-calibration.ts';
import { Sqnr } from '../sim/compare/sqnr.ts';
import { FloatWitness } from '../sim/float/float-witness.ts';
import { listImages } from '../sim/image/folder.ts';
import { prepareImage } from '../sim/image/prepare.ts';
import { synthesizeFor } from '../sim/image/synthetic.ts';
import { IntegerWitness } from '../sim/integer/integer-witness.ts';

export interface CalibrationWish {
  /** A folder of images to measure on. */
  readonly calibrate?: string;
  /** A saved calibration. */
  readonly calibration?: string;
  /** Default: whichever method serves best on the images. */
  readonly range?: RangeMethod;
  /** Of the synthetic images for random weights. */
  readonly seed?: number;
}

/** Images that a network with random weights is calibrated on. */
const SYNTHETIC_IMAGES = 8;

/**
 * The calibration that the user asked for; else the shipped one; else, for random weights, one measured on
 * synthetic images. Throws FF304 for a trained network without any.
 */
export async function resolveCalibration(
  network: Network,
  wish: CalibrationWish,
  progress: Progress,
): Promise<Calibration> {
  const { calibrate, calibration, range } = wish;
  if (calibrate !== undefined && calibration !== undefined)
    throw optionsExclude('--calibrate', '--calibration');
  if (calibration !== undefined && range !== undefined) throw optionsExclude('--range', '--calibration');
  if (calibration !== undefined) return loadCalibration(calibration, network);
  const { height, width } = network.input;
  if (calibrate !== undefined) {
    const files = await listImages(calibrate);
    const { resize, order } = network.preprocess;
    const fit = { resize, height, width, gray: order === 'gray' };
    return measure(network, files.length, preparedImages(files, fit), range, progress);
  }
  const shipped = range === undefined ? shippedCalibration(network) : undefined;
  if (shipped) return shipped;
  if (network.trained) throw calibrationMissing(network.name);
  const images = synthesizeFor(network, SYNTHETIC_IMAGES, wish.seed ?? 0);
  return measure(network, images.length, images, range, progress);
}

async function* preparedImages(files: readonly string[], fit: Parameters<typeof prepareImage>[1]) {
  for (const file of files) yield prepareImage(file, fit);
}

async function measure(
  network: Network,
  count: number,
  images: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  range: RangeMethod | undefined,
  progress: Progress,
): Promise<Calibration> {
  const witness = await FloatWitness.create(network, { layers: true });
  const seen: { image: Uint8Array; output: Float32Array }[] = [];
  const statistics = await collectStatistics(network, images, async (image) => {
    const { layers, output } = await witness.run(image);
    seen.push({ image, output });
    progress(seen.length, count, 'measuring activations');
    return new Map(layers.map(({ name, values }) => [name, values]));
  });
  if (range !== undefined) return chooseRanges(network, statistics, range);
  const [best] = await compareMethods(network, statistics, resultSqnr(seen, progress));
  return best.calibration;
}

/** Rates an integer network by its results on images whose float results are known. */
function resultSqnr(
  seen: readonly { image: Uint8Array; output: Float32Array }[],
  progress: Progress,
): Evaluator {
  return async (integer) => {
    const witness = await IntegerWitness.create(integerOnnx(integer));
    const sqnr = new Sqnr();
    for (const [index, { image, output }] of seen.entries()) {
      const found = await witness.run(image);
      sqnr.add(output, found.output, () => integer.output.scale);
      progress(index + 1, seen.length, 'comparing ranges');
    }
    return sqnr.decibels() ?? 0;
  };
}
