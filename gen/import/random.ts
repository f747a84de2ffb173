/** SqueezeNets with seeded random weights: networks of the right shape where no trained one is at hand. */
import type { Network, Preprocess } from '../graph/network.ts';
import {
  assembleSqueezenet,
  type SqueezenetVersion,
  squeezenetSpec,
  type TopologyWish,
  withTopology,
} from '../graph/squeezenet.ts';
import { preset } from './preprocess.ts';
import { Prng } from './prng.ts';

/** Biases are uniform within ± this; activations are of the order of 1. */
const BIAS_RANGE = 0.1;

/**
 * Weights have He's deviation √(2 / fan-in), which keeps the mean square of the activations from layer to
 * layer through ReLUs, for an image of mean square about 1 (torchvision's preprocessing, the default).
 * The same arguments give the same network on every machine.
 */
export function randomSqueezenet(options: {
  version: SqueezenetVersion;
  side: number;
  /** Where the image is not square; `side` is its height then. */
  width?: number;
  classes: number;
  seed: number;
  preprocess?: Preprocess;
  topology?: TopologyWish;
}): Network {
  const { version, side, classes, seed, width = side } = options;
  const prng = new Prng(seed);
  return assembleSqueezenet(
    withTopology(squeezenetSpec(version, classes), options.topology ?? {}),
    {
      name: `squeezenet${version}`,
      ...{ height: side, width },
      preprocess: options.preprocess ?? preset('torchvision', Math.max(side, width)),
      trained: false,
    },
    (conv) => {
      const fanIn = conv.inChannels * conv.kernel ** 2;
      const deviation = Math.sqrt(2 / fanIn);
      const weight = Float32Array.from({ length: conv.outChannels * fanIn }, () => deviation * prng.bell());
      const bias = Float32Array.from(
        { length: conv.outChannels },
        () => BIAS_RANGE * (2 * prng.uniform() - 1),
      );
      return { weight, bias };
    },
  );
}
