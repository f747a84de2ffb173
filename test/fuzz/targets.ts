/** Everything that reads a file from outside, by the kind of file: what it is tried on, and what is done with it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readCaffemodel } from '../../gen/import/caffemodel.ts';
import { readMembers } from '../../gen/import/fetch/archive.ts';
import { networkFromTensors, recogniseTensors } from '../../gen/import/from-tensors.ts';
import { importOnnx } from '../../gen/import/onnx/import.ts';
import { readPickledWeights } from '../../gen/import/pickle/weights.ts';
import { parsePreprocess, preset } from '../../gen/import/preprocess.ts';
import type { Prng } from '../../gen/import/prng.ts';
import { readSafetensors } from '../../gen/import/safetensors.ts';
import type { Tensor } from '../../gen/import/tensor.ts';
import { inspectNetwork } from '../../gen/inspect.ts';
import { formatCalibration, parseCalibration } from '../../gen/quantize/calibration-file.ts';
import { quantize } from '../../gen/quantize/quantize.ts';
import { readLabels } from '../../sim/image/labels.ts';
import { prepareImage } from '../../sim/image/prepare.ts';
import { decodeTape } from '../../sim/tape/decode.ts';
import { runTape } from '../../sim/tape/interpreter.ts';
import { madeUpCalibration, smallNetwork as smallFloatNetwork } from '../gen/quantize/small-network.ts';
import { smallGeometry, smallImage, smallNetwork, smallTape } from '../sim/tape/small-network.ts';
import {
  ARCHIVE_MEMBER,
  archiveFiles,
  caffemodelFiles,
  imageFiles,
  networkFiles,
  onnxFiles,
  pickleFiles,
  resealed,
  safetensorsFiles,
  throughGzip,
} from './files.ts';
import { mutate, mutateText } from './mutate.ts';
import { changeGraph } from './onnx-model.ts';

export interface Target {
  readonly name: string;
  /** Its part of all mutated files. */
  readonly share: number;
  /** Undamaged; each is read whole first. */
  readonly files: readonly Uint8Array[];
  damage(file: Uint8Array, other: Uint8Array, random: Prng): Uint8Array;
  read(file: Uint8Array): unknown;
}

function recognise(tensors: Map<string, Tensor>): void {
  const named = recogniseTensors('m', tensors);
  const side = 48;
  networkFromTensors(named, { name: 'm', height: side, width: side, preprocess: preset('caffe', side) });
}

const scratch = mkdtempSync(path.join(tmpdir(), 'fireforge-fuzz-'));
export const removeScratch = () => rmSync(scratch, { recursive: true });

/** For what is read from the disk. */
function onDisk(file: Uint8Array): string {
  const place = path.join(scratch, 'file');
  writeFileSync(place, file);
  return place;
}

const text = (file: Uint8Array) => Buffer.from(file).toString();
const damageText = (file: Uint8Array, other: Uint8Array, random: Prng) =>
  Buffer.from(mutateText(text(file), text(other), random));

export async function targets(): Promise<Target[]> {
  const geometry = smallGeometry(4, 3);
  const tape = smallTape(smallNetwork(3), geometry);
  const image = smallImage(1);
  const network = smallFloatNetwork(3, { bypass: 'complex' });
  const preprocess = { order: 'bgr', mean: [104, 117, 123], scale: [1, 1, 1], resize: 256 };
  return [
    {
      name: 'safetensors',
      share: 19,
      files: safetensorsFiles(),
      damage: mutate,
      read: (file) => recognise(readSafetensors(file, 'm')),
    },
    {
      name: 'whole network',
      share: 1,
      files: networkFiles(),
      damage: mutate,
      read: (file) => recognise(readSafetensors(file, 'm')),
    },
    {
      name: 'onnx',
      share: 25,
      files: onnxFiles(),
      damage: (file, other, random) =>
        random.next() % 2 === 0 ? mutate(file, other, random) : changeGraph(file, random),
      read: (file) =>
        inspectNetwork(
          importOnnx(file, { file: 'm', name: 'm', preprocessFor: (side) => preset('caffe', side) }),
        ),
    },
    {
      name: 'caffemodel',
      share: 12,
      files: caffemodelFiles(),
      damage: mutate,
      read: (file) => recognise(readCaffemodel(file, 'm').tensors),
    },
    {
      name: 'pickle',
      share: 15,
      files: pickleFiles(),
      damage: mutate,
      read: (file) => recognise(readPickledWeights(file, 'm')),
    },
    {
      name: 'archive',
      share: 6,
      files: await archiveFiles(),
      damage: (file, other, random) =>
        random.next() % 2 === 0
          ? mutate(file, other, random)
          : throughGzip(file, (tar) => mutate(tar, other, random)),
      read: (file) => readMembers(file, 'a', [{ path: ARCHIVE_MEMBER, sha256: '' }]),
    },
    {
      name: 'image',
      share: 5,
      files: await imageFiles(),
      damage: mutate,
      read: (file) => prepareImage(onDisk(file), { resize: 24, height: 20, width: 20 }),
    },
    {
      name: 'calibration',
      share: 6,
      files: [Buffer.from(formatCalibration(madeUpCalibration(network)))],
      damage: damageText,
      read: (file) => quantize(network, parseCalibration(text(file), 'c', network)),
    },
    {
      name: 'preprocessing',
      share: 2,
      files: [Buffer.from(JSON.stringify(preprocess))],
      damage: damageText,
      read: (file) => parsePreprocess(text(file), 'p', 224),
    },
    {
      name: 'labels',
      share: 1,
      files: [Buffer.from('file,class_index\na.jpg,3\nb.jpg,999\n')],
      damage: mutate,
      read: (file) => readLabels(onDisk(file)),
    },
    {
      name: 'tape',
      share: 8,
      files: [tape],
      damage: (file, other, random) => {
        const damaged = mutate(file, other, random);
        return random.next() % 8 === 0 ? damaged : resealed(damaged);
      },
      read: (file) => runTape(decodeTape(file, geometry), geometry, image),
    },
  ];
}
