import { expect, it } from 'vitest';
import { floatOnnx } from '../../../../gen/emit/onnx/float-onnx.ts';
import { integerOnnx } from '../../../../gen/emit/onnx/integer-onnx.ts';
import type { Convolution, Network } from '../../../../gen/graph/network.ts';
import { collectRanges } from '../../../../gen/quantize/calibrate.ts';
import { mapWriters } from '../../../../gen/quantize/calibration.ts';
import { quantize } from '../../../../gen/quantize/quantize.ts';
import { runFixed } from '../../../../sim/fixed/run-fixed.ts';
import { FloatWitness } from '../../../../sim/float/float-witness.ts';
import { synthesizeImages } from '../../../../sim/image/synthetic.ts';
import { IntegerWitness } from '../../../../sim/integer/integer-witness.ts';
import { smallNetwork } from '../../quantize/small-network.ts';

const halved = (conv: Convolution): Convolution => ({
  ...conv,
  outChannels: 0,
  weight: new Float32Array(),
  bias: new Float32Array(),
});
const doubled = (conv: Convolution): Convolution => ({
  ...conv,
  outChannels: 2 * conv.outChannels,
  weight: Float32Array.of(...conv.weight, ...conv.weight),
  bias: Float32Array.of(...conv.bias, ...conv.bias),
});

/** The small network with all channels of its Fire modules in one of the expands. */
function oneSided(missing: 'expand1x1' | 'expand3x3'): Network {
  const network = smallNetwork(3);
  const other = missing === 'expand1x1' ? 'expand3x3' : 'expand1x1';
  const layers = network.layers.map((layer) =>
    layer.kind === 'fire'
      ? { ...layer, [missing]: halved(layer[missing]), [other]: doubled(layer[other]) }
      : layer,
  );
  return { ...network, layers };
}

it.each(['expand1x1', 'expand3x3'] as const)('runs Fire modules without %s', async (missing) => {
  const network = oneSided(missing);
  const images = synthesizeImages(2, 5, network.input.height, network.input.width);
  const float = await FloatWitness.create(network, { layers: true });
  const calibration = await collectRanges(network, images, 'minmax', async (image) => {
    const { layers } = await float.run(image);
    return new Map(layers.map(({ name, values }) => [name, values]));
  });
  expect(mapWriters(network).some(({ name }) => name.endsWith(missing))).toBe(false);

  const integer = quantize(network, calibration);
  const witness = await IntegerWitness.create(integerOnnx(integer, 'all'));
  const fixed = runFixed(integer, images[1]);
  const found = await witness.run(images[1]);
  expect(found.output).toEqual(fixed.output);
  expect(found.layers.map(({ name }) => name)).toEqual(fixed.layers.map(({ name }) => name));
  for (const [index, { values }] of fixed.layers.entries()) {
    expect(Array.from(found.layers[index].values)).toEqual(Array.from(values));
  }
  expect(floatOnnx(network).length).toBeGreaterThan(0);
});
