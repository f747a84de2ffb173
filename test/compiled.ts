/** Small compiled networks for tests. */
import { chooseEngine } from '../gen/choose-engine.ts';
import { compile } from '../gen/compile.ts';
import type { Compiled } from '../gen/compiled.ts';
import { loadBoard } from '../gen/geometry/boards.ts';
import { parseLanes } from '../gen/geometry/sizing.ts';
import type { SqueezenetVersion } from '../gen/graph/squeezenet.ts';
import { randomSqueezenet } from '../gen/import/random.ts';
import { resolveCalibration } from '../host/calibration.ts';

export interface CompiledWish {
  readonly version?: SqueezenetVersion;
  readonly side?: number;
  readonly classes?: number;
  readonly seed?: number;
  readonly lanes?: string;
  readonly board?: string;
}

/** A SqueezeNet with seeded weights, by default a v1.1 of 48 × 48 pixels and 10 classes on 256 MAC units. */
export async function compiledSqueezenet(wish: CompiledWish = {}): Promise<Compiled> {
  const { version = '1.1', side = 48, classes = 10, seed = 1, lanes = '16x16x1', board = 'sim' } = wish;
  const network = randomSqueezenet({ version, side, classes, seed });
  const calibration = await resolveCalibration(network, { range: 'minmax', seed }, () => {});
  const geometry = chooseEngine(network, { board: loadBoard(board), lanes: parseLanes(lanes) });
  return compile({ network, calibration, geometry });
}
