import { describe, expect, it } from 'vitest';
import { networkHash } from '../../../gen/graph/hash.ts';
import type { Layer, Network } from '../../../gen/graph/network.ts';
import { randomSqueezenet } from '../../../gen/import/random.ts';

const network = randomSqueezenet({ version: '1.1', side: 64, classes: 10, seed: 1 });
const hash = networkHash(network);
const withLayers = (edit: (layer: Layer) => Layer): Network => ({
  ...network,
  layers: network.layers.map(edit),
});

describe('networkHash', () => {
  it('does not depend on names', () => {
    expect(networkHash({ ...network, name: 'other' })).toBe(hash);
    expect(networkHash(withLayers((layer) => ({ ...layer, name: `x/${layer.name}` })))).toBe(hash);
  });

  it('does not depend on how the edge of a pool is written', () => {
    // Side 64: pool1 reads 31 pixels, which 3x3 windows of stride 2 fill exactly.
    const floor = withLayers((layer) =>
      layer.name === 'pool1' ? ({ ...layer, ceil: false } as Layer) : layer,
    );
    expect(networkHash(floor)).toBe(hash);
    // pool3 reads 15 pixels, pool5 7: floor mode keeps both, a larger kernel does not.
    const wide = withLayers((layer) => (layer.name === 'pool3' ? ({ ...layer, kernel: 5 } as Layer) : layer));
    expect(networkHash(wide)).not.toBe(hash);
  });

  it('depends on one bit of one weight, on ReLU, side and preprocessing', () => {
    const conv1 = (edit: object) =>
      withLayers((layer) =>
        layer.kind === 'conv' && layer.name === 'conv1'
          ? { ...layer, conv: { ...layer.conv, ...edit } }
          : layer,
      );
    const first = network.layers[0];
    if (first.kind !== 'conv') throw new Error('conv1 is first');
    const weight = first.conv.weight.slice();
    new Uint32Array(weight.buffer)[5] ^= 1;
    expect(networkHash(conv1({ weight }))).not.toBe(hash);
    expect(networkHash(conv1({ relu: false }))).not.toBe(hash);
    expect(networkHash({ ...network, input: { height: 65, width: 65, channels: 3 } })).not.toBe(hash);
    const { preprocess } = network;
    expect(networkHash({ ...network, preprocess: { ...preprocess, order: 'bgr' } })).not.toBe(hash);
  });
});
