/** Bytes across the memory port for one image: what the engine moves, and the least that any could. */
import type { Compiled } from '../compiled.ts';
import { WORD } from '../geometry/geometry.ts';
import { convolutions, type Network } from '../graph/network.ts';
import { networkOutput } from '../quantize/output.ts';
import { type Schedule, type Transfer, transferWords } from '../schedule/nest.ts';
import { HEADER, HEADER_BYTES, readFields } from '../tape/format.ts';
import { resultBuffer } from '../tape/result-buffer.ts';

export interface Traffic {
  readonly tapeBytes: number;
  readonly imageBytes: number;
  readonly resultBytes: number;
  /** Of maps that go out and come back. */
  readonly storedBytes: number;
  readonly loadedBytes: number;
  /** Every weight, every bias in 4 bytes, the image, and the result (4 bytes a logit, 1 a value of a map), once. */
  readonly minimumBytes: number;
}

/** Reads are rounded up to this. */
const READ_GRANULE = 64;

export function minimumBytes(network: Network): number {
  const { height, width, channels } = network.input;
  const convs = convolutions(network);
  const parameters = convs.reduce((sum, { weight, bias }) => sum + weight.length + 4 * bias.length, 0);
  const output = networkOutput(network, 1);
  const values =
    output.kind === 'logits' ? 4 * output.channels : output.height * output.width * output.channels;
  return parameters + height * width * channels + values;
}

export function traffic({
  network,
  tape,
  schedule,
}: Pick<Compiled, 'network' | 'tape' | 'schedule'>): Traffic {
  const { imageBytes } = readFields(tape.subarray(0, HEADER_BYTES), 0, HEADER);
  const rounded = (bytes: number) => Math.ceil(bytes / READ_GRANULE) * READ_GRANULE;
  return {
    tapeBytes: rounded(tape.length),
    imageBytes: rounded(imageBytes),
    resultBytes: resultBuffer(tape).resultBytes,
    storedBytes: transferred(schedule, 'store'),
    loadedBytes: transferred(schedule, 'load'),
    minimumBytes: minimumBytes(network),
  };
}

/** Bytes of all transfers in one direction but that of the result. */
function transferred({ commands }: Schedule, direction: Transfer['direction']): number {
  const words = commands.map((command) =>
    'transfer' in command && command.transfer.direction === direction && !command.transfer.result
      ? transferWords(command.transfer)
      : 0,
  );
  return words.reduce((sum, count) => sum + count, 0) * WORD;
}

/** Bytes read for one image. */
export function readBytes({ tapeBytes, imageBytes, loadedBytes }: Traffic): number {
  return tapeBytes + imageBytes + loadedBytes;
}

/** Bytes written. */
export function writtenBytes({ resultBytes: result, storedBytes }: Traffic): number {
  return result + storedBytes;
}

/** Bytes read and written for one image. */
export function movedBytes(bytes: Traffic): number {
  return readBytes(bytes) + writtenBytes(bytes);
}
