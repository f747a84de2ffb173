/** ONNX tensors → numbers: float32 and float16 weights, and integer parameters such as axes. */
import { dtypeUnsupported, onnxInvalid, tensorBytes } from '../../diagnostics/model.ts';
import { halfToFloat } from '../float16.ts';
import { elementCount, float16FromBytes, float32FromBytes, requireFinite, type Tensor } from '../tensor.ts';
import type { OnnxNode } from './node.ts';
import type { TensorProto } from './schema.ts';

/** TensorProto.DataType, by number. */
const TYPE_NAMES: readonly string[] = [
  ...['undefined', 'float32', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'int64', 'string', 'bool'],
  ...['float16', 'float64', 'uint32', 'uint64', 'complex64', 'complex128', 'bfloat16'],
];
export const FLOAT32 = 1;
export const FLOAT16 = 10;
export const FLOAT64 = 11;
const INT32 = 6;
const INT64 = 7;

/** TensorProto.DataLocation: the data are in another file. */
const EXTERNAL = 1;

function typeName(dataType: number): string {
  return TYPE_NAMES[dataType] ?? `type ${dataType}`;
}

/** A weight or bias. Refused: other element types, a wrong number of values, NaN and infinities. */
export function floatTensor(file: string, proto: TensorProto): Tensor {
  requireInside(file, proto);
  const { dataType, name, dims } = proto;
  const values = floatValues(proto);
  if (!values) throw dtypeUnsupported(file, name, typeName(dataType));
  if (dims.some((length) => length < 1)) {
    throw onnxInvalid(file, `the tensor ${name} has the shape ${dims.join('x')}`);
  }
  requireCount(file, proto, values.length);
  return requireFinite(file, { name, shape: dims, values });
}

function floatValues({ dataType, rawData, floatData, int32Data }: TensorProto): Float32Array | undefined {
  if (dataType === FLOAT32) {
    return rawData.length > 0 ? float32FromBytes(whole(rawData, 4)) : Float32Array.from(floatData);
  }
  if (dataType === FLOAT16) {
    // In int32_data each half has an integer of its own, in the low 16 bits.
    return rawData.length > 0
      ? float16FromBytes(whole(rawData, 2))
      : Float32Array.from(int32Data, (bits) => halfToFloat(bits & 0xffff));
  }
  return undefined;
}

function whole(bytes: Uint8Array, size: number): Uint8Array {
  return bytes.subarray(0, bytes.length - (bytes.length % size));
}

/** Integers of an int32 or int64 tensor. */
export function intValues(file: string, proto: TensorProto): number[] {
  requireInside(file, proto);
  const { dataType, rawData, int32Data, int64Data, name } = proto;
  if (dataType !== INT32 && dataType !== INT64) {
    throw onnxInvalid(file, `the parameter ${name} must be of integers, but is ${typeName(dataType)}`);
  }
  const size = dataType === INT32 ? 4 : 8;
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength - (rawData.length % size));
  const raw = Array.from({ length: view.byteLength / size }, (_, i) =>
    dataType === INT32 ? view.getInt32(4 * i, true) : Number(view.getBigInt64(8 * i, true)),
  );
  const values = rawData.length > 0 ? raw : [...(dataType === INT32 ? int32Data : int64Data)];
  requireCount(file, proto, values.length);
  return values;
}

function requireCount(file: string, { name, dims }: TensorProto, found: number): void {
  if (elementCount(dims) !== found) throw tensorBytes(file, name, elementCount(dims), found);
}

function requireInside(file: string, { name, dataLocation }: TensorProto): void {
  if (dataLocation === EXTERNAL) {
    throw onnxInvalid(file, `the tensor ${name} is kept in another file; save the model as a single file`);
  }
}

/** The value of a Constant node; undefined if it is no tensor of numbers. */
export function constantOf(node: OnnxNode): TensorProto | undefined {
  const tensor = node.tensor('value');
  if (tensor) return { ...tensor, name: node.output };
  const ints = node.has('value_int') ? [node.int('value_int', 0)] : node.ints('value_ints');
  return (
    ints && {
      ...{ name: node.output, dims: [ints.length], dataType: INT64, int64Data: ints },
      ...{ rawData: new Uint8Array(0), floatData: [], int32Data: [], dataLocation: 0 },
    }
  );
}
