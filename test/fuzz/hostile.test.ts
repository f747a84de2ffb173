/** Files made to hurt: each is refused by its code, in under a second, and nothing is written. */
import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { crc32, gzipSync } from 'node:zlib';
import tar from 'tar-stream';
import { afterAll, describe, expect, it } from 'vitest';
import { FireforgeError } from '../../gen/diagnostics/diagnostic.ts';
import { readCaffemodel } from '../../gen/import/caffemodel.ts';
import { readMembers } from '../../gen/import/fetch/archive.ts';
import { loadNetwork } from '../../gen/import/load.ts';
import { importOnnx } from '../../gen/import/onnx/import.ts';
import { readPickledWeights } from '../../gen/import/pickle/weights.ts';
import { preset } from '../../gen/import/preprocess.ts';
import { readSafetensors } from '../../gen/import/safetensors.ts';
import { formatCalibration, parseCalibration } from '../../gen/quantize/calibration-file.ts';
import { HEADER, writeFields } from '../../gen/tape/format.ts';
import { decode } from '../../sim/image/decode.ts';
import { readLabels } from '../../sim/image/labels.ts';
import { decodeTape } from '../../sim/tape/decode.ts';
import {
  changeNode,
  floats,
  smallModel,
  type TestModel,
  writeModel,
} from '../gen/import/onnx/model-writer.ts';
import { assemble } from '../gen/import/safetensors-writer.ts';
import { madeUpCalibration, smallNetwork as smallFloatNetwork } from '../gen/quantize/small-network.ts';
import { smallGeometry, smallNetwork, smallTape } from '../sim/tape/small-network.ts';
import { onnxFiles, resealed } from './files.ts';
import { MOST_MEMORY, mostMemory, processorSeconds, SLOWEST_SECONDS } from './seconds.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'fireforge-hostile-'));
const at = (name: string) => path.join(folder, name);
afterAll(() => {
  rmSync(folder, { recursive: true });
  expect(mostMemory()).toBeLessThan(MOST_MEMORY);
});

/** The message of what must be refused, in time. */
async function refusal(read: () => unknown): Promise<string> {
  const start = processorSeconds();
  try {
    await read();
  } catch (error) {
    expect(processorSeconds() - start).toBeLessThan(SLOWEST_SECONDS);
    expect(error).toBeInstanceOf(FireforgeError);
    return (error as Error).message;
  }
  throw new Error('it was read');
}

