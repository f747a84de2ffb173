/**
 * Caffe's binary models: a NetParameter message whose layers carry blobs of float32. The topology is recognised
 * from their names and shapes; of what the layers say of themselves only the classifier's padding is taken.
 */
import protobuf from 'protobufjs/light.js';
import { caffemodelInvalid, tensorBytes } from '../diagnostics/model.ts';
import { MAX_CLASSIFIER_PADDING, type TopologyWish } from '../graph/squeezenet.ts';
import { decodeMessage, protobufProblem } from './protobuf.ts';
import { elementCount, requireFinite, type Tensor } from './tensor.ts';

/** The fields of caffe.proto that are read; `layers` is the older form of `layer`. */
const SCHEMA = protobuf.Root.fromJSON({
  nested: {
    Net: {
      fields: {
        layers: { rule: 'repeated', type: 'OldLayer', id: 2 },
        layer: { rule: 'repeated', type: 'Layer', id: 100 },
      },
    },
    OldLayer: {
      fields: {
        name: { type: 'string', id: 4 },
        blobs: { rule: 'repeated', type: 'Blob', id: 6 },
        convolutionParam: { type: 'Convolution', id: 10 },
      },
    },
    Layer: {
      fields: {
        name: { type: 'string', id: 1 },
        blobs: { rule: 'repeated', type: 'Blob', id: 7 },
        convolutionParam: { type: 'Convolution', id: 106 },
      },
    },
    Convolution: {
      fields: {
        pad: { rule: 'repeated', type: 'uint32', id: 3, options: { packed: false } },
        padH: { type: 'uint32', id: 9 },
        padW: { type: 'uint32', id: 10 },
      },
    },
    Blob: {
      fields: {
        num: { type: 'int32', id: 1 },
        channels: { type: 'int32', id: 2 },
        height: { type: 'int32', id: 3 },
        width: { type: 'int32', id: 4 },
        data: { rule: 'repeated', type: 'float', id: 5, options: { packed: true } },
        shape: { type: 'Shape', id: 7 },
      },
    },
    Shape: { fields: { dim: { rule: 'repeated', type: 'int64', id: 1, options: { packed: true } } } },
  },
});

/** SqueezeNet has 26. */
const MAX_LAYERS = 1000;

interface Blob {
  readonly num: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly data: readonly number[];
  readonly shape?: { readonly dim: readonly (number | { toNumber(): number })[] } | null;
}

interface Layer {
  readonly name: string;
  readonly blobs: readonly Blob[];
  readonly convolutionParam?: {
    readonly pad: readonly number[];
    readonly padH: number;
    readonly padW: number;
  } | null;
}

/** Tensors named `<layer>.weight` and `<layer>.bias`, of the layers that have both. */
export function readCaffemodel(
  bytes: Uint8Array,
  file: string,
): { tensors: Map<string, Tensor>; topology: TopologyWish } {
  let net: { layer: Layer[]; layers: Layer[] };
  try {
    net = decodeMessage(SCHEMA.lookupType('Net'), bytes) as never;
  } catch (cause) {
    throw caffemodelInvalid(file, protobufProblem(cause));
  }
  const layers = [...net.layer, ...net.layers].filter((layer) => layer.blobs.length > 0);
  if (layers.length > MAX_LAYERS)
    throw caffemodelInvalid(file, `it has ${layers.length} layers with weights`);
  if (layers.length === 0) throw caffemodelInvalid(file, 'it has no layers with weights');
  const tensors = layers.flatMap(({ name, blobs }) => {
    if (blobs.length !== 2) throw caffemodelInvalid(file, `layer ${name} has ${blobs.length} blobs, not 2`);
    const [weight, bias] = blobs;
    return [
      tensorOf(file, `${name}.weight`, weight, shapeOf(weight)),
      tensorOf(file, `${name}.bias`, bias, [bias.data.length]),
    ];
  });
  return {
    tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])),
    topology: {
      classifierPadding: paddingOf(
        file,
        layers.find(({ name }) => name === 'conv10'),
      ),
    },
  };
}

/** One number for both directions, or one for each; the classifier's must be the same on all sides. */
function paddingOf(file: string, layer: Layer | undefined): number {
  const { pad = [], padH = 0, padW = 0 } = layer?.convolutionParam ?? {};
  const [height, width = height, ...rest] = pad.length > 0 ? pad : [padH, padW];
  if (rest.length > 0 || height !== width || height > MAX_CLASSIFIER_PADDING) {
    throw caffemodelInvalid(
      file,
      `layer ${layer!.name} has the padding ${[height, width, ...rest].join(', ')}`,
    );
  }
  return height;
}

function shapeOf({ shape, num, channels, height, width }: Blob): number[] {
  return shape ? shape.dim.map(Number) : [num, channels, height, width];
}

function tensorOf(file: string, name: string, { data }: Blob, shape: number[]): Tensor {
  if (elementCount(shape) !== data.length) {
    throw tensorBytes(file, name, elementCount(shape), data.length);
  }
  return requireFinite(file, { name, shape, values: Float32Array.from(data) });
}
