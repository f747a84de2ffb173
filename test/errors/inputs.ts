/** Bad inputs by name, for the cases in `cases/`: each writes one file or folder. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { emitVerilog } from '../../gen/emit/verilog.ts';
import { type Geometry, geometryHash } from '../../gen/geometry/geometry.ts';
import { convolutionSpecs, squeezenetSpec } from '../../gen/graph/squeezenet.ts';
import { Prng } from '../../gen/import/prng.ts';
import { floats, smallModel, type TestNode, writeModel } from '../gen/import/onnx/model-writer.ts';

/** Writes its input at `target`; `build` is a folder with a sound build. */
type Writer = (target: string, build: string) => void | Promise<void>;

interface TensorSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values?: ArrayLike<number>;
  readonly dtype?: string;
}

function safetensors(tensors: readonly TensorSpec[]): Buffer {
  const header: Record<string, unknown> = {};
  const data: Buffer[] = [];
  let at = 0;
  for (const { name, shape, values, dtype = 'F32' } of tensors) {
    const count = shape.reduce((product, length) => product * length, 1);
    const bytes = Buffer.from(Float32Array.from(values ?? { length: count }, Number).buffer);
    for (let i = 0; i < bytes.length && !values; i++) bytes[i] = 0;
    header[name] = { dtype, shape, data_offsets: [at, at + bytes.length] };
    data.push(bytes);
    at += bytes.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...data]);
}

/** All tensors of a small-headed v1.1 with seeded values. */
function wholeNetwork(): TensorSpec[] {
  const prng = new Prng(1);
  return convolutionSpecs(squeezenetSpec('1.1', 2)).flatMap(({ name, inChannels, outChannels, kernel }) => {
    const count = outChannels * inChannels * kernel ** 2;
    const values = Float32Array.from({ length: count }, () => prng.uniform() - 0.5);
    return [
      { name: `${name}.weight`, shape: [outChannels, inChannels, kernel, kernel], values },
      { name: `${name}.bias`, shape: [outChannels], values: new Float32Array(outChannels) },
    ];
  });
}

const CONV1 = { name: 'conv1.weight', shape: [64, 3, 3, 3] };
const CONV1_BIAS = { name: 'conv1.bias', shape: [64] };

const INITIALIZERS = [
  floats('w1', [16, 3, 3, 3], new Float32Array(16 * 27)),
  floats('w2', [4, 16, 1, 1], new Float32Array(64)),
];
const CONV: TestNode = { operator: 'Conv', name: 'conv1', inputs: ['image', 'w1'], output: 'a' };

function onnx(nodes: readonly TestNode[]): Uint8Array {
  const outputs = [nodes[nodes.length - 1].output];
  return writeModel({
    nodes,
    initializers: INITIALIZERS,
    inputs: [{ name: 'image', dims: [1, 3, 64, 64] }],
    outputs,
  });
}

const bytes =
  (make: () => Uint8Array | string): Writer =>
  (target) =>
    writeFileSync(target, make());

/** A copy of the sound build, then something done to it. */
const build =
  (spoil: (folder: string) => void): Writer =>
  (target, sound) => {
    cpSync(sound, target, { recursive: true });
    spoil(target);
  };

function edit(file: string, change: (contents: Buffer) => Buffer | string): void {
  writeFileSync(file, change(readFileSync(file)));
}

/** A build whose engine, Verilog included, differs from the sound one's. */
const engine = (change: Partial<Geometry>) =>
  build((folder) => {
    const file = path.join(folder, 'design.json');
    const { geometry: found, ...design } = JSON.parse(readFileSync(file, 'utf8'));
    const { hash: _, lanes, macUnits, ...fields } = found;
    const geometry: Geometry = { ...fields, ...change };
    const described = { hash: geometryHash(geometry), lanes, macUnits, ...geometry };
    writeFileSync(file, JSON.stringify({ ...design, geometry: described }));
    for (const [name, text] of emitVerilog(geometry).files) writeFileSync(path.join(folder, name), text);
  });

const board = (change: object) =>
  JSON.stringify({
    title: 'Mine',
    device: 'mine',
    multipliers: { name: 'DSP', count: 8, bits: 25, macs: 2, requantizer: 1 },
    memories: [{ name: 'RAM', count: 4, kbit: 36, widest: 72, narrowest: 9 }],
    clockMHz: 50,
    port: { bits: 32, burst: 16 },
    defaults: { ringKib: 64, memoryKib: 128 },
    ...change,
  });

const boardFolder =
  (change: object): Writer =>
  (target) => {
    mkdirSync(target);
    writeFileSync(path.join(target, 'board.json'), board(change));
  };

const photograph: Writer = async (target) => {
  const { default: sharp } = await import('sharp');
  const width = 64;
  const data = Buffer.from(Array.from({ length: width * width * 3 }, (_, i) => (i * 37) % 256));
  await sharp(data, { raw: { width, height: width, channels: 3 } })
    .jpeg()
    .toFile(target);
};

