/**
 * Every feature of the family by its name, through all witnesses and with exact cycles; and what extended engines
 * alone run: bypasses, two pools in a row, a padded classifier, other ends, and maps that do not fit the chip.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../gen/compile.ts';
import type { Compiled } from '../../gen/compiled.ts';
import { loadBoard } from '../../gen/geometry/boards.ts';
import { geometryFor, parseLanes } from '../../gen/geometry/sizing.ts';
import type { Network } from '../../gen/graph/network.ts';
import { randomSqueezenet } from '../../gen/import/random.ts';
import { resolveCalibration } from '../../host/calibration.ts';
import { synthesizeImages } from '../../sim/image/synthetic.ts';
import { graphValues, verifyAll } from './all-witnesses.ts';
import { type Member, memberNetwork } from './random-member.ts';

const SIDE = 48;
/** The whole network against the float network in ONNX Runtime. */
const LEAST_SQNR_DB = 30;

const member: Member = {
  ...{ height: SIDE, width: SIDE + 3, preprocess: 'caffe', seed: 5 },
  conv1: {
    ...{ channels: 32, kernel: 3, stride: 2, weights: 'bell', pool: { kernel: 3, ceil: true } },
    padding: { top: 0, left: 0, bottom: 0, right: 0 },
  },
  fires: [
    { squeeze: 8, expand1x1: 16, expand3x3: 16, weights: 'bell', pool: null },
    { squeeze: 16, expand1x1: 24, expand3x3: 40, weights: 'bell', pool: { kernel: 3, ceil: true } },
  ],
  classifier: { classes: 11, relu: true, weights: 'bell' },
};

const [first, second] = member.fires;
const simple = { kind: 'simple', relu: false } as const;
const MEMBERS: [string, Member][] = [
  ['a simple bypass', { ...member, fires: [{ ...first, bypass: simple }, second] }],
  [
    'a simple bypass whose terms are unsigned',
    { ...member, fires: [{ ...first, bypass: { kind: 'simple', relu: true } }, second] },
  ],
  [
    'a simple bypass between maps that are cut at other channels',
    {
      ...member,
      fires: [first, { ...first, expand1x1: 20, expand3x3: 12, bypass: simple, pool: second.pool }],
    },
  ],
  [
    'a complex bypass, with a pool behind it',
    { ...member, fires: [first, { ...second, bypass: { kind: 'complex', relu: false } }] },
  ],
  [
    'a bypass around every module',
    {
      ...member,
      fires: [
        { ...first, bypass: simple },
        { ...second, bypass: { kind: 'complex', relu: false } },
      ],
    },
  ],
  ['two pools in a row', { ...member, fires: [first, { ...second, poolAgain: { kernel: 2, ceil: false } }] }],
  ['a network that ends with a map', { ...member, end: 'map' }],
  ['a network that ends with the mean of a map', { ...member, end: 'average' }],
  ['a network that ends with the maximum of a map', { ...member, end: 'maximum' }],
  ['a padded classifier', { ...member, classifier: { ...member.classifier, padding: 1 } }],
];

const [conv1, { classifier }] = [member.conv1, member];
const plain = (change: Partial<Member>): Member => ({ ...member, ...change });
const none = { top: 0, left: 0, bottom: 0, right: 0 };

