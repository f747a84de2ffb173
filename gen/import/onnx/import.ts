/** An ONNX file of any age → the typed network. */
import { onnxInputUnsupported, onnxInvalid, sideFixedByFile, sideTooSmall } from '../../diagnostics/model.ts';
import { isClassifier, type Network, type Preprocess, usualLabelOffset } from '../../graph/network.ts';
import { layerShapes } from '../../graph/shapes.ts';
import { DEFAULT_SIDE, MIN_SIDE } from '../../graph/squeezenet.ts';
import { OnnxGraph } from './graph.ts';
import { matchLayers } from './match.ts';
import { decodeGraph, type ValueInfoProto } from './schema.ts';

export interface OnnxOptions {
  /** The file's name in messages. */
  readonly file: string;
  /** The network's name. */
  readonly name: string;
  /** Side of the image, for files that leave it open. */
  readonly side?: number;
  readonly preprocessFor: (side: number) => Preprocess;
}

/** Channels of the image. */
const IMAGE_CHANNELS = 3;

/** Imports a network; everything that cannot be translated is an error that names the node. */
export function importOnnx(bytes: Uint8Array, options: OnnxOptions): Network {
  const { file, name } = options;
  const graph = new OnnxGraph(decodeGraph(bytes, file), file);
  const [image, ...others] = graph.inputs.filter((input) => graph.users(input.name).length > 0);
  if (!image) throw onnxInvalid(file, 'no input of the graph leads to its output');
  if (others.length > 0) {
    throw onnxInputUnsupported(file, others[0].name, 'the network has more than one input');
  }
  const side = sideOf(image, options);
  const input = { height: side, width: side, channels: IMAGE_CHANNELS };
  const layers = matchLayers(graph, image.name, input);
  const { channels } = layerShapes({ input, layers }).at(-1)!;
  const labelOffset = isClassifier(layers, layers.length - 2) ? usualLabelOffset(channels) : 0;
  return { name, input, preprocess: options.preprocessFor(side), layers, trained: true, labelOffset };
}

/** The side that the file fixes, else the one asked for. Dynamic dimensions are 0 in the message. */
function sideOf({ name, type }: ValueInfoProto, { file, side }: OnnxOptions): number {
  const dims = (type?.tensorType?.shape?.dim ?? []).map(({ dimValue }) => dimValue);
  if (dims.length === 0) return side ?? DEFAULT_SIDE['1.1'];
  const [, channels, height, width] = dims;
  if (dims.length !== 4 || (channels > 0 && channels !== IMAGE_CHANNELS) || height !== width) {
    const shape = dims.map((length) => (length > 0 ? length : '?')).join('x');
    throw onnxInputUnsupported(file, name, `its shape is ${shape}`);
  }
  if (height === 0) return side ?? DEFAULT_SIDE['1.1'];
  if (side !== undefined && side !== height) throw sideFixedByFile(file, side, height);
  if (height < MIN_SIDE) throw sideTooSmall(file, height, MIN_SIDE);
  return height;
}
