/**
 * What a pickle of NumPy arrays may name and do: `_reconstruct` makes an empty array, `dtype` an element
 * type, and both are then filled from a state tuple. Nothing else can be called.
 */
import { elementCount, float16FromBytes, float32FromBytes } from '../tensor.ts';

/** Lists and tuples are arrays here. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | NumpyGlobal
  | Dtype
  | NdArray;

/** One of the three allowed globals. */
export class NumpyGlobal {
  readonly name: 'ndarray' | 'dtype' | '_reconstruct';

  constructor(name: NumpyGlobal['name']) {
    this.name = name;
  }
}

/** `numpy.core` became `numpy._core` in NumPy 2. */
const ALLOWED = new Map<string, NumpyGlobal['name']>([
  ['numpy.core.multiarray _reconstruct', '_reconstruct'],
  ['numpy._core.multiarray _reconstruct', '_reconstruct'],
  ['numpy ndarray', 'ndarray'],
  ['numpy dtype', 'dtype'],
]);

export function allowedGlobal(module: string, name: string): NumpyGlobal | undefined {
  const allowed = ALLOWED.get(`${module} ${name}`);
  return allowed && new NumpyGlobal(allowed);
}

/** An element type; `f4` is float32, `f2` float16. */
export class Dtype {
  readonly code: string;

  constructor(code: string) {
    this.code = code;
  }

  /** State: version, byte order, then fields that only structured types use. */
  setState(state: readonly PickleValue[]): void {
    const order = state[1];
    if (order !== '<') {
      const known = typeof order === 'string' ? `byte order ${order}` : 'no byte order';
      throw new RangeError(`an array is not little-endian (${known})`);
    }
  }
}

/** An array of float32 values in C order. */
export class NdArray {
  shape: readonly number[] = [];
  values: Float32Array = new Float32Array(0);

  /** State: version, shape, dtype, whether in Fortran order, data. */
  setState([, shape, dtype, fortranOrder, data]: readonly PickleValue[]): void {
    if (!Array.isArray(shape) || !shape.every((n) => typeof n === 'number' && n >= 0)) {
      throw new RangeError('an array has no shape of whole numbers');
    }
    if (!(dtype instanceof Dtype)) throw new RangeError('an array has no element type');
    if (fortranOrder !== false) throw new RangeError('an array is in Fortran order');
    if (!(data instanceof Uint8Array)) throw new RangeError('an array has no data');
    this.shape = shape as number[];
    this.values = decode(dtype, data);
    if (this.values.length !== elementCount(this.shape)) {
      throw new RangeError(`an array of shape ${this.shape.join('x')} holds ${this.values.length} values`);
    }
  }
}

function decode(dtype: Dtype, data: Uint8Array): Float32Array {
  if (dtype.code === 'f4' && data.byteLength % 4 === 0) return float32FromBytes(data);
  if (dtype.code === 'f2' && data.byteLength % 2 === 0) return float16FromBytes(data);
  throw new RangeError(`an array's element type is ${dtype.code}, or its data are incomplete`);
}

/** REDUCE: calls an allowed global. */
export function call(global: PickleValue, args: PickleValue): PickleValue {
  const list = Array.isArray(args) ? args : [];
  if (global instanceof NumpyGlobal && global.name === '_reconstruct') {
    const [type] = list;
    if (type instanceof NumpyGlobal && type.name === 'ndarray') return new NdArray();
  }
  if (global instanceof NumpyGlobal && global.name === 'dtype' && typeof list[0] === 'string') {
    return new Dtype(list[0]);
  }
  throw new RangeError('something other than _reconstruct(ndarray, …) or dtype(…) is called');
}

/** BUILD: fills an array or an element type. */
export function setState(target: PickleValue, state: PickleValue): void {
  if (!Array.isArray(state)) throw new RangeError('a state is not a tuple');
  if (target instanceof NdArray || target instanceof Dtype) target.setState(state);
  else throw new RangeError('something other than an array or a dtype is given a state');
}
