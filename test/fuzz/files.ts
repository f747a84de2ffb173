/** Small files of every kind that is read, the undamaged beginnings of the fuzzing. */
import { crc32, gunzipSync, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { convolutionSpecs, squeezenetSpec } from '../../gen/graph/squeezenet.ts';
import { TORCHVISION_FIRST } from '../../gen/import/tensor-names.ts';
import {
  HEADER,
  HEADER_BYTES,
  PACKET,
  PACKET_HEADER_BYTES,
  readFields,
  WORD_BYTES,
  writeFields,
} from '../../gen/tape/format.ts';
import { synthesizeImages } from '../../sim/image/synthetic.ts';
import { writeArchive } from '../gen/import/fetch/archive-writer.ts';
import { floats, insertAfter, smallModel, writeModel } from '../gen/import/onnx/model-writer.ts';
import { f32, type TestTensor, writeSafetensors } from '../gen/import/safetensors-writer.ts';

const ramp = (count: number) => Float32Array.from({ length: count }, (_, i) => ((i % 13) - 6) / 16);

/** As much of a network as recognising needs, under each naming. */
export function safetensorsFiles(): Uint8Array[] {
  const f16: TestTensor = { name: 'half', dtype: 'F16', shape: [3], bytes: new Uint8Array(6) };
  const names = [
    ['conv1.weight', 'conv10.weight', [64, 3, 3, 3], [1, 512, 1, 1]],
    [TORCHVISION_FIRST, 'classifier.1.weight', [64, 3, 3, 3], [1, 512, 1, 1]],
    ['conv1/kernel:0', 'conv10/kernel:0', [3, 3, 3, 64], [1, 1, 512, 1]],
  ] as const;
  const recognised = names.map(([first, last, firstShape, lastShape]) =>
    writeSafetensors([
      f32(first, firstShape, ramp(64 * 27)),
      f32(last, lastShape, ramp(512)),
      f32(first.replace(/weight|kernel/, 'bias'), [64], ramp(64)),
    ]),
  );
  return [...recognised, writeSafetensors([f32('a', [2, 3], ramp(6)), f32('b', [2], ramp(2)), f16])];
}

/** Of the family, with several of the spellings that exporters have. */
export function onnxFiles(): Uint8Array[] {
  const base = smallModel();
  const normalization = insertAfter(base, 'first_raw', 'BatchNormalization');
  const parameters = ['gamma', 'beta', 'mu', 'sigma'].map((name) =>
    floats(name, [16], ramp(16).map(Math.abs), false),
  );
  const normalized = {
    ...normalization,
    nodes: normalization.nodes.map((node) =>
      node.operator === 'BatchNormalization'
        ? { ...node, inputs: [...node.inputs, 'gamma', 'beta', 'mu', 'sigma'] }
        : node,
    ),
    initializers: [...normalization.initializers, ...parameters],
  };
  const open = { ...base, inputs: [{ name: 'image', dims: [0, 3, 0, 0] }], outputs: ['cat_y'] };
  return [
    writeModel(base),
    writeModel(normalized),
    writeModel(open),
    writeModel(insertAfter(base, 'mean_y', 'Flatten')),
  ];
}

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];
const field = (id: number, content: Uint8Array) =>
  Buffer.concat([Buffer.from([...varint(id * 8 + 2), ...varint(content.length)]), content]);

export function caffemodelFiles(): Uint8Array[] {
  const blob = (dims: number[], values: Float32Array) =>
    Buffer.concat([
      field(7, field(1, Buffer.from(dims.flatMap(varint)))),
      field(5, new Uint8Array(values.buffer)),
    ]);
  const layer = (name: string, weight: Buffer, bias: Buffer) =>
    field(
      100,
      Buffer.concat([
        field(1, Buffer.from(name)),
        field(7, weight),
        field(7, bias),
        field(106, Buffer.from([0x18, 1])),
      ]),
    );
  return [
    Buffer.concat([
      layer('conv1', blob([64, 3, 3, 3], ramp(64 * 27)), blob([64], ramp(64))),
      layer('conv10', blob([2, 512, 1, 1], ramp(1024)), blob([2], ramp(2))),
    ]),
  ];
}

