/** Runs a trial: compiles its member for an engine and takes its images through all witnesses. */
import { compile } from '../../gen/compile.ts';
import { loadBoard } from '../../gen/geometry/boards.ts';
import type { Geometry } from '../../gen/geometry/geometry.ts';
import { geometryFor, parseLanes, type Wishes } from '../../gen/geometry/sizing.ts';
import type { Calibration } from '../../gen/quantize/calibration.ts';
import { resolveCalibration } from '../../host/calibration.ts';
import { synthesizeImages } from '../../sim/image/synthetic.ts';
import { graphValues, verifyAll } from './all-witnesses.ts';
import type { Trial } from './random-arbitrary.ts';
import { memberNetwork } from './random-member.ts';

export interface Engine {
  readonly board: string;
  readonly lanes: string;
  readonly wishes?: Wishes;
}

/**
 * Eight geometries and no more, so that only tapes differ: every TM and kind of multiplier, all port widths up to
 * 128 bits, and a weight ring that most stages do not fit as a whole. Half of them are extended: with room for
 * most maps, and with so little that most networks send some away.
 */
export const ENGINES: readonly Engine[] = [
  { board: 'sim', lanes: '16x16x1' },
  { board: 'zynq-7020', lanes: '16x8x3', wishes: { extended: true, memoryKib: 24 } },
  { board: 'ulx3s-85f', lanes: '16x8x1' },
  { board: 'kv260', lanes: '16x4x2', wishes: { extended: true } },
  { board: 'sim', lanes: '16x4x4' },
  { board: 'sim', lanes: '16x4x8', wishes: { port: 128, extended: true, memoryKib: 48 } },
  { board: 'sim', lanes: '16x2x2', wishes: { extended: true, memoryKib: 16 } },
  { board: 'sim', lanes: '16x1x5', wishes: { port: 32, ringKib: 8 } },
];

export function engineGeometry({ board, lanes, wishes }: Engine): Geometry {
  return geometryFor(loadBoard(board), parseLanes(lanes), wishes);
}

export interface TrialResult {
  /** Values compared, and those that differ, over all witnesses. */
  readonly values: number;
  readonly mismatches: number;
  /** Layers of which not every value was compared. */
  readonly incomplete: readonly string[];
  readonly cycles: number;
  readonly predictedCycles: number;
}

/** Throws what compiling or verifying throws. */
export async function runTrial(trial: Trial, geometry: Geometry): Promise<TrialResult> {
  const { member, latency, backpressure } = trial;
  const network = memberNetwork(member);
  const measured = await resolveCalibration(network, { range: 'minmax', seed: member.seed }, () => {});
  const compiled = compile({ network, calibration: clipped(measured, trial.clip), geometry });
  const images = synthesizeImages(trial.images, member.seed + 1, member.height, member.width);
  const found = await verifyAll(compiled, images, { latency, backpressure });
  const compared = new Map(found.layers.map(({ name, values }) => [name, values]));
  const incomplete = graphValues(network).filter(
    ([name, values]) => compared.get(name) !== values * images.length,
  );
  return {
    values: found.layers.reduce((sum, { values }) => sum + values, 0),
    mismatches: found.mismatches,
    incomplete: incomplete.map(([name]) => name),
    cycles: found.cycles,
    predictedCycles: found.predictedCycles,
  };
}

function clipped(calibration: Calibration, factor: number): Calibration {
  const clip = (most: readonly number[]) => most.map((value) => value / factor);
  const layers = Object.entries(calibration.layers).map(([name, { range, mean, low }]) => [
    name,
    { range: clip(range), mean, ...(low && { low: clip(low) }) },
  ]);
  return { ...calibration, layers: Object.fromEntries(layers) };
}
