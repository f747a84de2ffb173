/** A pickled dict of `layer → [kernel, bias]` with kernels in HWIO (Keras' order) → tensors in OIHW. */
import { pickleInvalid } from '../../diagnostics/model.ts';
import { requireFinite, type Tensor } from '../tensor.ts';
import { NdArray } from './numpy.ts';
import { unpickle } from './unpickle.ts';

/** Tensors named `<layer>.weight` and `<layer>.bias`. */
export function readPickledWeights(bytes: Uint8Array, file: string): Map<string, Tensor> {
  const layers = unpickle(bytes, file);
  if (!(layers instanceof Map)) throw pickleInvalid(file, 'it holds no dict of layers');
  const tensors = new Map<string, Tensor>();
  const add = (tensor: Tensor) => tensors.set(tensor.name, requireFinite(file, tensor));
  for (const [layer, pair] of layers) {
    if (typeof layer !== 'string') throw pickleInvalid(file, 'a key of its dict is not a text');
    const [kernel, bias] = Array.isArray(pair) ? pair : [];
    if (!(kernel instanceof NdArray) || kernel.shape.length !== 4 || !(bias instanceof NdArray)) {
      throw pickleInvalid(file, `its layer ${layer} is not a pair of a 4-dimensional kernel and a bias`);
    }
    add(hwioToOihw(`${layer}.weight`, kernel));
    add({ name: `${layer}.bias`, shape: bias.shape, values: bias.values });
  }
  return tensors;
}

function hwioToOihw(name: string, { shape, values }: NdArray): Tensor {
  const [height, width, inputs, outputs] = shape;
  const moved = new Float32Array(values.length);
  let to = 0;
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let tap = 0; tap < height * width; tap++) {
        moved[to++] = values[(tap * inputs + i) * outputs + o];
      }
    }
  }
  return { name, shape: [outputs, inputs, height, width], values: moved };
}
