import { expect, it } from 'vitest';
import { compile } from '../../../gen/compile.ts';
import { loadBoard } from '../../../gen/geometry/boards.ts';
import { geometryFor } from '../../../gen/geometry/sizing.ts';
import { type Network, NO_PADDING } from '../../../gen/graph/network.ts';
import { resolveCalibration } from '../../../host/calibration.ts';
import { runFixed } from '../../../sim/fixed/run-fixed.ts';
import { synthesizeImages } from '../../../sim/image/synthetic.ts';
import { decodeTape } from '../../../sim/tape/decode.ts';
import { runTape } from '../../../sim/tape/interpreter.ts';
import { smallNetwork } from '../../gen/quantize/small-network.ts';

/** Maps of the small network behind its pool are one column wide. */
function narrowNetwork(): Network {
  const network = smallNetwork(2);
  const pool = {
    kind: 'maxpool',
    name: 'narrow',
    kernel: 2,
    stride: 2,
    padding: NO_PADDING,
    ceil: false,
  } as const;
  const layers = network.layers.filter(({ kind }) => kind !== 'maxpool');
  return { ...network, input: { ...network.input, width: 5 }, layers: [layers[0], pool, ...layers.slice(1)] };
}

it.each([1, 2, 3, 5])('runs 3x3 over a map of one column on %i pixel lanes', async (pixelLanes) => {
  const network = narrowNetwork();
  const geometry = geometryFor(loadBoard('sim'), { outputLanes: 4, pixelLanes });
  const calibration = await resolveCalibration(network, { range: 'minmax', seed: 1 }, () => {});
  const { integer, tape, schedule } = compile({ network, calibration, geometry });
  expect(schedule.stages[1].width).toBe(1);
  expect(schedule.stages[1].height).toBe(4);
  const [image] = synthesizeImages(1, 3, network.input.height, network.input.width);
  const { logits } = runTape(decodeTape(tape, geometry), geometry, image, () => {});
  expect(logits).toEqual(runFixed(integer, image).output);
});