describe('safetensors', () => {
  const read = (header: string) => refusal(() => readSafetensors(assemble(header, Buffer.alloc(8)), 'm'));

  it('with a header of a length that no file has', async () => {
    for (const length of [2n ** 64n - 1n, 2n ** 53n, 2n ** 31n]) {
      const bytes = Buffer.alloc(64);
      bytes.writeBigUInt64LE(length);
      expect(await refusal(() => readSafetensors(bytes, 'm'))).toMatch(/^error FF110: m: .*its header/);
    }
  });

  it('with lists in lists in lists', async () => {
    expect(await read(`{"a":${'['.repeat(4_000_000)}`)).toMatch('FF110');
    const nested = `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`;
    expect(await read(`{"a":{"dtype":"F32","shape":${nested},"data_offsets":[0,8]}}`)).toMatch('FF110');
    expect(await read('['.repeat(5_000_000))).toMatch('its header would be 5000000 bytes long');
  });

  it('with shapes whose product is no number of elements', async () => {
    const shaped = (shape: string) => read(`{"a":{"dtype":"F32","shape":[${shape}],"data_offsets":[0,8]}}`);
    expect(await shaped('9007199254740991,9007199254740991')).toMatch('FF110');
    expect(await shaped(Array(300_000).fill('1').join(','))).toMatch('FF110');
  });

  it('with names that would take over a terminal or fill it', async () => {
    const named = await read('{"\\u001b[2J\\u0007":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}');
    expect(named).toMatch('FF111');
    expect(named.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    const long = await read(`{"${'x'.repeat(1_000_000)}":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}`);
    expect(long.length).toBeLessThan(2000);
  });
});

describe('ONNX', () => {
  const load = (bytes: Uint8Array) =>
    importOnnx(bytes, { file: 'm', name: 'm', preprocessFor: (side) => preset('caffe', side) });
  const read = (model: TestModel | Uint8Array) => {
    const bytes = model instanceof Uint8Array ? model : writeModel(model);
    return refusal(() => load(bytes));
  };
  const base = smallModel();

  it('with groups in groups in groups', async () => {
    expect(await read(Buffer.alloc(1_000_000, 0x0b))).toMatch('it is nested too deeply');
  });

  it('with more nodes than any network, or longer chains', async () => {
    const chain = (count: number) =>
      Array.from({ length: count }, (_, i) => ({
        ...{ operator: 'Identity', inputs: [i === 0 ? 'pool_y' : `i${i - 1}`], output: `i${i}` },
      }));
    const more = (count: number) => read({ ...base, nodes: [...base.nodes, ...chain(count)] });
    expect(await more(100_000)).toMatch(
      'FF120: m: not a readable ONNX model: it has more than 300000 fields',
    );
    expect(await more(15_000)).toMatch(/FF120.*connections/);
    // Each of many readers asks what stands before the same long chain.
    const readers = Array.from({ length: 4000 }, (_, i) => ({
      ...{ operator: 'Relu', inputs: ['i3999'], output: `r${i}` },
    }));
    const outputs = [...base.outputs, ...readers.map(({ output }) => output)];
    expect(await read({ ...base, outputs, nodes: [...base.nodes, ...chain(4000), ...readers] })).toMatch(
      'FF126',
    );
    const pools = Array.from({ length: 6000 }, (_, i) => ({
      ...{ operator: 'MaxPool', inputs: [i === 0 ? 'cat_y' : `p${i - 1}`], output: `p${i}` },
      attributes: { kernel_shape: [1, 1] },
    }));
    const start = processorSeconds();
    expect(
      load(writeModel({ ...base, outputs: ['p5999'], nodes: [...base.nodes, ...pools] })).layers,
    ).toHaveLength(6003);
    expect(processorSeconds() - start).toBeLessThan(SLOWEST_SECONDS);
  });

  it('with an image or a map as large as a continent', async () => {
    const image = (...dims: number[]) => read({ ...base, inputs: [{ name: 'image', dims }] });
    expect(await image(1, 3, 2 ** 31, 2 ** 31)).toMatch('FF148');
    expect(await image(1, 3, 64, 5000)).toMatch('FF148');
    const wide = {
      kernel_shape: [2 ** 40, 2 ** 40],
      pads: [0, 0, 1, 1].map((pixel) => pixel * (2 ** 40 - 1)),
    };
    expect(await read(changeNode(base, 'pool', { attributes: wide }))).toMatch('FF125');
    const padded = { kernel_shape: [2 ** 40, 2 ** 40], pads: Array(4).fill(2 ** 40 - 1) };
    expect(await read(changeNode(base, 'pool', { attributes: padded }))).toMatch('FF125');
    const growing = Array.from({ length: 9 }, (_, i) => ({
      ...{ operator: 'MaxPool', inputs: [i === 0 ? 'cat_y' : `p${i - 1}`], output: `p${i}` },
      attributes: { kernel_shape: [4000, 4000], pads: [3999, 3999, 3999, 3999] },
    }));
    expect(await read({ ...base, outputs: ['p8'], nodes: [...base.nodes, ...growing] })).toMatch('FF147');
  });

  it('with tensors that say they are larger than memory', async () => {
    const huge = (dims: number[]) => ({ name: 'first_w', dims, dataType: 1, rawData: new Uint8Array(16) });
    const replaced = (tensor: object) => ({
      ...base,
      initializers: base.initializers.map((t) => ((t as { name: string }).name === 'first_w' ? tensor : t)),
    });
    expect(await read(replaced(huge([2 ** 40, 3, 3, 3])))).toMatch('FF116');
    expect(await read(replaced(huge(Array(100).fill(2))))).toMatch('more than 8 dimensions');
    expect(await read(replaced(huge([2 ** 52, 2 ** 52, 2 ** 52, 2 ** 52])))).toMatch('FF116');
  });

  it('with a batch normalization that leaves no number', async () => {
    const [, normalized] = onnxFiles();
    expect(load(normalized).layers).toHaveLength(5);
    const model = smallModel();
    const nodes = model.nodes.map((node) =>
      node.name === 'first_relu' ? { ...node, inputs: ['first_bn'] } : node,
    );
    const parameters = ['g', 'b', 'm', 'v'];
    const negative = {
      ...model,
      nodes: [
        ...nodes,
        { operator: 'BatchNormalization', inputs: ['first_raw', ...parameters], output: 'first_bn' },
      ],
      initializers: [
        ...model.initializers,
        ...parameters.map((name) => floats(name, [16], Array(16).fill(-1))),
      ],
    };
    expect(await read(negative)).toMatch('FF115');
  });
});

describe('an ONNX file and a caffemodel', () => {
  it('with lists of millions of numbers where some are', async () => {
    // Model.graph.initializer.dims, packed.
    const varint = (value: number): number[] =>
      value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];
    const field = (id: number, content: Uint8Array) =>
      Buffer.concat([Buffer.from([...varint(id * 8 + 2), ...varint(content.length)]), content]);
    const dims = field(7, field(5, field(1, Buffer.alloc(2 ** 25, 1))));
    const options = { file: 'm', name: 'm', preprocessFor: (side: number) => preset('caffe', side) };
    expect(await refusal(() => importOnnx(dims, options))).toMatch(
      'a list of numbers in it has 33554432 bytes',
    );
    const shape = field(100, field(7, field(7, field(1, Buffer.alloc(2 ** 25, 1)))));
    expect(await refusal(() => readCaffemodel(shape, 'm'))).toMatch(
      'a list of numbers in it has 33554432 bytes',
    );
  });
});

