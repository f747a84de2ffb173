import { describe, expect, it } from 'vitest';
import { convolutions } from '../../../gen/graph/network.ts';
import { layerShapes, networkMacs } from '../../../gen/graph/shapes.ts';
import { assembleSqueezenet, type SqueezenetVersion, squeezenetSpec } from '../../../gen/graph/squeezenet.ts';
import { preset } from '../../../gen/import/preprocess.ts';

function network(version: SqueezenetVersion, side: number, classes: number) {
  const head = { name: 'n', height: side, width: side, preprocess: preset('caffe', side), trained: false };
  return assembleSqueezenet(squeezenetSpec(version, classes), head, (conv) => ({
    weight: new Float32Array(conv.outChannels * conv.inChannels * conv.kernel ** 2),
    bias: new Float32Array(conv.outChannels),
  }));
}

const sides = (version: SqueezenetVersion, side: number) =>
  layerShapes(network(version, side, 1000)).map((shape) => shape.height);

describe('squeezenetSpec', () => {
  it('has the parameters that torchvision counts', () => {
    const parameters = (version: SqueezenetVersion) =>
      convolutions(network(version, 224, 1000)).reduce((n, c) => n + c.weight.length + c.bias.length, 0);
    expect(parameters('1.0')).toBe(1_248_424);
    expect(parameters('1.1')).toBe(1_235_496);
  });

  it('places the pools of each version, in ceil mode', () => {
    expect(sides('1.0', 227)).toEqual([111, 55, 55, 55, 55, 27, 27, 27, 27, 27, 13, 13, 13, 1]);
    expect(sides('1.1', 224)).toEqual([111, 55, 55, 55, 27, 27, 27, 13, 13, 13, 13, 13, 13, 1]);
    expect(sides('1.1', 227)).toEqual([113, 56, 56, 56, 28, 28, 28, 14, 14, 14, 14, 14, 14, 1]);
    expect(network('1.1', 224, 1000).layers.map((layer) => layer.name)).toEqual(
      'conv1 pool1 fire2 fire3 pool3 fire4 fire5 pool5 fire6 fire7 fire8 fire9 conv10 pool10'.split(' '),
    );
  });

  it('has the MACs of the paper', () => {
    expect(networkMacs(network('1.1', 224, 1000))).toBe(349_151_936);
    expect(networkMacs(network('1.0', 227, 1000))).toBe(832_667_936);
  });

  it('takes any number of classes, and leaves pixels at the smallest side', () => {
    for (const version of ['1.0', '1.1'] as const) {
      const shapes = layerShapes(network(version, 48, 7));
      expect(shapes.at(-1)).toEqual({ height: 1, width: 1, channels: 7 });
      expect(shapes.at(-2)!.height).toBeGreaterThanOrEqual(2);
    }
  });
});
