/** A named tensor on its way from a file into the graph. */
import { nonFiniteTensor } from '../diagnostics/model.ts';
import { halfToFloat } from './float16.ts';

export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major, as many as the shape's product. */
  readonly values: Float32Array;
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((count, length) => count * length, 1);
}

/** Float32 values of little-endian bytes; copies, so the bytes need no alignment. */
export function float32FromBytes(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(bytes.byteLength / 4);
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(4 * i, true);
  return values;
}

/** Float32 values of little-endian half-precision bytes. */
export function float16FromBytes(bytes: Uint8Array): Float32Array {
  const values = new Float32Array(bytes.byteLength / 2);
  for (let i = 0; i < values.length; i++) values[i] = halfToFloat(bytes[2 * i] | (bytes[2 * i + 1] << 8));
  return values;
}

/** Refuses NaN and infinities, which no integer network can stand for. */
export function requireFinite(file: string, tensor: Tensor): Tensor {
  const index = tensor.values.findIndex((value) => !Number.isFinite(value));
  if (index >= 0) throw nonFiniteTensor(file, tensor.name, index, tensor.values[index]);
  return tensor;
}
