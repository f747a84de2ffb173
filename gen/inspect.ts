/** What a network consists of, and whether the engine can run it: without quantizing or scheduling. */
import { type Diagnostic, FireforgeError } from './diagnostics/diagnostic.ts';
import type { Convolution, ImageShape, Layer, Network } from './graph/network.ts';
import { convolutionMacs, layerShape } from './graph/shapes.ts';
import { networkOutput } from './quantize/output.ts';
import { shapesOnly } from './quantize/shapes-only.ts';
import { fuseStages } from './schedule/fuse.ts';

export interface InspectedLayer {
  readonly name: string;
  /** E.g. `conv 3x3/2`, `maxpool 3x3/2`, `average pool`. */
  readonly operation: string;
  /** Height, width, channels. */
  readonly output: readonly [number, number, number];
  readonly macs: number;
  readonly parameters: number;
}

export type InspectedResult =
  | { readonly kind: 'logits'; readonly channels: number }
  | { readonly kind: 'map'; readonly height: number; readonly width: number; readonly channels: number };

export interface Inspection {
  readonly layers: readonly InspectedLayer[];
  /** What leaves the chip. */
  readonly result: InspectedResult;
  /** Why the engine cannot run it; absent if it can. */
  readonly unmapped?: Diagnostic;
}

export function inspectNetwork(network: Network): Inspection {
  const macs = convolutionMacs(network);
  const layers: InspectedLayer[] = [];
  let shape = network.input;
  for (const layer of network.layers) {
    const output = layerShape(shape, layer);
    layers.push(...inspectLayer(layer, shape, output, macs));
    shape = output;
  }
  const unmapped = findUnmapped(network);
  const { scale: _, ...result } = networkOutput(network, 1);
  return { layers, result, ...(unmapped && { unmapped }) };
}

function inspectLayer(
  layer: Layer,
  input: ImageShape,
  output: ImageShape,
  macs: ReadonlyMap<string, number>,
): InspectedLayer[] {
  const describe = (conv: Convolution, { height, width }: ImageShape): InspectedLayer => ({
    name: conv.name,
    operation: `conv ${windowText(conv)}`,
    output: [height, width, conv.outChannels],
    macs: macs.get(conv.name)!,
    parameters: conv.weight.length + conv.bias.length,
  });
  const { height, width, channels } = output;
  const pool = { name: layer.name, output: [height, width, channels], macs: 0, parameters: 0 } as const;
  switch (layer.kind) {
    case 'conv':
      return [describe(layer.conv, output)];
    case 'fire': {
      const bypass = layer.bypass.kind === 'complex' ? [layer.bypass.conv] : [];
      const convs = [layer.squeeze, layer.expand1x1, layer.expand3x3, ...bypass];
      return convs.map((conv) => describe(conv, input));
    }
    case 'maxpool':
      return [{ ...pool, operation: `max-pool ${windowText(layer)}` }];
    case 'gap':
      return [{ ...pool, operation: 'average pool' }];
    case 'gmp':
      return [{ ...pool, operation: 'max-pool of all' }];
  }
}

const windowText = ({ kernel, stride }: { kernel: number; stride: number }) =>
  `${kernel}x${kernel}${stride > 1 ? `/${stride}` : ''}`;

function findUnmapped(network: Network): Diagnostic | undefined {
  try {
    fuseStages(shapesOnly(network));
    return undefined;
  } catch (error) {
    if (error instanceof FireforgeError) return error.diagnostic;
    throw error;
  }
}