/** { "conv1": [array (3, 3, 3, 64), array (64,)] }, as NumPy pickles it. */
export function pickleFiles(): Uint8Array[] {
  const text = (value: string) => Buffer.concat([Buffer.from([0x8c, value.length]), Buffer.from(value)]);
  const int = (value: number) => Buffer.from([0x4d, value & 255, value >> 8]);
  const array = (shape: number[]) => {
    const values = ramp(shape.reduce((count, length) => count * length, 1));
    const data = Buffer.from(values.buffer);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(data.length);
    return Buffer.concat([
      Buffer.from(
        'cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R(K\x01(',
        'latin1',
      ),
      ...shape.map(int),
      Buffer.from('tcnumpy\ndtype\n', 'latin1'),
      text('f4'),
      Buffer.from('K\x00K\x01\x87R(K\x03', 'latin1'),
      text('<'),
      Buffer.from('NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89B', 'latin1'),
      length,
      data,
      Buffer.from('tb', 'latin1'),
    ]);
  };
  const dict = (...items: Buffer[]) =>
    Buffer.concat([Buffer.from('\x80\x03}q\x00(', 'latin1'), ...items, Buffer.from('u.', 'latin1')]);
  const pair = (kernel: number[], bias: number[]) =>
    Buffer.concat([Buffer.from('](', 'latin1'), array(kernel), array(bias), Buffer.from('e', 'latin1')]);
  const conv1 = [text('conv1'), pair([3, 3, 3, 64], [64])];
  // The second contains itself.
  return [
    dict(...conv1, text('conv10'), pair([1, 1, 512, 1], [1])),
    dict(...conv1, text('fire2'), Buffer.from('h\x00')),
  ];
}

/** Whole networks with weights of 0, under Caffe's names and under Keras'. */
export function networkFiles(): Uint8Array[] {
  const tensor = (name: string, shape: number[]): TestTensor => ({
    ...{ name, dtype: 'F16', shape },
    bytes: new Uint8Array(2 * shape.reduce((count, length) => count * length, 1)),
  });
  const specs = convolutionSpecs(squeezenetSpec('1.1', 2));
  const caffe = specs.flatMap(({ name, outChannels, inChannels, kernel }) => [
    tensor(`${name}.weight`, [outChannels, inChannels, kernel, kernel]),
    tensor(`${name}.bias`, [outChannels]),
  ]);
  const keras = specs.flatMap(({ name, outChannels, inChannels, kernel }) => [
    tensor(`${name}/kernel:0`, [kernel, kernel, inChannels, outChannels]),
    tensor(`${name}/bias:0`, [outChannels]),
  ]);
  return [caffe, keras].map(writeSafetensors);
}

export const ARCHIVE_MEMBER = 'p/weights.pkl';

export async function archiveFiles(): Promise<Uint8Array[]> {
  return [await writeArchive({ 'p/notes': 'some text', [ARCHIVE_MEMBER]: 'x'.repeat(2000), 'p/last': '' })];
}

/** Damage to what is in the archive, not to its compression. */
export function throughGzip(archive: Uint8Array, change: (tar: Uint8Array) => Uint8Array): Uint8Array {
  return gzipSync(change(gunzipSync(archive)), { level: 1 });
}

export async function imageFiles(): Promise<Uint8Array[]> {
  const raw = { width: 24, height: 20, channels: 3 } as const;
  const [data] = synthesizeImages(1, 1, raw.height, raw.width);
  return Promise.all([
    sharp(data, { raw }).png().toBuffer(),
    sharp(data, { raw }).jpeg().toBuffer(),
    sharp(data, { raw }).jpeg({ progressive: true }).toBuffer(),
    sharp(data, { raw }).toColourspace('b-w').png({ palette: true }).toBuffer(),
  ]);
}

/** A damaged tape whose every CRC is right again, so that what stands in its commands is looked at. */
export function resealed(tape: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(tape.subarray(0, tape.length - (tape.length % WORD_BYTES)));
  for (let at = HEADER_BYTES; at + PACKET_HEADER_BYTES <= bytes.length; ) {
    const { wordsLow, wordsHigh } = readFields(bytes, at, PACKET);
    const payload = bytes
      .subarray(at + PACKET_HEADER_BYTES)
      .subarray(0, (wordsLow + 2 ** 16 * wordsHigh) * WORD_BYTES);
    writeFields(bytes, at, PACKET, { payloadCrc: crc32(payload) });
    writeFields(bytes, at, PACKET, { crc: crc32(bytes.subarray(at, at + PACKET.crc[0])) });
    at += PACKET_HEADER_BYTES + payload.length;
  }
  if (bytes.length < HEADER_BYTES) return bytes;
  writeFields(bytes, 0, HEADER, {
    words: bytes.length / WORD_BYTES,
    tapeId: crc32(bytes.subarray(HEADER_BYTES)),
  });
  writeFields(bytes, 0, HEADER, { crc: crc32(bytes.subarray(0, HEADER.crc[0])) });
  return bytes;
}
