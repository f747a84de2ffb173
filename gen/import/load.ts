/** A model as the user names it (a file, or a known network) → the typed network. */
import path from 'node:path';
import { notFetched } from '../diagnostics/fetch.ts';
import {
  classesInvalid,
  classesWithoutClassifier,
  classesWithTrainedWeights,
  modelFormatUnknown,
  modelNotFound,
  modelUnreadable,
  sideInvalid,
  sideTooLarge,
  sideTooSmall,
  sizeTwice,
  topologyFixedByFile,
  topologyInvalid,
  weightsNoneWithFile,
} from '../diagnostics/model.ts';
import { type ImageSize, isClassifier, type Network, type Preprocess } from '../graph/network.ts';
import {
  DEFAULT_SIDE,
  IMAGENET_CLASSES,
  MAX_CLASSIFIER_PADDING,
  MAX_SIDE,
  MIN_SIDE,
  parseImagePadding,
  type SqueezenetVersion,
  type TopologyWish,
} from '../graph/squeezenet.ts';
import { MAX_MODEL_BYTES, readRegularFile } from '../read-file.ts';
import type { Progress } from './fetch/progress.ts';
import { findSource, type Source } from './fetch/sources.ts';
import { networkFromTensors, recogniseTensors } from './from-tensors.ts';
import { IMAGE_CHANNELS } from './gray.ts';
import { anyPreprocess, resolvePreprocess } from './preprocess.ts';
import { randomSqueezenet } from './random.ts';
import type { Tensor } from './tensor.ts';

/** The topologies that can be named instead of a file. */
const TOPOLOGIES: ReadonlyMap<string, SqueezenetVersion> = new Map([
  ['squeezenet1.0', '1.0'],
  ['squeezenet1.1', '1.1'],
]);
export const MODEL_NAMES: readonly string[] = [...TOPOLOGIES.keys()];

export interface LoadOptions extends TopologyWish {
  /** Path of a file, or a name: a topology, or a source of `fireforge fetch`. */
  readonly model: string;
  /** Of a named topology: the fetched weights (default), or random ones. */
  readonly weights?: 'imagenet' | 'none';
  /** Side of a square image in pixels. */
  readonly side?: number;
  /** Of an image that need not be square. */
  readonly size?: ImageSize;
  readonly classes?: number;
  /** Classes in front of the list of labels; default: 1 of 1001 classes, else 0. */
  readonly labelOffset?: number;
  /** Of random weights; default 0. */
  readonly seed?: number;
  /** A preset's name or a JSON file; needed for files, known for fetched networks. */
  readonly preprocess?: string;
  /** For readers of layers only: a file's unknown preprocessing is no error (torchvision's stands in). */
  readonly layersOnly?: boolean;
  readonly progress?: Progress;
  /** Instead of the user's cache directory. */
  readonly cacheRoot?: string;
}

/** Loads a model. What cannot be loaded is a FireforgeError of FF1xx, or FF9xx if fetching fails. */
export async function loadNetwork(options: LoadOptions): Promise<Network> {
  const network = await loadLayers(options);
  return options.labelOffset === undefined ? network : { ...network, labelOffset: options.labelOffset };
}

async function loadLayers(options: LoadOptions): Promise<Network> {
  const { model, classes } = options;
  requireSize(options);
  if (classes !== undefined && !(Number.isInteger(classes) && classes >= 1)) {
    throw classesInvalid(model, classes);
  }
  requireTopology(options);
  if (classes !== undefined && (options.end ?? 'classifier') !== 'classifier') {
    throw classesWithoutClassifier(model);
  }
  const version = TOPOLOGIES.get(model);
  if (version && options.weights === 'none') return randomNetwork(version, options);
  const source = findSource(model);
  if (source) return fetchedNetwork(source, options);
  const bytes = readModel(model);
  if (options.weights === 'none') throw weightsNoneWithFile(model, MODEL_NAMES);
  const network = await readNetwork(bytes, options);
  requireClasses(network, options);
  return network;
}

function requireSize({ model, side, size }: LoadOptions): void {
  if (side !== undefined && size !== undefined) throw sizeTwice(model);
  for (const length of size ? [size.height, size.width] : side === undefined ? [] : [side]) {
    if (!Number.isInteger(length)) throw sideInvalid(model, length);
    if (length < MIN_SIDE) throw sideTooSmall(model, length, MIN_SIDE);
    if (length > MAX_SIDE) throw sideTooLarge(model, length, MAX_SIDE);
  }
}

/** The size asked for, or a square one. */
function sizeOf({ side, size }: LoadOptions, defaultSide: number): ImageSize {
  return size ?? { height: side ?? defaultSide, width: side ?? defaultSide };
}

const longerSide = ({ height, width }: ImageSize) => Math.max(height, width);

function randomNetwork(version: SqueezenetVersion, options: LoadOptions): Network {
  const size = sizeOf(options, DEFAULT_SIDE[version]);
  const wish = options.preprocess ?? 'torchvision';
  return randomSqueezenet({
    version,
    side: size.height,
    width: size.width,
    classes: options.classes ?? IMAGENET_CLASSES,
    seed: options.seed ?? 0,
    preprocess: resolvePreprocess(wish, options.model, longerSide(size), IMAGE_CHANNELS),
    topology: topologyOf(options),
  });
}

