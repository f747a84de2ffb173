/** Messages about models: FF1xx. */
import type { ImageSize } from '../graph/network.ts';
import { type Diagnostic, FireforgeError } from './diagnostic.ts';

const error = (code: Diagnostic['code'], subject: string, reason: string, remedy: string) =>
  new FireforgeError({ code, subject, reason, remedy });

const shapeText = (shape: readonly number[]) => (shape.length === 0 ? 'scalar' : shape.join('x'));
const list = (items: readonly string[]) => items.join(', ');

export function modelNotFound(model: string, names: readonly string[]): FireforgeError {
  return error(
    'FF101',
    model,
    'no such file, and not the name of a model',
    `Give a path to a .safetensors, .onnx or .caffemodel file, or one of the names ${list(names)}.`,
  );
}

export function modelUnreadable(model: string, cause: string): FireforgeError {
  return error('FF102', model, `it cannot be read (${cause})`, 'Check the path and its permissions.');
}

export function modelFormatUnknown(model: string): FireforgeError {
  return error(
    'FF103',
    model,
    'its format is not recognised, neither by its extension nor by its first bytes',
    'Give a .safetensors, .onnx or .caffemodel file; other formats must be exported to one of these first.',
  );
}

export function safetensorsInvalid(file: string, reason: string): FireforgeError {
  return error('FF110', file, `not a valid safetensors file: ${reason}`, 'Save or download the file again.');
}

export function dtypeUnsupported(file: string, tensor: string, dtype: string): FireforgeError {
  return error(
    'FF111',
    `${file}, tensor ${tensor}`,
    `its element type is ${dtype}; weights must be float32 or float16`,
    'Export the model with float32 or float16 weights; quantizing is the work of this program.',
  );
}

export function tensorMissing(file: string, tensor: string): FireforgeError {
  return error(
    'FF112',
    `${file}, tensor ${tensor}`,
    'the file does not contain it',
    'Save the whole network, every convolution with its weight and bias, under the names of the documentation.',
  );
}

export function tensorUnknown(file: string, tensor: string, version: string): FireforgeError {
  return error(
    'FF113',
    `${file}, tensor ${tensor}`,
    `SqueezeNet v${version} has no tensor of this name`,
    'Remove it, or export a changed network as ONNX, which says how its tensors are connected.',
  );
}

export function tensorShape(
  file: string,
  tensor: string,
  expected: readonly number[],
  found: readonly number[],
): FireforgeError {
  return error(
    'FF114',
    `${file}, tensor ${tensor}`,
    `its shape is ${shapeText(found)}, not ${shapeText(expected)}`,
    'Check that the file holds the network it should; a changed network must come as ONNX.',
  );
}

export function nonFiniteTensor(file: string, tensor: string, index: number, value: number): FireforgeError {
  return error(
    'FF115',
    `${file}, tensor ${tensor}`,
    `its element ${index} is ${Number.isNaN(value) ? 'NaN' : 'infinite'}`,
    'Every weight must be finite; the training diverged or the file is damaged: take another checkpoint.',
  );
}

export function tensorBytes(file: string, tensor: string, expected: number, found: number): FireforgeError {
  return error(
    'FF116',
    `${file}, tensor ${tensor}`,
    `its shape needs ${expected} values, but the file holds ${found}`,
    'The file is damaged: save or download it again.',
  );
}

export function tensorNamesUnrecognised(file: string, example: string | undefined): FireforgeError {
  return error(
    'FF117',
    file,
    `no first convolution is among its tensors (${example === undefined ? 'it has none' : `it has ${example}, …`})`,
    'Name the tensors as Caffe (conv1.weight, fire2/squeeze1x1.weight), torchvision (features.0.weight) or ' +
      'Keras (conv1/kernel:0, fire2/squeeze1x1/kernel:0) does.',
  );
}

export function versionUnrecognised(
  file: string,
  tensor: string,
  shape: readonly number[],
  [first, second]: readonly (readonly number[])[],
): FireforgeError {
  return error(
    'FF118',
    `${file}, tensor ${tensor}`,
    `the shape ${shapeText(shape)} is that of neither SqueezeNet v1.0 (${shapeText(first)}) nor v1.1 (${shapeText(second)})`,
    'Export a changed network as ONNX, which says how its tensors are connected.',
  );
}

