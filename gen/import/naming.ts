/** Which framework's names a file's tensors bear, and in which order each keeps a kernel. */
import { tensorNamesUnrecognised, tensorTwice } from '../diagnostics/model.ts';
import type { SqueezenetVersion } from '../graph/squeezenet.ts';
import type { Tensor } from './tensor.ts';
import { CAFFE_FIRST, kerasName, TORCHVISION_FIRST, torchvisionNames } from './tensor-names.ts';

/** How a framework orders a convolution's weights, in terms of OIHW. */
export interface KernelLayout {
  shape(oihw: readonly number[]): number[];
  /** Output channels of weights of this shape. */
  outputs(shape: readonly number[]): number;
  /** Values in the order of this layout → OIHW, for a shape in OIHW. */
  toOihw(values: Float32Array, oihw: readonly number[]): Float32Array;
}

export interface Naming {
  /** The first convolution's weights. */
  readonly first: Tensor;
  readonly layout: KernelLayout;
  /** Whether the framework's max-pools let a last window reach over the edge. */
  readonly ceil: boolean;
  /** The name in the file of a tensor of ours (`fire2/squeeze1x1.weight`). */
  nameIn(version: SqueezenetVersion): (ours: string) => string;
}

const OIHW: KernelLayout = {
  shape: (oihw) => [...oihw],
  outputs: (shape) => shape[0] ?? 0,
  toOihw: (values) => values,
};

/** Keras, TensorFlow. Biases have one dimension and stay as they are. */
const HWIO: KernelLayout = {
  shape: (oihw) => (oihw.length === 4 ? [oihw[2], oihw[3], oihw[1], oihw[0]] : [...oihw]),
  outputs: (shape) => shape.at(-1) ?? 0,
  toOihw(values, oihw) {
    if (oihw.length !== 4) return values;
    const [outputs, inputs, height, width] = oihw;
    const result = new Float32Array(values.length);
    let target = 0;
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) {
        for (let tap = 0; tap < height * width; tap++)
          result[target++] = values[(tap * inputs + i) * outputs + o];
      }
    }
    return result;
  },
};

export function recogniseNaming(file: string, tensors: ReadonlyMap<string, Tensor>): Naming {
  const caffe = tensors.get(CAFFE_FIRST);
  if (caffe) return { first: caffe, layout: OIHW, ceil: true, nameIn: () => (ours) => ours };
  const torchvision = tensors.get(TORCHVISION_FIRST);
  if (torchvision) return { first: torchvision, layout: OIHW, ceil: true, nameIn: torchvisionName };
  const keras = kerasNames(file, tensors.keys());
  const first = tensors.get(keras.get(CAFFE_FIRST) ?? '');
  if (!first) throw tensorNamesUnrecognised(file, tensors.keys().next().value);
  return { first, layout: HWIO, ceil: false, nameIn: () => (ours) => keras.get(ours) ?? ours };
}

function torchvisionName(version: SqueezenetVersion): (ours: string) => string {
  const layers = torchvisionNames(version);
  return (ours) => {
    const [layer, part] = ours.split('.');
    return `${layers.get(layer)}.${part}`;
  };
}

/** Our names → those of the file, of the tensors that a Keras port would have. */
function kerasNames(file: string, theirs: Iterable<string>): Map<string, string> {
  const names = new Map<string, string>();
  for (const name of theirs) {
    const ours = kerasName(name);
    if (ours === undefined) continue;
    const other = names.get(ours);
    if (other !== undefined) throw tensorTwice(file, name, other);
    names.set(ours, name);
  }
  return names;
}
