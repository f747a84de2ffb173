import { describe, expect, it } from 'vitest';
import { readCaffemodel } from '../../../gen/import/caffemodel.ts';
import { diagnosticOf } from './errors.ts';

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];
const field = (id: number, content: Uint8Array) =>
  Buffer.concat([Buffer.from([...varint(id * 8 + 2), ...varint(content.length)]), content]);
const number = (id: number, value: number) => Buffer.from([...varint(id * 8), ...varint(value)]);
const data = (values: number[]) => field(5, new Uint8Array(Float32Array.from(values).buffer));
const shape = (...dims: number[]) => field(7, field(1, Buffer.from(dims.flatMap(varint))));
const blob = (id: number, ...parts: Uint8Array[]) => field(id, Buffer.concat(parts));

describe('readCaffemodel', () => {
  const weight = [1, 2, 3, 4, 5, 6];

  it('reads layers of today, whose blobs have shapes', () => {
    const blobs = [blob(7, shape(2, 3, 1, 1), data(weight)), blob(7, shape(2), data([7, 8]))];
    const layer = field(100, Buffer.concat([field(1, Buffer.from('fire2/squeeze1x1')), ...blobs]));
    const relu = field(100, field(1, Buffer.from('relu')));
    const { tensors, topology } = readCaffemodel(Buffer.concat([layer, relu]), 'n');
    expect(topology).toEqual({ classifierPadding: 0 });
    expect([...tensors.keys()]).toEqual(['fire2/squeeze1x1.weight', 'fire2/squeeze1x1.bias']);
    expect(tensors.get('fire2/squeeze1x1.weight')).toMatchObject({ shape: [2, 3, 1, 1] });
    expect([...tensors.get('fire2/squeeze1x1.weight')!.values]).toEqual(weight);
    expect([...tensors.get('fire2/squeeze1x1.bias')!.values]).toEqual([7, 8]);
  });

  it('reads layers of the older form, whose blobs have four lengths', () => {
    const lengths = (n: number, c: number) => [number(1, n), number(2, c), number(3, 1), number(4, 1)];
    const blobs = [blob(6, ...lengths(2, 3), data(weight)), blob(6, ...lengths(1, 1), data([7, 8]))];
    const file = field(2, Buffer.concat([field(4, Buffer.from('conv1')), ...blobs]));
    const { tensors } = readCaffemodel(file, 'n');
    expect(tensors.get('conv1.weight')!.shape).toEqual([2, 3, 1, 1]);
    expect(tensors.get('conv1.bias')!.shape).toEqual([2]);
  });

  it("reads the classifier's padding, which Caffe's v1.0 has, in each of its spellings", async () => {
    const blobs = (id: number) => [blob(id, shape(1, 1, 1, 1), data([1])), blob(id, shape(1), data([2]))];
    const today = (...pads: Uint8Array[]) =>
      field(
        100,
        Buffer.concat([field(1, Buffer.from('conv10')), ...blobs(7), field(106, Buffer.concat(pads))]),
      );
    const older = field(
      2,
      Buffer.concat([field(4, Buffer.from('conv10')), ...blobs(6), field(10, number(3, 1))]),
    );
    const padding = (file: Uint8Array) => readCaffemodel(file, 'n').topology.classifierPadding;
    expect(padding(today(number(3, 1)))).toBe(1);
    expect(padding(today(number(3, 2), number(3, 2)))).toBe(2);
    expect(padding(today(number(9, 1), number(10, 1)))).toBe(1);
    expect(padding(today())).toBe(0);
    expect(padding(older)).toBe(1);
    const uneven = today(number(3, 1), number(3, 2));
    expect((await diagnosticOf(() => readCaffemodel(uneven, 'n'))).reason).toMatch('the padding 1, 2');
  });

  it('refuses truncated files, files without weights, and wrong counts', async () => {
    const one = (...blobs: Uint8Array[]) =>
      field(100, Buffer.concat([field(1, Buffer.from('conv1')), ...blobs]));
    const good = one(blob(7, shape(2, 3, 1, 1), data(weight)), blob(7, shape(2), data([7, 8])));
    const refusal = async (bytes: Uint8Array) => (await diagnosticOf(() => readCaffemodel(bytes, 'n'))).code;
    expect(await refusal(good.subarray(0, 20))).toBe('FF145');
    expect(await refusal(new Uint8Array(0))).toBe('FF145');
    expect(await refusal(one(blob(7, shape(2), data([7, 8]))))).toBe('FF145');
    expect(await refusal(one(blob(7, shape(3, 3), data(weight)), blob(7, shape(2), data([7, 8]))))).toBe(
      'FF116',
    );
  });
});
