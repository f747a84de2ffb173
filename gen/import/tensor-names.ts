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

/** Names of the first convolution's weights, by which a naming is told. */
export const FIRST_WEIGHTS = ['conv1.weight', 'features.0.weight'] as const;

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
