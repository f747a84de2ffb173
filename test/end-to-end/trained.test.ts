/** The promises of speed and traffic, on a trained v1.1 and photographs. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { chooseEngine } from '../../gen/choose-engine.ts';
import { compile } from '../../gen/compile.ts';
import { loadBoard } from '../../gen/geometry/boards.ts';
import { loadNetwork } from '../../gen/import/load.ts';
import { resolveCalibration } from '../../host/calibration.ts';
import { imagesOf } from '../../host/images.ts';
import { prepareImage } from '../../sim/image/prepare.ts';
import { hasShared, sharedModel } from '../gen/import/shared.ts';
import { graphValues, verifyAll } from './all-witnesses.ts';

const MODEL = 'squeezenet1_1-torchvision.safetensors';
const IMAGES = path.resolve('..', 'shared', 'images');
const SIDE = 224;

describe.skipIf(!hasShared(MODEL))(`v1.1 on 256 MAC units (needs ../shared/models/${MODEL})`, () => {
  it('computes every bit at the promised speed, traffic and prediction', async () => {
    const network = await loadNetwork({ model: sharedModel(MODEL), preprocess: 'torchvision', side: SIDE });
    const geometry = chooseEngine(network, { board: loadBoard('sim'), macs: 256 });
    const calibrate = path.join(IMAGES, 'calibration');
    const calibration = await resolveCalibration(network, { calibrate, range: 'minmax' }, () => {});
    const compiled = compile({ network, calibration, geometry });
    const fit = { resize: network.preprocess.resize, height: SIDE, width: SIDE };
    const files = await imagesOf(path.join(IMAGES, 'labelled'), 2);
    const images = await Promise.all(files.map((file) => prepareImage(file, fit)));

    const found = await verifyAll(compiled, images, { latency: 30, backpressure: 0 });

    expect(found.mismatches).toBe(0);
    expect(found.layers.map(({ name, values }) => [name, values])).toEqual(
      graphValues(network).map(([name, values]) => [name, values * images.length]),
    );
    expect(found.utilization).toBeGreaterThan(0.98);
    expect((found.axiReadBytes + found.axiWriteBytes) / found.minimumBytes).toBeLessThan(1.02);
    expect(found.predictedCycles).toBe(found.cycles);
  });
});
