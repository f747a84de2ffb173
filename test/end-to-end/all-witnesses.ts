/** A compiled network through every witness, as `fireforge verify` does it, without files between. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Compiled } from '../../gen/compiled.ts';
import { integerOnnx } from '../../gen/emit/onnx/integer-onnx.ts';
import { emitVerilog } from '../../gen/emit/verilog.ts';
import {
  additionName,
  expands,
  type ImageShape,
  isClassifier,
  type Network,
} from '../../gen/graph/network.ts';
import { layerShapes } from '../../gen/graph/shapes.ts';
import {
  type SharedVerification,
  type Verification,
  type VerifyRequest,
  verify,
  verifyShared,
} from '../../sim/verify/verify.ts';

export interface Memory {
  readonly latency: number;
  /** In percent of cycles. */
  readonly backpressure: number;
}

/** `images` are height × width × 3 each, RGB. */
export async function verifyAll(
  compiled: Compiled,
  images: readonly Uint8Array[],
  memory: Memory,
): Promise<Verification> {
  const rounds = images.map((image) => [image]);
  return withEngine([compiled], rounds, memory, (request) => verify(request, () => {}));
}

/** Several networks of one geometry that take turns on one engine, with an image for each in every round. */
export async function verifyTogether(
  networks: readonly Compiled[],
  rounds: readonly (readonly Uint8Array[])[],
  memory: Memory,
): Promise<SharedVerification> {
  return withEngine(networks, rounds, memory, (request) => verifyShared(request, () => {}));
}

async function withEngine<Found>(
  networks: readonly Compiled[],
  rounds: readonly (readonly Uint8Array[])[],
  { latency, backpressure }: Memory,
  run: (request: VerifyRequest) => Promise<Found>,
): Promise<Found> {
  const rtlDir = mkdtempSync(path.join(tmpdir(), 'fireforge-end-to-end-'));
  try {
    const { top, files } = emitVerilog(networks[0].geometry);
    for (const [name, text] of files) writeFileSync(path.join(rtlDir, path.basename(name)), text);
    return await run({
      networks: networks.map((compiled) => ({ compiled, networkOnnx: integerOnnx(compiled.integer) })),
      ...{ rounds, rtlDir, top, latency, backpressure, seed: 7 },
    });
  } finally {
    rmSync(rtlDir, { recursive: true });
  }
}

/**
 * Elements of each compared tensor, counted on the float graph: a convolution's output, behind the max-pool
 * or pools if any follow; of the classifier one sum a class; and what leaves the chip.
 */
export function graphValues(network: Network): [string, number][] {
  const shapes = layerShapes(network);
  const size = ({ height, width }: ImageShape, channels: number) => height * width * channels;
  const values: [string, number][] = [];
  let input = network.input;
  for (const [index, layer] of network.layers.entries()) {
    let last = index;
    while (network.layers[last + 1]?.kind === 'maxpool') last++;
    if (isClassifier(network.layers, index)) last++;
    const stored = shapes[last];
    if (layer.kind === 'conv') values.push([layer.name, size(stored, layer.conv.outChannels)]);
    if (layer.kind === 'fire') {
      const { squeeze, bypass } = layer;
      const own = expands(layer);
      values.push([squeeze.name, size(input, squeeze.outChannels)]);
      // Terms of an addition lie before the pool.
      const wide = bypass.kind === 'none' ? stored : shapes[index];
      for (const { name, outChannels } of own) values.push([name, size(wide, outChannels)]);
      const channels = own.reduce((sum, { outChannels }) => sum + outChannels, 0);
      if (bypass.kind === 'complex') values.push([bypass.conv.name, size(shapes[index], channels)]);
      if (bypass.kind !== 'none') values.push([additionName(layer.name), size(stored, channels)]);
    }
    input = shapes[index];
  }
  const output = network.layers.at(-1)!.kind === 'gap' ? 'logits' : 'features';
  return [...values, [output, size(input, input.channels)]];
}
