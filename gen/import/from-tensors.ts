/** A bag of named tensors → SqueezeNet v1.0 or v1.1, told apart by the first convolution's shape. */
import {
  tensorMissing,
  tensorNamesUnrecognised,
  tensorShape,
  tensorUnknown,
  versionUnrecognised,
} from '../diagnostics/model.ts';
import type { Network, Preprocess } from '../graph/network.ts';
import {
  assembleSqueezenet,
  convolutionSpecs,
  DEFAULT_SIDE,
  type SqueezenetSpec,
  type SqueezenetVersion,
  squeezenetSpec,
} from '../graph/squeezenet.ts';
import type { Tensor } from './tensor.ts';
import { FIRST_WEIGHTS, torchvisionNames } from './tensor-names.ts';

/** A network's topology and its tensors by their names here (`fire2/squeeze1x1.weight`, OIHW). */
export interface NamedTensors {
  readonly file: string;
  readonly spec: SqueezenetSpec;
  readonly defaultSide: number;
  find(name: string): Tensor;
}

/** Recognises names and version. Tensors that the version does not have are refused. */
export function recogniseTensors(file: string, tensors: ReadonlyMap<string, Tensor>): NamedTensors {
  const first = FIRST_WEIGHTS.find((name) => tensors.has(name));
  if (first === undefined) throw tensorNamesUnrecognised(file, tensors.keys().next().value);
  const version = versionOf(file, tensors.get(first)!);
  const nameInFile = first === 'conv1.weight' ? (name: string) => name : torchvisionTensorName(version);
  const find = (name: string): Tensor => {
    const tensor = tensors.get(nameInFile(name));
    if (!tensor) throw tensorMissing(file, nameInFile(name));
    return tensor;
  };
  const classifier = find('conv10.weight');
  const classes = classifier.shape[0] ?? 0;
  if (classes < 1) throw tensorShape(file, classifier.name, classifierShape(version), classifier.shape);
  const spec = squeezenetSpec(version, classes);
  const known = new Set(tensorNames(spec).map(nameInFile));
  const stranger = [...tensors.keys()].find((name) => !known.has(name));
  if (stranger !== undefined) throw tensorUnknown(file, stranger, version);
  return { file, spec, defaultSide: DEFAULT_SIDE[version], find };
}

/** The network; every tensor's shape is checked. */
export function networkFromTensors(
  named: NamedTensors,
  head: { name: string; side: number; preprocess: Preprocess },
): Network {
  const take = (name: string, shape: readonly number[]): Float32Array => {
    const tensor = named.find(name);
    if (!sameShape(tensor.shape, shape)) throw tensorShape(named.file, tensor.name, shape, tensor.shape);
    return tensor.values;
  };
  return assembleSqueezenet(named.spec, { ...head, trained: true }, (conv) => ({
    weight: take(`${conv.name}.weight`, [conv.outChannels, conv.inChannels, conv.kernel, conv.kernel]),
    bias: take(`${conv.name}.bias`, [conv.outChannels]),
  }));
}

const VERSIONS: readonly SqueezenetVersion[] = ['1.0', '1.1'];

function versionOf(file: string, first: Tensor): SqueezenetVersion {
  const version = VERSIONS.find((candidate) => {
    const { outChannels, kernel } = squeezenetSpec(candidate).conv1;
    return sameShape(first.shape, [outChannels, 3, kernel, kernel]);
  });
  if (version === undefined) throw versionUnrecognised(file, first.name, first.shape);
  return version;
}

function classifierShape(version: SqueezenetVersion): number[] {
  const { outChannels, inChannels, kernel } = convolutionSpecs(squeezenetSpec(version)).at(-1)!;
  return [outChannels, inChannels, kernel, kernel];
}

function torchvisionTensorName(version: SqueezenetVersion): (name: string) => string {
  const layers = torchvisionNames(version);
  return (name) => {
    const [layer, part] = name.split('.');
    return `${layers.get(layer)}.${part}`;
  };
}

function tensorNames(spec: SqueezenetSpec): string[] {
  return convolutionSpecs(spec).flatMap(({ name }) => [`${name}.weight`, `${name}.bias`]);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, i) => length === b[i]);
}
