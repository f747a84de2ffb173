/** Bytes across the memory port for one image: what the engine moves, and the least that any could. */
import { convolutions, type Network } from '../graph/network.ts';
import { HEADER, HEADER_BYTES, readFields, resultBytes } from '../tape/format.ts';

export interface Traffic {
  readonly tapeBytes: number;
  readonly imageBytes: number;
  readonly resultBytes: number;
  /** Every weight, every bias in 4 bytes, the image, and 4 bytes a class, once. */
  readonly minimumBytes: number;
}

/** Reads are rounded up to this. */
export const READ_GRANULE = 64;

export function minimumBytes(network: Network): number {
  const { height, width, channels } = network.input;
  const convs = convolutions(network);
  const parameters = convs.reduce((sum, { weight, bias }) => sum + weight.length + 4 * bias.length, 0);
  return parameters + height * width * channels + 4 * convs.at(-1)!.outChannels;
}

export function traffic(network: Network, tape: Uint8Array): Traffic {
  const { imageBytes, classes } = readFields(tape.subarray(0, HEADER_BYTES), 0, HEADER);
  const rounded = (bytes: number) => Math.ceil(bytes / READ_GRANULE) * READ_GRANULE;
  return {
    tapeBytes: rounded(tape.length),
    imageBytes: rounded(imageBytes),
    resultBytes: resultBytes(classes),
    minimumBytes: minimumBytes(network),
  };
}

/** Bytes read and written for one image. */
export function movedBytes({ tapeBytes, imageBytes, resultBytes: written }: Traffic): number {
  return tapeBytes + imageBytes + written;
}