export function tensorTwice(file: string, tensor: string, other: string): FireforgeError {
  return error(
    'FF119',
    `${file}, tensor ${tensor}`,
    `it is the same parameter as ${other}`,
    'Save the weights of one network alone, without an optimizer and without copies.',
  );
}

export function onnxInvalid(file: string, reason: string): FireforgeError {
  return error('FF120', file, `not a readable ONNX model: ${reason}`, 'Export or download the file again.');
}

export function onnxOperatorUnsupported(
  file: string,
  node: string,
  operator: string,
  supported: readonly string[],
): FireforgeError {
  return error(
    'FF121',
    `${file}, node ${node}`,
    `the operator ${operator} has no counterpart in the accelerator`,
    `Export the network for inference with these operators only: ${list(supported)}.`,
  );
}

export function onnxCycle(file: string, node: string): FireforgeError {
  return error(
    'FF122',
    `${file}, node ${node}`,
    'the graph is cyclic: the node needs its own result',
    'Only feed-forward networks can be compiled; export the model again.',
  );
}

export function onnxValueMissing(file: string, node: string, value: string): FireforgeError {
  return error(
    'FF123',
    `${file}, node ${node}`,
    `its input ${value} is neither an initializer, nor an input of the graph, nor another node's output`,
    'Export the model with its parameters inside the file.',
  );
}

export function onnxValueNotConstant(file: string, node: string, value: string): FireforgeError {
  return error(
    'FF124',
    `${file}, node ${node}`,
    `its parameter ${value} is not a constant of the file`,
    'Weights must be initializers or Constant nodes: export the model with its parameters inside the file.',
  );
}

export function onnxAttributeUnsupported(file: string, node: string, reason: string): FireforgeError {
  return error(
    'FF125',
    `${file}, node ${node}`,
    reason,
    'The accelerator runs dense convolutions and max-pools with square windows: change the layer and train again.',
  );
}

export function onnxPatternUnsupported(file: string, node: string, reason: string): FireforgeError {
  return error(
    'FF126',
    `${file}, node ${node}`,
    reason,
    'The network must be a chain of convolutions, Fire modules and max-pools that ends in a 1x1 convolution ' +
      'and a global average pool, in a global pool alone, or with a map.',
  );
}

export function onnxInputUnsupported(file: string, input: string, reason: string): FireforgeError {
  return error(
    'FF127',
    `${file}, input ${input}`,
    reason,
    'Export the network with one input of shape batch x 3 x height x width (NCHW), or batch x 1 of gray images.',
  );
}

export function onnxDefinedTwice(file: string, value: string): FireforgeError {
  return error(
    'FF128',
    `${file}, value ${value}`,
    'two nodes define it',
    'Every value may have one source: export the model again.',
  );
}

export function mapVanishes(model: string, layer: string, { height, width }: ImageSize): FireforgeError {
  return error(
    'FF129',
    `${model}, layer ${layer}`,
    `nothing is left of an image of ${height}x${width} behind it`,
    'Choose a larger image with --side or --size.',
  );
}

export function mapTooWide(model: string, layer: string, maximum: number): FireforgeError {
  return error(
    'FF147',
    `${model}, layer ${layer}`,
    `its map is larger than ${maximum} pixels on a side`,
    'Check its padding, and choose a smaller image with --side or --size.',
  );
}

export function sideTooLarge(model: string, side: number, maximum: number): FireforgeError {
  return error(
    'FF148',
    model,
    `a side of ${side} pixels is over the maximum of ${maximum}`,
    `Choose at most --side ${maximum}.`,
  );
}

export function sideTooSmall(model: string, side: number, minimum: number): FireforgeError {
  return error(
    'FF130',
    model,
    `a side of ${side} pixels is under the minimum of ${minimum}`,
    `Choose --side ${minimum} or more.`,
  );
}

export function sideInvalid(model: string, side: number): FireforgeError {
  return error(
    'FF131',
    model,
    `a side of ${side} pixels is not a whole number`,
    'Give --side in whole pixels.',
  );
}