function requireTopology({ model, classifierPadding = 0, imagePadding = 'none' }: LoadOptions): void {
  const isWhole = Number.isInteger(classifierPadding) && classifierPadding >= 0;
  if (!isWhole || classifierPadding > MAX_CLASSIFIER_PADDING) {
    const wanted = `a whole number from 0 to ${MAX_CLASSIFIER_PADDING}`;
    throw topologyInvalid(model, 'classifier-padding', classifierPadding, wanted);
  }
  if (parseImagePadding(imagePadding) === undefined) {
    const wanted = 'none, same, or four numbers of one digit: top,left,bottom,right';
    throw topologyInvalid(model, 'image-padding', imagePadding, wanted);
  }
}

const optionName = (field: string) => `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

function topologyOf({ imagePadding, classifierPadding, end }: LoadOptions): TopologyWish {
  return {
    ...(imagePadding !== undefined && { imagePadding }),
    ...(classifierPadding !== undefined && { classifierPadding }),
    ...(end !== undefined && { end }),
  };
}

/** Tested sources are fetched when they are first needed; the others only when the user asks for it. */
async function fetchedNetwork(source: Source, options: LoadOptions): Promise<Network> {
  const { classes, progress, cacheRoot: root } = options;
  const size = sizeOf(options, source.side);
  if (classes !== undefined && classes !== IMAGENET_CLASSES) {
    throw classesWithTrainedWeights(options.model, classes, IMAGENET_CLASSES);
  }
  const wish = options.preprocess ?? source.preprocess;
  const preprocess = resolvePreprocess(wish, options.model, longerSide(size), IMAGE_CHANNELS);
  const { fetchNetwork, findFetched } = await import('./fetch/fetch.ts');
  const { decodeFetched } = await import('./fetch/decode.ts');
  let files = findFetched(source, root);
  if (!files && !source.tested) throw notFetched(source.name);
  files ??= await fetchNetwork(source.name, { ...(progress && { progress }), ...(root && { root }) });
  return decodeFetched(source, readModel(files.weights), { size, preprocess, topology: topologyOf(options) });
}

function readModel(file: string): Uint8Array {
  try {
    return readRegularFile(file, MAX_MODEL_BYTES);
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw code === 'ENOENT' ? modelNotFound(file, MODEL_NAMES) : modelUnreadable(file, code);
  }
}

type Format = 'safetensors' | 'onnx' | 'caffemodel' | 'pickle';

const EXTENSIONS: Readonly<Record<string, Format>> = {
  '.safetensors': 'safetensors',
  '.onnx': 'onnx',
  '.caffemodel': 'caffemodel',
  '.pkl': 'pickle',
};

/** By extension; failing that by first bytes, of which only safetensors' and ONNX's tell enough. */
function formatOf(file: string, bytes: Uint8Array): Format {
  const known = EXTENSIONS[path.extname(file).toLowerCase()];
  if (known) return known;
  if (bytes[8] === '{'.charCodeAt(0)) return 'safetensors';
  // The ONNX field ir_version (1, a varint under 16), followed by producer_name, opset_import or graph.
  if (bytes[0] === 0x08 && bytes[1] < 16 && [0x12, 0x3a, 0x42].includes(bytes[2])) return 'onnx';
  throw modelFormatUnknown(file);
}

async function readNetwork(bytes: Uint8Array, options: LoadOptions): Promise<Network> {
  const { model } = options;
  const format = formatOf(model, bytes);
  const name = path.basename(model, path.extname(model));
  const preprocessFor = (side: number, channels: number): Preprocess =>
    options.preprocess === undefined && options.layersOnly
      ? anyPreprocess(side, channels)
      : resolvePreprocess(options.preprocess, model, side, channels);
  if (format === 'onnx') {
    const [wish] = Object.keys(topologyOf(options));
    if (wish !== undefined) throw topologyFixedByFile(model, optionName(wish));
    const { importOnnx } = await import('./onnx/import.ts');
    return importOnnx(bytes, {
      file: model,
      name,
      preprocessFor,
      ...((options.side ?? options.size) && { size: sizeOf(options, 0) }),
    });
  }
  const { tensors, topology } = await readTensors(format, bytes, model);
  const named = recogniseTensors(model, tensors, { ...topology, ...topologyOf(options) });
  const size = sizeOf(options, named.defaultSide);
  const preprocess = preprocessFor(longerSide(size), named.channels);
  return networkFromTensors(named, { name, ...size, preprocess });
}

async function readTensors(
  format: Exclude<Format, 'onnx'>,
  bytes: Uint8Array,
  file: string,
): Promise<{ tensors: Map<string, Tensor>; topology?: TopologyWish }> {
  switch (format) {
    case 'safetensors':
      return { tensors: (await import('./safetensors.ts')).readSafetensors(bytes, file) };
    case 'caffemodel':
      return (await import('./caffemodel.ts')).readCaffemodel(bytes, file);
    case 'pickle':
      return { tensors: (await import('./pickle/weights.ts')).readPickledWeights(bytes, file) };
  }
}

function requireClasses(network: Network, { model, classes }: LoadOptions): void {
  if (classes === undefined) return;
  const classifier = network.layers.find((_, index) => isClassifier(network.layers, index));
  if (classifier?.kind !== 'conv') throw classesWithoutClassifier(model);
  const trained = classifier.conv.outChannels;
  if (classes !== trained) {
    throw classesWithTrainedWeights(model, classes, trained);
  }
}
