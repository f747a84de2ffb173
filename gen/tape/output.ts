/** What a result's data mean: logits one behind the other, or a map whose pixels are padded to whole vectors. */
import { INPUT_LANES, WORD } from '../geometry/geometry.ts';
import type { NetworkOutput } from '../quantize/integer-network.ts';

/** Vectors of 16 channels that a map of so many takes. */
export function mapVectors(channels: number): number {
  return Math.ceil(channels / INPUT_LANES);
}

/** Bytes of a result's data, padded to words. */
export function dataBytes(output: NetworkOutput): number {
  if (output.kind === 'logits') return Math.ceil((4 * output.channels) / WORD) * WORD;
  return output.height * output.width * mapVectors(output.channels) * WORD;
}

/** The values without their padding: int32 logits, or uint8 pixel by pixel, channels last. */
export function outputValues(data: Uint8Array, output: NetworkOutput): Int32Array | Uint8Array {
  const { channels } = output;
  if (output.kind === 'logits') {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    return Int32Array.from({ length: channels }, (_, c) => view.getInt32(4 * c, true));
  }
  const stride = mapVectors(channels) * WORD;
  const values = new Uint8Array(output.height * output.width * channels);
  for (let pixel = 0; pixel * stride < data.length; pixel++) {
    values.set(data.subarray(pixel * stride, pixel * stride + channels), pixel * channels);
  }
  return values;
}