describe('a caffemodel', () => {
  it('with groups in groups in groups', async () => {
    expect(await refusal(() => readCaffemodel(Buffer.alloc(1_000_000, 0x0b), 'm'))).toMatch(
      'nested too deeply',
    );
  });

  it('that is millions of empty layers', async () => {
    const layers = Buffer.alloc(3 * 2 ** 23, Buffer.from([0xa2, 0x06, 0x00]));
    expect(await refusal(() => readCaffemodel(layers, 'm'))).toMatch('it has more than 300000 fields');
  });
});

describe('a pickle', () => {
  const read = (...parts: (string | Buffer)[]) =>
    refusal(() =>
      readPickledWeights(
        Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part))),
        'm',
      ),
    );
  /** (x, x) of (x, x) of …: a text of it would have 2^100 parts. */
  const laughs = `K\x01${'q\x00h\x00\x86'.repeat(100)}`;

  it('that is doubled a hundred times where a name is expected', async () => {
    expect(await read('\x80\x04}', laughs, 'K\x01s.')).toMatch('a key of its dict is not a text');
    expect(await read('\x80\x04', laughs, laughs, '\x93.')).toMatch('a global has no name');
  });

  it('that is a tuple in a tuple in a tuple', async () => {
    const deep = `K\x01${'\x85'.repeat(1_000_000)}`;
    expect(await read('\x80\x04}', deep, 'K\x01s.')).toMatch('FF142');
    expect(await read('\x80\x04', deep, deep, '\x93.')).toMatch('FF142');
    expect(await read('\x80\x04', deep, '.')).toMatch('it has more than 100000 steps');
    const shallow = `K\x01${'\x85'.repeat(40_000)}`;
    expect(await read('\x80\x04}', shallow, 'K\x01s.')).toMatch('a key of its dict is not a text');
    expect(await read('\x80\x04', shallow, shallow, '\x93.')).toMatch('a global has no name');
  });

  it('that promises more bytes than there are', async () => {
    expect(await read('\x80\x04\x8e', Buffer.alloc(8, 0xff))).toMatch('it ends within');
    expect(await read('\x80\x04B', Buffer.alloc(4, 0xff))).toMatch('it ends within');
  });

  it('that wants to import or call something', async () => {
    expect(await read("cos\nsystem\n(S'true'\ntR.")).toMatch('FF141');
    expect(await read('\x80\x04\x8c\x02os\x8c\x06system\x93.')).toMatch('FF141');
  });
});

describe('an archive', () => {
  const wanted = [{ path: 'p/weights', sha256: '0' }];
  const read = (archive: Uint8Array) => refusal(() => readMembers(archive, 'a', wanted));

  it('that unpacks to a thousand times its size', async () => {
    // A gzip file may consist of parts: one of 16 MB of zeros, 64 times.
    const pack = tar.pack();
    pack.entry({ name: 'p/weights' }, 'x');
    pack.finalize();
    const first = (await buffer(pack)).subarray(0, 512);
    first.write('10000000000\0', 124);
    first.fill(' ', 148, 156);
    const sum = first.reduce((total, byte) => total + byte, 0);
    first.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    const zeros = gzipSync(Buffer.alloc(2 ** 24), { level: 9 });
    const bomb = Buffer.concat([gzipSync(first), ...Array<Buffer>(64).fill(zeros)]);
    expect(bomb.length).toBeLessThan(2 ** 21);
    expect(await read(bomb)).toMatch(/FF906.*it unpacks to more than/);
  });

  it('whose paths lead elsewhere, or that has a link where a file should be', async () => {
    const pack = tar.pack();
    const names = ['../../escaped', '/tmp/fireforge-escaped', 'p/../../escaped', 'p/./weights', 'P/WEIGHTS'];
    for (const name of names) pack.entry({ name }, 'hostile');
    pack.entry({ name: 'p/weights', type: 'symlink', linkname: '/etc/passwd' });
    pack.entry({ name: 'p/weights', type: 'link', linkname: '/etc/passwd' });
    pack.entry({ name: 'p/weights', type: 'directory' });
    pack.finalize();
    const before = readdirSync(tmpdir());
    expect(await read(gzipSync(await buffer(pack)))).toMatch(/FF905.*it does not contain p\/weights/);
    expect(readdirSync(tmpdir()).filter((name) => !before.includes(name) && /escaped/.test(name))).toEqual(
      [],
    );
  });

  it('that ends within a member', async () => {
    const pack = tar.pack();
    pack.entry({ name: 'p/weights' }, 'x'.repeat(5000));
    pack.finalize();
    const whole = await buffer(pack);
    for (const length of [600, 2000, 5000])
      expect(await read(gzipSync(whole.subarray(0, length)))).toMatch('FF906');
  });
});

