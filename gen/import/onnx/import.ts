/** An ONNX file of any age → the typed network. */
import {
  onnxInputUnsupported,
  onnxInvalid,
  sideTooLarge,
  sideTooSmall,
  sizeFixedByFile,
} from '../../diagnostics/model.ts';
import {
  type ImageShape,
  type ImageSize,
  isClassifier,
  type Layer,
  type Network,
  type Preprocess,
  usualLabelOffset,
} from '../../graph/network.ts';
import { layerShapes } from '../../graph/shapes.ts';
import { DEFAULT_SIDE, MAX_SIDE, MIN_SIDE } from '../../graph/squeezenet.ts';
import { grayOverRgb, IMAGE_CHANNELS } from '../gray.ts';
import { OnnxGraph } from './graph.ts';
import { matchLayers } from './match.ts';
import { decodeGraph, type ValueInfoProto } from './schema.ts';

export interface OnnxOptions {
  /** The file's name in messages. */
  readonly file: string;
  /** The network's name. */
  readonly name: string;
  /** Of the image, for files that leave it open. */
  readonly size?: ImageSize;
  /** For the longer side and the channels of the image. */
  readonly preprocessFor: (side: number, channels: number) => Preprocess;
}

const DEFAULT_SIZE = { height: DEFAULT_SIDE['1.1'], width: DEFAULT_SIDE['1.1'] };

/** Imports a network; everything that cannot be translated is an error that names the node. */
export function importOnnx(bytes: Uint8Array, options: OnnxOptions): Network {
  const { file, name } = options;
  const graph = new OnnxGraph(decodeGraph(bytes, file), file);
  const [image, ...others] = graph.inputs.filter((input) => graph.users(input.name).length > 0);
  if (!image) throw onnxInvalid(file, 'no input of the graph leads to its output');
  if (others.length > 0) {
    throw onnxInputUnsupported(file, others[0].name, 'the network has more than one input');
  }
  const shape = imageShape(graph, image, options);
  const { height, width, channels } = shape;
  const preprocess = options.preprocessFor(Math.max(height, width), channels);
  const layers = matchLayers(graph, image.name, shape).map((layer, index) =>
    index === 0 && channels === 1 ? overRgb(layer) : layer,
  );
  const input = { height, width, channels: IMAGE_CHANNELS };
  const results = layerShapes({ input, layers }).at(-1)!.channels;
  const labelOffset = isClassifier(layers, layers.length - 2) ? usualLabelOffset(results) : 0;
  return { name, input, preprocess, layers, trained: true, labelOffset };
}

/** The shape that the file fixes; where it leaves the size open, the one asked for. */
function imageShape(
  graph: OnnxGraph,
  { name, type }: ValueInfoProto,
  { file, size }: OnnxOptions,
): ImageShape {
  // Dynamic dimensions are 0 in the message.
  const dims = (type?.tensorType?.shape?.dim ?? []).map(({ dimValue }) => dimValue);
  const [, written = 0, height = 0, width = 0] = dims;
  const channels = written === 0 ? readChannels(graph, name) : written;
  const halfOpen = (height === 0) !== (width === 0);
  if (![0, 4].includes(dims.length) || ![1, IMAGE_CHANNELS].includes(channels) || halfOpen) {
    const shape = dims.map((length) => (length > 0 ? length : '?')).join('x');
    throw onnxInputUnsupported(file, name, `its shape is ${shape}`);
  }
  if (height === 0) return { ...(size ?? DEFAULT_SIZE), channels };
  if (size && (size.height !== height || size.width !== width)) {
    throw sizeFixedByFile(file, size, { height, width });
  }
  const longer = Math.max(height, width);
  if (longer > MAX_SIDE) throw sideTooLarge(file, longer, MAX_SIDE);
  const shorter = Math.min(height, width);
  if (shorter < MIN_SIDE) throw sideTooSmall(file, shorter, MIN_SIDE);
  return { height, width, channels };
}

/** Channels of an image whose shape does not tell, by the weights of the convolution that reads it. */
function readChannels(graph: OnnxGraph, image: string): number {
  const [reader] = graph.users(image);
  return reader.operator === 'Conv' ? (graph.weights(reader, 1).shape[1] ?? 0) : IMAGE_CHANNELS;
}

function overRgb(layer: Layer): Layer {
  if (layer.kind !== 'conv') return layer;
  const { conv } = layer;
  return { ...layer, conv: { ...conv, inChannels: IMAGE_CHANNELS, weight: grayOverRgb(conv.weight, conv) } };
}
