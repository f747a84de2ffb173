/** A bag of named tensors → SqueezeNet v1.0 or v1.1, told apart by the first convolution's shape. */
import { tensorMissing, tensorShape, tensorUnknown, versionUnrecognised } from '../diagnostics/model.ts';
import type { ImageSize, Network, Preprocess } from '../graph/network.ts';
import {
  assembleSqueezenet,
  convolutionSpecs,
  DEFAULT_SIDE,
  type SqueezenetSpec,
  type SqueezenetVersion,
  squeezenetSpec,
  type TopologyWish,
  withTopology,
} from '../graph/squeezenet.ts';
import { grayOverRgb, IMAGE_CHANNELS } from './gray.ts';
import { type KernelLayout, recogniseNaming } from './naming.ts';
import type { Tensor } from './tensor.ts';

/** A network's topology and its tensors by their names here (`fire2/squeeze1x1.weight`). */
export interface NamedTensors {
  readonly spec: SqueezenetSpec;
  readonly defaultSide: number;
  /** Of the image that the weights are for: 3, or 1. */
  readonly channels: number;
  /** The values of a tensor of this shape (weights: OIHW), in the order of the shape. */
  take(name: string, shape: readonly number[]): Float32Array;
}

/**
 * Recognises names and version. Tensors that the version does not have are refused; those of a classifier that is
 * not wished for are left.
 */
export function recogniseTensors(
  file: string,
  tensors: ReadonlyMap<string, Tensor>,
  wish: TopologyWish = {},
): NamedTensors {
  const { first, layout, ceil, nameIn } = recogniseNaming(file, tensors);
  const { version, channels } = versionOf(file, first, layout);
  const nameInFile = nameIn(version);
  const find = (name: string): Tensor => {
    const tensor = tensors.get(nameInFile(name));
    if (!tensor) throw tensorMissing(file, nameInFile(name));
    return tensor;
  };
  const requireShape = (tensor: Tensor, shape: readonly number[]) => {
    const expected = layout.shape(shape);
    if (!sameShape(tensor.shape, expected)) throw tensorShape(file, tensor.name, expected, tensor.shape);
  };
  const topology = (classes?: number) => ({ ...withTopology(squeezenetSpec(version, classes), wish), ceil });
  const classesOf = (classifier: Tensor): number => {
    const classes = layout.outputs(classifier.shape);
    if (classes < 1) requireShape(classifier, classifierShape(version));
    return classes;
  };
  const { end } = topology();
  const spec = end === 'classifier' ? topology(classesOf(find('conv10.weight'))) : topology();
  const known = new Set(tensorNames({ ...spec, end: 'classifier' }).map(nameInFile));
  const stranger = [...tensors.keys()].find((name) => !known.has(name));
  if (stranger !== undefined) throw tensorUnknown(file, stranger, version);
  const take = (name: string, shape: readonly number[]): Float32Array => {
    const tensor = find(name);
    requireShape(tensor, shape);
    return layout.toOihw(tensor.values, shape);
  };
  return { spec, defaultSide: DEFAULT_SIDE[version], channels, take };
}

/** The network; every tensor's shape is checked. */
export function networkFromTensors(
  { spec, channels, take }: NamedTensors,
  head: ImageSize & { name: string; preprocess: Preprocess },
): Network {
  return assembleSqueezenet(spec, { ...head, trained: true }, (conv) => {
    const gray = conv.name === 'conv1' && channels === 1;
    const shape = [conv.outChannels, gray ? 1 : conv.inChannels, conv.kernel, conv.kernel];
    const weight = take(`${conv.name}.weight`, shape);
    const bias = take(`${conv.name}.bias`, [conv.outChannels]);
    return { weight: gray ? grayOverRgb(weight, conv) : weight, bias };
  });
}

const VERSIONS: readonly SqueezenetVersion[] = ['1.0', '1.1'];

function versionOf(
  file: string,
  first: Tensor,
  layout: KernelLayout,
): { version: SqueezenetVersion; channels: number } {
  const shapeOf = (version: SqueezenetVersion, channels: number) => {
    const { outChannels, kernel } = squeezenetSpec(version).conv1;
    return layout.shape([outChannels, channels, kernel, kernel]);
  };
  for (const channels of [IMAGE_CHANNELS, 1]) {
    const version = VERSIONS.find((candidate) => sameShape(first.shape, shapeOf(candidate, channels)));
    if (version !== undefined) return { version, channels };
  }
  const shapes = VERSIONS.map((version) => shapeOf(version, IMAGE_CHANNELS));
  throw versionUnrecognised(file, first.name, first.shape, shapes);
}

function classifierShape(version: SqueezenetVersion): number[] {
  const { outChannels, inChannels, kernel } = convolutionSpecs(squeezenetSpec(version)).at(-1)!;
  return [outChannels, inChannels, kernel, kernel];
}

function tensorNames(spec: SqueezenetSpec): string[] {
  return convolutionSpecs(spec).flatMap(({ name }) => [`${name}.weight`, `${name}.bias`]);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, i) => length === b[i]);
}