export const INPUTS: Readonly<Record<string, Writer>> = {
  'an empty folder': (target) => {
    mkdirSync(target);
  },
  'a folder of notes': (target) => {
    mkdirSync(target);
    writeFileSync(path.join(target, 'notes.txt'), 'mine');
  },
  'a text': bytes(() => 'these are words\n'),
  'a photograph': photograph,
  'a truncated photograph': async (target) => {
    await photograph(target, '');
    edit(target, (jpeg) => jpeg.subarray(0, jpeg.length / 2));
  },
  'labels without a class': bytes(() => 'file,class_index\na.jpg,cat\n'),
  'labels of another image': bytes(() => 'file,class_index\nb.jpg,3\n'),

  'a whole network': bytes(() => safetensors(wholeNetwork())),
  'a network without conv10': bytes(() =>
    safetensors(wholeNetwork().filter(({ name }) => name !== 'conv10.bias')),
  ),
  'a network with NaN': bytes(() => {
    const [first, ...others] = wholeNetwork();
    const values = Float32Array.from(first.values!);
    values[5] = Number.NaN;
    return safetensors([{ ...first, values }, ...others]);
  }),
  'a network of int32': bytes(() => safetensors([{ ...CONV1, dtype: 'I32' }, CONV1_BIAS])),
  'a network of another shape': bytes(() =>
    safetensors([{ name: 'conv1.weight', shape: [64, 3, 5, 5] }, CONV1_BIAS]),
  ),
  'a network of strange names': bytes(() => safetensors([{ name: 'dense.kernel', shape: [2, 2] }])),
  'truncated safetensors': bytes(() => safetensors([CONV1, CONV1_BIAS]).subarray(0, 1000)),

  'truncated ONNX': bytes(() => onnx([CONV]).subarray(0, 400)),
  'ONNX with an LSTM': bytes(() =>
    onnx([CONV, { operator: 'LSTM', name: 'memory', inputs: ['a'], output: 'b' }]),
  ),
  'cyclic ONNX': bytes(() =>
    onnx([
      CONV,
      { operator: 'Add', name: 'loop', inputs: ['a', 'c'], output: 'b' },
      { operator: 'Relu', name: 'back', inputs: ['b'], output: 'c' },
    ]),
  ),
  'ONNX without its weights': bytes(() => onnx([{ ...CONV, inputs: ['image', 'w9'] }])),

  'a pickle that runs a program': bytes(() =>
    Buffer.from('\x80\x03cos\nsystem\nX\x02\x00\x00\x00lsq\x00.', 'latin1'),
  ),
  'a pickle with a forbidden opcode': bytes(() => Buffer.from('\x80\x03K\x01\x82\x05.', 'latin1')),

  'a preprocessing without mean': bytes(() => '{"order": "rgb", "scale": [1, 1, 1], "resize": 256}'),
  'a calibration of another network': (target, sound) => cpSync(path.join(sound, 'calibration.json'), target),

  'a board without clock': boardFolder({ clockMHz: undefined }),
  'a tiny board': boardFolder({}),
  'a build': build(() => {}),
  'a build with a corrupt tape': build((folder) =>
    edit(path.join(folder, 'tape.bin'), (tape) => {
      tape[5000] ^= 1;
      return tape;
    }),
  ),
  'a build of a gone model': build((folder) =>
    edit(path.join(folder, 'design.json'), (json) =>
      String(json)
        .replace('"weights": "none",', '')
        .replace('"model": "squeezenet1.1"', '"model": "gone.onnx"'),
    ),
  ),
  'a build of another seed': build((folder) =>
    edit(path.join(folder, 'design.json'), (json) => String(json).replace('"seed": 3', '"seed": 4')),
  ),
  'a build of 64 pixels of image side': engine({ maxSide: 64 }),
  'a build of 3 pixels of kernel side': engine({ maxKernel: 3 }),
  'a build of a small ring': engine({ ringWords: 512 }),
  'a build of a small feature memory': engine({ mapWords: 900 }),
  'a build of a small command memory': engine({ commandWords: 64 }),
  'a build of a large command memory': engine({ commandWords: 2048 }),
  'a build of short pool rows': engine({ poolWords: 48 }),
  'a build of few pool passes': engine({ poolPasses: 16 }),
  'a build of large images': engine({ maxSide: 1024, mapWords: 65536, poolWords: 4096 }),
  'a build with edited limits': build((folder) =>
    edit(path.join(folder, 'design.json'), (json) =>
      String(json).replace('"mapVectors": 64', '"mapVectors": 32'),
    ),
  ),
  'a build with edited Verilog': build((folder) =>
    edit(path.join(folder, 'rtl', 'packer.v'), (text) => `${text}// mine\n`),
  ),
  'a build of another program': build((folder) =>
    edit(path.join(folder, 'design.json'), (json) =>
      String(json).replace('fireforge-design', 'other-design'),
    ),
  ),
  'a build whose design.json is cut off': build((folder) =>
    edit(path.join(folder, 'design.json'), (json) => json.subarray(0, json.length / 2)),
  ),
  'a network of a wide map': bytes(() => writeModel(smallModel({ expand1x1: 1040 }))),
  'a network of 65536 classes': bytes(() => writeModel(smallModel({ classes: 65536 }))),

  'a build with an edited geometry': build((folder) =>
    edit(path.join(folder, 'design.json'), (json) =>
      String(json).replace(/"ringWords": \d+/, '"ringWords": 64'),
    ),
  ),
};
