import { describe, expect, it } from 'vitest';
import { NdArray } from '../../../../gen/import/pickle/numpy.ts';
import { unpickle } from '../../../../gen/import/pickle/unpickle.ts';
import { readPickledWeights } from '../../../../gen/import/pickle/weights.ts';
import { diagnosticOf } from '../errors.ts';

const bytes = (...parts: (string | number[] | Uint8Array)[]) =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  );

const refusal = async (pickle: Uint8Array) => {
  const { code, reason } = await diagnosticOf(() => unpickle(pickle, 'w.pkl'));
  return `${code} ${reason}`;
};

const text = (value: string) => bytes('X', [value.length, 0, 0, 0], value);

/** An array of float32 as NumPy 1 pickles it under protocol 3; `extra` overrides parts of its state. */
function array(shape: number[], values: number[], extra: { order?: string; fortran?: boolean } = {}) {
  const data = new Uint8Array(Float32Array.from(values).buffer);
  return bytes(
    'cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R',
    bytes('(K\x01(', ...shape.map((n) => bytes('K', [n])), 't'),
    bytes('cnumpy\ndtype\n', text('f4'), 'K\x00K\x01\x87R(K\x03', text(extra.order ?? '<')),
    bytes('NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb', extra.fortran ? '\x88' : '\x89'),
    bytes('B', [data.length, 0, 0, 0], data, 'tb'),
  );
}

const PROTOCOL_3 = '\x80\x03';

describe('unpickle', () => {
  it('reads containers, numbers and memos', () => {
    const pickle = bytes(PROTOCOL_3, '}q\x00(', text('a'), ']q\x01(K\x05M\x00\x01J\xfe\xff\xff\xffNh\x01eu.');
    const list = (unpickle(pickle, 'w') as Map<string, unknown[]>).get('a')!;
    expect(list.slice(0, 4)).toEqual([5, 256, -2, null]);
    expect(list[4]).toBe(list);
  });

  it('reads an array, also of protocol 4 with its frames and stack globals', () => {
    const old = unpickle(bytes(PROTOCOL_3, array([2, 1], [1.5, -2]), '.'), 'w') as NdArray;
    expect(old).toBeInstanceOf(NdArray);
    expect([old.shape, [...old.values]]).toEqual([
      [2, 1],
      [1.5, -2],
    ]);
    const short = (value: string) => bytes('\x8c', [value.length], value, '\x94');
    const type = unpickle(
      bytes(
        '\x80\x04\x95',
        [0, 0, 0, 0, 0, 0, 0, 0],
        short('numpy'),
        short('dtype'),
        '\x93\x94',
        short('f4'),
        '\x85R.',
      ),
      'w',
    );
    expect(type).toMatchObject({ code: 'f4' });
  });

  it.each([
    ['os.system', bytes(PROTOCOL_3, 'cos\nsystem\n', text('true'), '\x85R.')],
    ['builtins.eval', bytes(PROTOCOL_3, 'cbuiltins\neval\n', text('1'), '\x85R.')],
    ['numpy.load', bytes(PROTOCOL_3, 'cnumpy\nload\n.')],
    ['_codecs.encode', bytes(PROTOCOL_3, 'c_codecs\nencode\n.')],
    ['os.system', bytes('\x80\x04\x8c\x02os\x8c\x06system\x93.')],
  ])('refuses the global %s', async (name, pickle) => {
    expect(await refusal(pickle)).toMatch(
      new RegExp(`^FF141 the pickle asks for ${name.replace('.', '\\.')} at byte \\d+; only NumPy's`),
    );
  });

  it.each([
    ['INST', 'ios\nsystem\n'],
    ['OBJ', 'o'],
    ['NEWOBJ', '\x81'],
    ['EXT1', '\x82\x01'],
    ['PERSID', 'Pid\n'],
    ['BINPERSID', 'Q'],
    ['NEWOBJ_EX', '\x92'],
    ['0xff', '\xff'],
  ])('refuses the opcode %s', async (name, code) => {
    expect(await refusal(bytes(PROTOCOL_3, '(', code, '.'))).toBe(
      `FF140 the pickle uses the opcode ${name} at byte 3, which is not on the list of harmless ones`,
    );
  });

  it('calls nothing but _reconstruct of ndarray and dtype', async () => {
    const call = /^FF142 .*something other than _reconstruct/;
    expect(await refusal(bytes(PROTOCOL_3, 'cnumpy\nndarray\nK\x02\x85R.'))).toMatch(call);
    const nested = bytes(PROTOCOL_3, 'cnumpy.core.multiarray\n_reconstruct\ncnumpy\ndtype\n\x85R.');
    expect(await refusal(nested)).toMatch(call);
    expect(await refusal(bytes(PROTOCOL_3, text('x'), ')R.'))).toMatch(call);
    expect(await refusal(bytes(PROTOCOL_3, '}(K\x01K\x02tb.'))).toMatch(/given a state/);
  });

  it('refuses malformed pickles', async () => {
    const whole = bytes(PROTOCOL_3, array([2, 1], [1, 2]), '.');
    expect(await refusal(whole.subarray(0, 60))).toMatch(/^FF142 /);
    expect(await refusal(whole.subarray(0, whole.length - 1))).toMatch(/^FF142 .*it ends within/);
    expect(await refusal(bytes('\x80\x05N.'))).toMatch(/protocol 5 is newer/);
    expect(await refusal(bytes(PROTOCOL_3, 'h\x07.'))).toMatch(/memo 7/);
    expect(await refusal(bytes(PROTOCOL_3, '.'))).toMatch(/stack underflows/);
    expect(await refusal(bytes(PROTOCOL_3, 't.'))).toMatch(/mark is missing/);
    expect(await refusal(bytes(PROTOCOL_3, array([3], [1, 2]), '.'))).toMatch(/shape 3 holds 2 values/);
    expect(await refusal(bytes(PROTOCOL_3, array([1], [1], { order: '>' }), '.'))).toMatch(/little-endian/);
    expect(await refusal(bytes(PROTOCOL_3, array([1], [1], { fortran: true }), '.'))).toMatch(/Fortran/);
  });
});

describe('readPickledWeights', () => {
  it('turns HWIO into OIHW', () => {
    // 1 x 2 taps, 2 inputs, 3 outputs; the value is 100·tap + 10·input + output.
    const hwio = [0, 1].flatMap((t) => [0, 1].flatMap((i) => [0, 1, 2].map((o) => 100 * t + 10 * i + o)));
    const pair = bytes(']', '(', array([1, 2, 2, 3], hwio), array([3], [7, 8, 9]), 'e');
    const tensors = readPickledWeights(bytes(PROTOCOL_3, '}', text('c'), pair, 's.'), 'w');
    const weight = tensors.get('c.weight')!;
    expect(weight.shape).toEqual([3, 2, 1, 2]);
    expect([...weight.values]).toEqual([0, 100, 10, 110, 1, 101, 11, 111, 2, 102, 12, 112]);
    expect([...tensors.get('c.bias')!.values]).toEqual([7, 8, 9]);
  });

  it('refuses a dict of something else', async () => {
    const pickle = bytes(PROTOCOL_3, '}', text('c'), 'K\x01s.');
    expect((await diagnosticOf(() => readPickledWeights(pickle, 'w.pkl'))).reason).toMatch(
      /its layer c is not/,
    );
  });
});