describe('an image', () => {
  it('that says it has billions of pixels', async () => {
    const chunk = (type: string, data: Buffer) => {
      const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
      length.writeUInt32BE(data.length);
      const body = Buffer.concat([Buffer.from(type), data]);
      sum.writeUInt32BE(crc32(body));
      return Buffer.concat([length, body, sum]);
    };
    const png = (width: number, height: number) => {
      const size = Buffer.alloc(13);
      size.writeUInt32BE(width, 0);
      size.writeUInt32BE(height, 4);
      size.set([8, 2], 8);
      const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
      const data = gzipSync(Buffer.alloc(1000));
      return Buffer.concat([
        signature,
        chunk('IHDR', size),
        chunk('IDAT', data),
        chunk('IEND', Buffer.alloc(0)),
      ]);
    };
    for (const [width, height] of [
      [60_000, 60_000],
      [2 ** 31 - 1, 1],
      [9000, 9000],
    ]) {
      writeFileSync(at('huge.png'), png(width, height));
      expect(await refusal(() => decode(at('huge.png')))).toMatch('FF203');
    }
  });
});

describe('a calibration', () => {
  const network = smallFloatNetwork(3, { bypass: 'complex' });
  const good = formatCalibration(madeUpCalibration(network));
  const read = (text: string) => refusal(() => parseCalibration(text, 'c', network));

  it('with numbers that no activation has', async () => {
    for (const number of ['1e308', '1e39', '1e-320', '-1', 'null']) {
      expect(await read(good.replace('"range": [1,', `"range": [${number},`))).toMatch('FF302');
    }
  });

  it('with lists in lists in lists', async () => {
    const nested = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect(await read(good.replace('"range": [1,', `"range": [${nested},`))).toMatch('it is not JSON');
    expect(await read(good.replace('"range": [1,', '"range": [[[1]],'))).toMatch('number 1 is a list');
    expect(await read(good.replace('"version": 1', '"version": [1]'))).toMatch('"version" is a list');
    expect(await read('['.repeat(5_000_000))).toMatch('it is not JSON');
  });
});

describe('a tape', () => {
  const geometry = smallGeometry(4, 3);
  const good = smallTape(smallNetwork(3), geometry);

  it('with counts as large as they get, and right CRCs', async () => {
    const most = { words: 2 ** 32 - 1, stages: 65535, classes: 65535, imageWidth: 65535, imageHeight: 65535 };
    const others = { outWidth: 65535, outHeight: 65535, packGroups: 65535, mapTop: 65535, kernel: 255 };
    for (const [field, value] of Object.entries({ ...most, ...others })) {
      const tape = Uint8Array.from(good);
      writeFields(tape, 0, HEADER, { [field]: value });
      const sealed = field === 'words' ? tape : resealed(tape);
      if (field === 'words') writeFields(tape, 0, HEADER, { crc: crc32(tape.subarray(0, HEADER.crc[0])) });
      expect(await refusal(() => decodeTape(sealed, geometry)), field).toMatch(/FF60[56]/);
    }
  });
});

describe('a place that is no file, or too large a one', () => {
  const load = (model: string) => refusal(() => loadNetwork({ model, preprocess: 'caffe' }));

  it('is not waited for', async () => {
    execFileSync('mkfifo', [at('pipe.onnx'), at('pipe.csv'), at('pipe.png')]);
    expect(await load(at('pipe.onnx'))).toMatch('FF102');
    expect(await load('/dev/zero')).toMatch('it is not a regular file');
    expect(await load(folder)).toMatch('EISDIR');
    expect(await refusal(() => readLabels(at('pipe.csv')))).toMatch('FF207');
    expect(await refusal(() => decode(at('pipe.png')))).toMatch('FF201');
  });

  it('is not read', async () => {
    const descriptor = openSync(at('large.safetensors'), 'w');
    ftruncateSync(descriptor, 2 ** 33);
    closeSync(descriptor);
    expect(await load(at('large.safetensors'))).toMatch('its 8589934592 bytes are more than');
  });

  it('nor are lines that a careless pattern never ends with', async () => {
    writeFileSync(at('labels.csv'), `${' '.repeat(2_000_000)}x\n`);
    expect(await refusal(() => readLabels(at('labels.csv')))).toMatch('FF208');
  });
});
