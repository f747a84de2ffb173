import { describe, expect, it } from 'vitest';
import { FireforgeError } from '../../../gen/diagnostics/diagnostic.ts';
import { importOnnx } from '../../../gen/import/onnx/import.ts';
import { unpickle } from '../../../gen/import/pickle/unpickle.ts';
import { preset } from '../../../gen/import/preprocess.ts';
import { Prng } from '../../../gen/import/prng.ts';
import { readSafetensors } from '../../../gen/import/safetensors.ts';
import { smallModel, writeModel } from './onnx/model-writer.ts';
import { f32, writeSafetensors } from './safetensors-writer.ts';

const readOnnx = (bytes: Uint8Array) =>
  importOnnx(bytes, { file: 'm', name: 'm', preprocessFor: (side) => preset('caffe', side) });

// { "a": [5, numpy.dtype("f4")] }
const PICKLE = Buffer.from(
  '\x80\x03}X\x01\x00\x00\x00a](K\x05cnumpy\ndtype\nX\x02\x00\x00\x00f4\x85Res.',
  'latin1',
);

const FORMATS: [string, Uint8Array, (bytes: Uint8Array) => unknown][] = [
  ['onnx', writeModel(smallModel()), readOnnx],
  [
    'safetensors',
    writeSafetensors([f32('a', [2, 3], [1, 2, 3, 4, 5, 6]), f32('b', [2], [7, 8])]),
    (bytes) => readSafetensors(bytes, 'm'),
  ],
  ['pickle', PICKLE, (bytes) => unpickle(bytes, 'm')],
];

/** Reads; whatever is wrong with the bytes must be said by a diagnostic. */
function readOrRefuse(read: (bytes: Uint8Array) => unknown, bytes: Uint8Array, what: string): boolean {
  try {
    read(bytes);
    return true;
  } catch (error) {
    if (error instanceof FireforgeError) return false;
    throw new Error(what, { cause: error });
  }
}

describe.each(FORMATS)('a damaged %s file', (_, whole, read) => {
  it('is read when it is whole', () => {
    expect(readOrRefuse(read, whole, 'whole')).toBe(true);
  });

  it('is refused wherever it is cut off', () => {
    const step = Math.max(1, Math.floor(whole.length / 300));
    for (let length = 0; length < whole.length; length += step) {
      expect(readOrRefuse(read, whole.subarray(0, length), `cut at ${length}`), `cut at ${length}`).toBe(
        false,
      );
    }
  });

  it('never brings down the reader by a changed byte', () => {
    const prng = new Prng(11);
    for (let trial = 0; trial < 1500; trial++) {
      const bytes = Uint8Array.from(whole);
      // Half of them among the first bytes, where every format keeps structure rather than weights.
      const place = prng.next() % (trial % 2 === 0 ? Math.min(1500, bytes.length) : bytes.length);
      bytes[place] = prng.next() & 0xff;
      readOrRefuse(read, bytes, `byte ${place} = ${bytes[place]}`);
    }
  });
});
