/** The float network in the plainest words, in doubles, one pixel at a time. Independent of the ONNX graph. */
import type { Convolution, Network } from '../../../gen/graph/network.ts';

type Plane = number[][];
/** Channel, row, column. */
type Volume = Plane[];

function convolve(input: Volume, conv: Convolution): Volume {
  const { kernel, stride, padding, inChannels } = conv;
  const height = Math.floor((input[0]!.length + padding.top + padding.bottom - kernel) / stride) + 1;
  const width = Math.floor((input[0]![0]!.length + padding.left + padding.right - kernel) / stride) + 1;
  const at = (output: number, y: number, x: number) => {
    let sum = conv.bias[output]!;
    for (let i = 0; i < inChannels; i++) {
      for (let ky = 0; ky < kernel; ky++) {
        for (let kx = 0; kx < kernel; kx++) {
          const value = input[i]![y * stride + ky - padding.top]?.[x * stride + kx - padding.left] ?? 0;
          sum += value * conv.weight[((output * inChannels + i) * kernel + ky) * kernel + kx]!;
        }
      }
    }
    return conv.relu ? Math.max(0, sum) : sum;
  };
  return volume(conv.outChannels, height, width, at);
}

function volume(
  channels: number,
  height: number,
  width: number,
  at: (c: number, y: number, x: number) => number,
): Volume {
  return Array.from({ length: channels }, (_, c) =>
    Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => at(c, y, x))),
  );
}

/** 3x3, stride 2, ceil mode. */
function maxPool(input: Volume): Volume {
  const outputs = (length: number) => Math.ceil((length - 3) / 2) + 1;
  return volume(input.length, outputs(input[0]!.length), outputs(input[0]![0]!.length), (c, y, x) =>
    Math.max(...input[c]!.slice(2 * y, 2 * y + 3).flatMap((row) => row.slice(2 * x, 2 * x + 3))),
  );
}

function mean(input: Volume): Volume {
  return input.map((plane) => [[plane.flat().reduce((a, b) => a + b, 0) / plane.flat().length]]);
}

function channelsLast(input: Volume): number[] {
  return input[0]!.flatMap((row, y) => row.flatMap((_, x) => input.map((plane) => plane[y]![x]!)));
}

/** Layer tensors by name, in the order of the data. */
export function runNaively({ input, preprocess, layers }: Network, image: Uint8Array): Map<string, number[]> {
  const tensors = new Map<string, number[]>();
  let map = volume(input.channels, input.height, input.width, (c, y, x) => {
    const channel = preprocess.order === 'bgr' ? 2 - c : c;
    return (image[(y * input.width + x) * 3 + channel]! - preprocess.mean[c]!) * preprocess.scale[c]!;
  });
  let parts: { readonly name: string; readonly outChannels: number }[] = [];
  const record = (of: typeof map) => {
    let first = 0;
    for (const { name, outChannels } of parts) {
      tensors.set(name, channelsLast(of.slice(first, first + outChannels)));
      first += outChannels;
    }
  };
  for (const layer of layers) {
    if (layer.kind === 'conv') {
      map = convolve(map, layer.conv);
      parts = [layer.conv];
    } else if (layer.kind === 'fire') {
      const squeezed = convolve(map, layer.squeeze);
      tensors.set(layer.squeeze.name, channelsLast(squeezed));
      const concat = [...convolve(squeezed, layer.expand1x1), ...convolve(squeezed, layer.expand3x3)];
      const { bypass } = layer;
      parts = [layer.expand1x1, layer.expand3x3];
      if (bypass.kind === 'none') map = concat;
      else {
        record(concat);
        const added = bypass.kind === 'complex' ? convolve(map, bypass.conv) : map;
        if (bypass.kind === 'complex') tensors.set(bypass.conv.name, channelsLast(added));
        map = volume(concat.length, concat[0]!.length, concat[0]![0]!.length, (c, y, x) =>
          Math.max(0, concat[c]![y]![x]! + added[c]![y]![x]!),
        );
        parts = [{ name: `${layer.name}/add`, outChannels: concat.length }];
      }
    } else {
      map = layer.kind === 'maxpool' ? maxPool(map) : mean(map);
    }
    record(map);
  }
  return tensors;
}