/** What any engine runs, one thing at a time. */
const FAMILY: [string, Member][] = [
  ['a first convolution of 1x1', plain({ conv1: { ...conv1, kernel: 1, stride: 2 } })],
  ['of 3x3 with stride 1', plain({ conv1: { ...conv1, kernel: 3, stride: 1 } })],
  ['of 5x5', plain({ conv1: { ...conv1, kernel: 5 } })],
  ['of 7x7', plain({ conv1: { ...conv1, kernel: 7 } })],
  ['padding as same', plain({ conv1: { ...conv1, padding: { ...none, bottom: 1, right: 1 } } })],
  [
    'explicit padding, another on each side',
    plain({ conv1: { ...conv1, kernel: 7, padding: { top: 1, left: 2, bottom: 3, right: 0 } } }),
  ],
  ['no 3x3 in the modules', plain({ fires: member.fires.map((fire) => ({ ...fire, expand3x3: 0 })) })],
  ['nothing but 3x3', plain({ fires: member.fires.map((fire) => ({ ...fire, expand1x1: 0 })) })],
  ['one module', plain({ fires: [first] })],
  ['nine modules', plain({ fires: Array.from({ length: 9 }, () => first) })],
  ['widths that fill no lanes', plain({ fires: [{ ...first, squeeze: 3, expand1x1: 5, expand3x3: 7 }] })],
  ['pools of 2x2', plain({ conv1: { ...conv1, pool: { kernel: 2, ceil: true } } })],
  ['pools in floor mode', plain({ conv1: { ...conv1, pool: { kernel: 3, ceil: false } } })],
  [
    'no pools',
    plain({ conv1: { ...conv1, pool: null }, fires: member.fires.map((fire) => ({ ...fire, pool: null })) }),
  ],
  ['a map that is not square', plain({ height: 64, width: 48 })],
  ['one class', plain({ classifier: { ...classifier, classes: 1 } })],
  ['1001 classes', plain({ classifier: { ...classifier, classes: 1001 } })],
  ['a classifier without ReLU', plain({ classifier: { ...classifier, relu: false } })],
  ['filters of zeros', plain({ fires: [{ ...first, weights: 'halfZero' }, second] })],
  ['extreme weights', plain({ fires: [first, { ...second, weights: 'extremes' }] })],
];

/** The first holds all maps of all members; those with a bypass need more than the others. */
const ENGINES = [
  { board: 'sim', lanes: '16x4x2', memoryKib: 128, ringKib: 128 },
  { board: 'kv260', lanes: '16x8x3', memoryKib: 8, ringKib: 16 },
  { board: 'kv260', lanes: '16x8x3', memoryKib: 10, ringKib: 16 },
];
const casesOn = ({ memoryKib }: (typeof ENGINES)[number]) =>
  MEMBERS.filter(([what]) => memoryKib > 64 || what.includes('bypass') === memoryKib > 8);

async function compiledOn(network: Network, engine: (typeof ENGINES)[number]): Promise<Compiled> {
  const calibration = await resolveCalibration(network, { range: 'minmax', seed: 5 }, () => {});
  const { board, lanes, ...wishes } = engine;
  const geometry = geometryFor(loadBoard(board), parseLanes(lanes), { ...wishes, extended: true });
  return compile({ network, calibration, geometry });
}

async function expectExact(compiled: Compiled, latency: number) {
  const { height, width } = compiled.network.input;
  const images = synthesizeImages(2, 3, height, width);
  const found = await verifyAll(compiled, images, { latency, backpressure: 0 });
  const expected = graphValues(compiled.network).map(([name, values]) => ({
    name,
    values: values * images.length,
    witnesses: { onnx: 0, tape: 0, rtl: 0 },
  }));
  expect(found.layers.map(({ name, values, witnesses }) => ({ name, values, witnesses }))).toEqual(expected);
  expect(found.predictedCycles).toBe(found.cycles);
  return found;
}

/** Loads, which there are when maps do not fit. */
const bands = ({ schedule }: Compiled) =>
  schedule.commands.filter((command) => 'transfer' in command && command.transfer.direction === 'load')
    .length;

describe.each(ENGINES)('$lanes with $memoryKib KiB of feature memory', (engine) => {
  it.each(casesOn(engine))('runs %s', async (_what, drawn) => {
    const compiled = await compiledOn(memberNetwork(drawn), engine);
    expect(bands(compiled) > 0).toBe(engine.memoryKib < 64);
    const { layers } = await expectExact(compiled, 30);
    expect(layers.at(-1)!.sqnrDb).toBeGreaterThan(LEAST_SQNR_DB);
  });
});

describe('members that any engine runs', () => {
  it.each(FAMILY)('%s', async (_what, drawn) => {
    await expectExact(await compiledOn(memberNetwork(drawn), ENGINES[0]), 7);
  });
});

describe('v1.0 whose maps do not fit the chip', () => {
  let compiled: Compiled;

  beforeAll(async () => {
    const network = randomSqueezenet({ version: '1.0', side: 64, classes: 21, seed: 1 });
    compiled = await compiledOn(network, { board: 'sim', lanes: '16x8x3', memoryKib: 32, ringKib: 32 });
  });

  it.each([0, 7, 60])('runs in bands at a latency of %i', async (latency) => {
    expect(bands(compiled)).toBeGreaterThan(10);
    await expectExact(compiled, latency);
  });
});
