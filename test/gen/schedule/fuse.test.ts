import { describe, expect, it } from 'vitest';
import { FireforgeError } from '../../../gen/diagnostics/diagnostic.ts';
import { type Convolution, type Network, uniformPadding } from '../../../gen/graph/network.ts';
import { shapesOnly } from '../../../gen/quantize/shapes-only.ts';
import { fuseStages } from '../../../gen/schedule/fuse.ts';
import { smallNetwork } from '../quantize/small-network.ts';

const network = smallNetwork(1);

function withConv1(change: Partial<Convolution>): Network {
  const layers = network.layers.map((layer) =>
    layer.name === 'conv1' && layer.kind === 'conv'
      ? { ...layer, conv: { ...layer.conv, ...change } }
      : layer,
  );
  return { ...network, layers };
}

describe('fuseStages', () => {
  it.each(['expand1x1', 'expand3x3'] as const)('leaves out an %s without channels', (missing) => {
    const layers = network.layers.map((layer) =>
      layer.kind === 'fire' ? { ...layer, [missing]: { ...layer[missing], outChannels: 0 } } : layer,
    );
    const other = missing === 'expand1x1' ? 'expand3x3' : 'expand1x1';
    const fires = fuseStages(shapesOnly({ ...network, layers })).filter(({ name }) =>
      name.startsWith('fire'),
    );
    expect(fires.length).toBeGreaterThan(0);
    for (const { name, slices } of fires) {
      expect(slices.map(({ conv }) => conv.name)).toEqual([`${name.split(' ')[0]}/${other}`]);
    }
  });

  it('takes any padding of the first convolution that leaves each window a pixel', () => {
    const padding = { top: 2, left: 0, bottom: 1, right: 2 };
    const [{ width, height }] = fuseStages(shapesOnly(withConv1({ stride: 1, padding })));
    expect([width, height]).toEqual([17, 18]);
  });

  it('refuses a pool that finds no window in its map', () => {
    const small = { ...network, input: { ...network.input, width: 4 } };
    expect(() => fuseStages(shapesOnly(small))).toThrow(/pool.*over 1 x 8 pixels/s);
  });

  it('refuses windows of the first convolution that lie in the padding alone', () => {
    const padded = withConv1({ padding: uniformPadding(3) });
    expect(() => fuseStages(shapesOnly(padded))).toThrow(FireforgeError);
    expect(() => fuseStages(shapesOnly(padded))).toThrow(/conv1.*windows that lie in the padding alone/s);
  });
});