export function classesWithTrainedWeights(model: string, asked: number, trained: number): FireforgeError {
  return error(
    'FF132',
    model,
    `its trained weights are for ${trained} classes, not ${asked}`,
    'Leave --classes out, or take --weights none for random weights with any number of classes.',
  );
}

export function classesInvalid(model: string, classes: number): FireforgeError {
  return error(
    'FF133',
    model,
    `${classes} is not a number of classes`,
    'Give --classes a whole number from 1.',
  );
}

export function weightsNoneWithFile(model: string, names: readonly string[]): FireforgeError {
  return error(
    'FF134',
    model,
    '--weights none asks for random weights, but a file brings its own',
    `Leave --weights out, or name a topology instead of a file: ${list(names)}.`,
  );
}

export function sizeFixedByFile(model: string, asked: ImageSize, fixed: ImageSize): FireforgeError {
  const option = asked.height === asked.width ? '--side' : '--size';
  const wish = asked.height === asked.width ? asked.height : `${asked.height}x${asked.width}`;
  return error(
    'FF135',
    model,
    `${option} ${wish} contradicts the file, whose input is ${fixed.height}x${fixed.width}`,
    `Leave ${option} out, or export the model with a dynamic height and width.`,
  );
}

export function sizeTwice(model: string): FireforgeError {
  return error('FF146', model, 'it is given both a --side and a --size', 'Leave one of them out.');
}

export function preprocessMissing(model: string, presets: readonly string[]): FireforgeError {
  return error(
    'FF136',
    model,
    'the file does not say how its input was normalized',
    `Add --preprocess with one of ${list(presets)}, or with a JSON file of order, mean, scale and resize.`,
  );
}

export function preprocessInvalid(
  preprocess: string,
  reason: string,
  presets: readonly string[],
): FireforgeError {
  return error(
    'FF137',
    `--preprocess ${preprocess}`,
    reason,
    `Give one of ${list(presets)}, or a JSON file like ` +
      '{"order": "bgr", "mean": [104, 117, 123], "scale": [1, 1, 1], "resize": 256}.',
  );
}

export function preprocessNotGray(preprocess: string, model: string): FireforgeError {
  return error(
    'FF144',
    `--preprocess ${preprocess}`,
    `${model} reads images of one channel, this makes three`,
    'Give a JSON file like {"order": "gray", "mean": [127.5], "scale": [0.0078], "resize": 256}.',
  );
}

export function classesWithoutClassifier(model: string): FireforgeError {
  return error(
    'FF143',
    model,
    'the network ends without a classifier, so it has no classes',
    'Leave --classes out.',
  );
}

export function topologyInvalid(
  model: string,
  option: string,
  found: number | string,
  wanted: string,
): FireforgeError {
  return error('FF138', model, `--${option} is ${found}, not ${wanted}`, `Give ${wanted}, or leave it out.`);
}

export function topologyFixedByFile(model: string, option: string): FireforgeError {
  return error(
    'FF139',
    model,
    `an ONNX file says itself what ${option} would`,
    'Leave the option out, or export the model as it should be.',
  );
}

export function pickleOpcodeForbidden(file: string, opcode: string, offset: number): FireforgeError {
  return error(
    'FF140',
    file,
    `the pickle uses the opcode ${opcode} at byte ${offset}, which is not on the list of harmless ones`,
    'Nothing was executed. Do not trust the file; get it again from its source.',
  );
}

export function pickleGlobalForbidden(file: string, global: string, offset: number): FireforgeError {
  return error(
    'FF141',
    file,
    `the pickle asks for ${global} at byte ${offset}; only NumPy's _reconstruct, ndarray and dtype are allowed`,
    'Nothing was executed. Do not trust the file; get it again from its source.',
  );
}

export function pickleInvalid(file: string, reason: string): FireforgeError {
  return error(
    'FF142',
    file,
    `not a readable pickle of arrays: ${reason}`,
    'Get the file again from its source.',
  );
}

export function caffemodelInvalid(file: string, reason: string): FireforgeError {
  return error('FF145', file, `not a readable Caffe model: ${reason}`, 'Get the file again from its source.');
}
