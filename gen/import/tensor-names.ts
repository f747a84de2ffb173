/** The names under which frameworks keep SqueezeNet's tensors, and what they are here. */
import type { SqueezenetVersion } from '../graph/squeezenet.ts';

/** Positions of the Fire modules in torchvision's `features`, which also counts ReLUs and pools. */
const TORCHVISION_FEATURES: Readonly<Record<SqueezenetVersion, readonly number[]>> = {
  '1.0': [3, 4, 5, 7, 8, 9, 10, 12],
  '1.1': [3, 4, 6, 7, 9, 10, 11, 12],
};

const TORCHVISION_PARTS = [
  ['squeeze', 'squeeze1x1'],
  ['expand1x1', 'expand1x1'],
  ['expand3x3', 'expand3x3'],
];

/** Names of the first convolution's weights, by which a naming is told; Keras' are many, see `kerasName`. */
export const CAFFE_FIRST = 'conv1.weight';
export const TORCHVISION_FIRST = 'features.0.weight';

/** Our (Caffe's) layer name → torchvision's, e.g. `fire2/squeeze1x1` → `features.3.squeeze`. */
export function torchvisionNames(version: SqueezenetVersion): Map<string, string> {
  const names = new Map([
    ['conv1', 'features.0'],
    ['conv10', 'classifier.1'],
  ]);
  TORCHVISION_FEATURES[version].forEach((position, i) => {
    for (const [theirs, ours] of TORCHVISION_PARTS) {
      names.set(`fire${i + 2}/${ours}`, `features.${position}.${theirs}`);
    }
  });
  return names;
}

/** A Fire module's convolutions in the Keras ports: with or without sizes, or numbered expands. */
const KERAS_PARTS: Readonly<Record<string, string>> = {
  squeeze1x1: 'squeeze1x1',
  squeeze: 'squeeze1x1',
  expand1x1: 'expand1x1',
  expand1: 'expand1x1',
  expand3x3: 'expand3x3',
  expand3: 'expand3x3',
  expand2: 'expand3x3',
};

const KERAS_PARAMETERS: Readonly<Record<string, string>> = {
  kernel: 'weight',
  W: 'weight',
  bias: 'bias',
  b: 'bias',
};

/** A layer, joined by `/` or `_`, and its parameter; before it any path, as HDF5 repeats the layer's name. */
const KERAS_NAME = new RegExp(
  `(?:^|/)(?:(conv1|conv10)|(fire\\d+)[/_](${Object.keys(KERAS_PARTS).join('|')}))` +
    `[/_.](${Object.keys(KERAS_PARAMETERS).join('|')})(?::0)?$`,
);

/**
 * Our name of a tensor of a Keras port, e.g. `fire2/squeeze1x1.weight` of `fire2/squeeze1x1/kernel:0`,
 * `fire2/squeeze1x1_W:0` (Keras 1) or `fire2_squeeze/fire2_squeeze/kernel:0`; undefined of any other name.
 */
export function kerasName(theirs: string): string | undefined {
  const found = KERAS_NAME.exec(theirs);
  if (!found) return undefined;
  const [, plain, fire, part, parameter] = found;
  return `${plain ?? `${fire}/${KERAS_PARTS[part]}`}.${KERAS_PARAMETERS[parameter]}`;
}
