/**
 * A network small enough to be computed by naive loops: conv1 3x3/2 (padded) → max-pool 3x3/2 (ceil) →
 * squeeze, Fire expand → squeeze, classifier with global pool; and its tape for a geometry.
 */
import type { Geometry } from '../../../gen/geometry/geometry.ts';
import { FLAG } from '../../../gen/tape/format.ts';
import { type HandConv, type HandStage, handTape } from './hand-tape.ts';

export const IMAGE = { width: 27, height: 23 };
const PAD = [104, 117, 123];
export const CLASSES = 10;

/** mulberry32: a seeded generator of 32-bit integers. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}

function conv(random: () => number, inputs: number, outputs: number, taps: 1 | 9, real = inputs): HandConv {
  const weight = new Int8Array(outputs * inputs * taps);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < real * taps; i++) weight[o * inputs * taps + i] = (random() % 255) - 127;
  }
  const scale = Math.sqrt(inputs * taps) * 127;
  return {
    inputs,
    outputs,
    taps,
    weight,
    bias: Int32Array.from({ length: outputs }, () => (random() % 4001) - 1000),
    m: Uint16Array.from({ length: outputs }, () => 32768 + (random() % 32768)),
    s: Uint8Array.from({ length: outputs }, () => 16 + Math.round(Math.log2(scale)) - 1),
  };
}

export const TAPS1 = 27;

export function smallNetwork(seed: number) {
  const random = generator(seed);
  return {
    conv1: conv(random, 32, 32, 1, TAPS1),
    squeeze1: conv(random, 32, 16, 1),
    expand1x1: conv(random, 16, 16, 1),
    expand3x3: conv(random, 16, 32, 9),
    squeeze2: conv(random, 48, 32, 1),
    classifier: conv(random, 32, CLASSES, 1),
  };
}
export type SmallNetwork = ReturnType<typeof smallNetwork>;

export interface Map2d {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: number[];
}

function accumulate(map: Map2d, c: HandConv, o: number, x: number, y: number): number {
  let sum = c.bias[o];
  const reach = c.taps === 9 ? 1 : 0;
  for (let i = 0; i < c.inputs; i++) {
    for (let t = 0; t < c.taps; t++) {
      const tx = x + (t % 3) - reach;
      const ty = y + Math.floor(t / 3) - reach;
      if (tx < 0 || ty < 0 || tx >= map.width || ty >= map.height) continue;
      sum += map.data[(ty * map.width + tx) * map.channels + i] * c.weight[(o * c.inputs + i) * c.taps + t];
    }
  }
  return sum;
}

function convolve(map: Map2d, c: HandConv): Map2d {
  const data: number[] = [];
  for (let y = 0; y < map.height; y++) {
    for (let x = 0; x < map.width; x++) {
      for (let o = 0; o < c.outputs; o++) {
        const scaled = BigInt(accumulate(map, c, o, x, y)) * BigInt(c.m[o]) + (1n << BigInt(c.s[o] - 1));
        data.push(Math.max(0, Math.min(255, Number(scaled >> BigInt(c.s[o])))));
      }
    }
  }
  return { ...map, channels: c.outputs, data };
}

function concatChannels(a: Map2d, b: Map2d): Map2d {
  const data: number[] = [];
  for (let p = 0; p < a.width * a.height; p++) {
    data.push(...a.data.slice(p * a.channels, (p + 1) * a.channels));
    data.push(...b.data.slice(p * b.channels, (p + 1) * b.channels));
  }
  return { ...a, channels: a.channels + b.channels, data };
}

export function maxPool(map: Map2d, kernel: number, width: number, height: number): Map2d {
  const data: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < map.channels; c++) {
        let best = 0;
        for (let wy = 2 * y; wy < Math.min(2 * y + kernel, map.height); wy++) {
          for (let wx = 2 * x; wx < Math.min(2 * x + kernel, map.width); wx++) {
            best = Math.max(best, map.data[(wy * map.width + wx) * map.channels + c]);
          }
        }
        data.push(best);
      }
    }
  }
  return { width, height, channels: map.channels, data };
}

const OUT = { width: 14, height: 12 };
const POOLED = { width: 7, height: 6 };

function im2col(image: Uint8Array): Map2d {
  const data: number[] = [];
  for (let y = 0; y < OUT.height; y++) {
    for (let x = 0; x < OUT.width; x++) {
      for (let tap = 0; tap < 9; tap++) {
        const ix = x * 2 - 1 + (tap % 3);
        const iy = y * 2 - 1 + Math.floor(tap / 3);
        const inside = ix >= 0 && iy >= 0 && ix < IMAGE.width && iy < IMAGE.height;
        for (let c = 0; c < 3; c++) data.push(inside ? image[(iy * IMAGE.width + ix) * 3 + c] : PAD[c]);
      }
      data.push(0, 0, 0, 0, 0);
    }
  }
  return { ...OUT, channels: 32, data };
}

/** Every map that the stages write, and the classifier's sums and logits. */
export function naive(network: SmallNetwork, image: Uint8Array) {
  const block1 = maxPool(convolve(im2col(image), network.conv1), 3, POOLED.width, POOLED.height);
  const out1 = convolve(block1, network.squeeze1);
  const block2 = concatChannels(convolve(out1, network.expand1x1), convolve(out1, network.expand3x3));
  const out2 = convolve(block2, network.squeeze2);
  const { classifier } = network;
  const sums = Array.from({ length: CLASSES }, (_, o) => {
    let sum = 0;
    for (let y = 0; y < out2.height; y++) {
      for (let x = 0; x < out2.width; x++) sum += Math.max(0, accumulate(out2, classifier, o, x, y));
    }
    return sum;
  });
  const logits = sums.map((sum, o) =>
    Number(
      (BigInt(sum) * BigInt(classifier.m[o]) + (1n << BigInt(classifier.s[o] - 1))) >>
        BigInt(classifier.s[o]),
    ),
  );
  return { maps: [block1, out1, block2, out2], sums, logits };
}

/** Fields that follow from a map's size and the lanes alone. */
function walk(width: number, height: number, lanes: number) {
  const pixels = width * height;
  const groups = Math.ceil(pixels / lanes);
  const start = Math.floor((-width - 1) / lanes);
  return {
    width,
    height,
    sourceGroups: groups,
    lastLanes: pixels - (groups - 1) * lanes,
    laneStepX: lanes % width,
    laneStepY: Math.floor(lanes / width),
    tapStartGroup: start,
    tapStartLane: -width - 1 - start * lanes,
    tapRowGroups: Math.floor((width - 2) / lanes),
    tapRowLanes: (width - 2) % lanes,
  };
}

function chunks(groups: number, size: number): number[] {
  return Array.from({ length: Math.ceil(groups / size) }, (_, i) => Math.min(size, groups - i * size));
}

/** Entries whose squeeze follows, one entry later, what `ready` groups of the block are complete by then. */
function laggedEntries(
  expand: number[],
  ready: (groups: number) => number,
  total: number,
): [number, number][] {
  let expanded = 0;
  let squeezed = 0;
  const entries = expand.map((groups): [number, number] => {
    const squeeze = ready(expanded) - squeezed;
    expanded += groups;
    squeezed += squeeze;
    return [groups, squeeze];
  });
  return squeezed < total ? [...entries, [0, total - squeezed]] : entries;
}

export function smallGeometry(outputLanes: number, pixelLanes: number): Geometry {
  return {
    outputLanes,
    pixelLanes,
    multiplierBits: 25,
    accumulatorDepth: 64,
    portBits: 64,
    burstBeats: 16,
    ringWords: 4096,
    mapWords: 1024,
    commandWords: 512,
    poolWords: 1024,
    poolPasses: 64,
    packLanes: 1,
    imageRows: 16,
    maxSide: 64,
    maxKernel: 7,
    extended: 0,
  };
}

/** The network's stages for a geometry: block-major with pool, block-major with a short circular block, pass-major. */
export function smallStages(network: SmallNetwork, geometry: Geometry): HandStage[] {
  const lanes = geometry.pixelLanes;
  const conv1 = walk(OUT.width, OUT.height, lanes);
  const fire = walk(POOLED.width, POOLED.height, lanes);
  const blockGroups = fire.sourceGroups;
  const pooledReady = (groups: number) => {
    const pixels = groups * lanes;
    // A pooled pixel is complete once the last pixel of its window has passed.
    let complete = 0;
    for (let y = 0; y < POOLED.height; y++) {
      for (let x = 0; x < POOLED.width; x++) {
        const last = Math.min(2 * y + 2, OUT.height - 1) * OUT.width + Math.min(2 * x + 2, OUT.width - 1);
        if (last < pixels) complete++;
      }
    }
    return complete === POOLED.width * POOLED.height ? blockGroups : Math.floor(complete / lanes);
  };
  const conv1Chunk = Math.ceil(30 / lanes);
  const fireChunk = Math.ceil(9 / lanes);
  return [
    {
      descriptor: {
        ...conv1,
        flags: FLAG.packedSource | FLAG.pool | FLAG.partialColumn | FLAG.partialRow | FLAG.keepSections,
        sets: 0 | (1 << 2) | (2 << 4),
        squeezeDelay: 1,
        sourceBase: 600,
        sourceStride: 2 * conv1Chunk,
        blockBase: 300,
        blockStride: 2 * conv1Chunk,
        outBase: 10,
        outStride: 50,
        pooledWidth: POOLED.width,
        pooledHeight: POOLED.height,
        blockGroups,
      },
      entries: laggedEntries(chunks(conv1.sourceGroups, conv1Chunk), pooledReady, blockGroups),
      expand: [network.conv1],
      squeeze: [network.squeeze1],
    },
    {
      descriptor: {
        ...fire,
        flags: FLAG.keepSections,
        sets: 2 | (1 << 2) | (0 << 4),
        squeezeDelay: 2,
        sourceBase: 10,
        sourceStride: 50,
        blockBase: 100,
        blockStride: 2 * fireChunk + 1,
        outBase: 300,
        outStride: 44,
        blockGroups,
      },
      entries: laggedEntries(chunks(fire.sourceGroups, fireChunk), (groups) => groups, blockGroups),
      expand: [network.expand1x1, network.expand3x3],
      squeeze: [network.squeeze2],
    },
    {
      descriptor: {
        ...fire,
        flags: FLAG.passMajor | FLAG.globalPool | FLAG.relu | FLAG.last,
        sets: 0,
        sourceBase: 300,
        sourceStride: 44,
      },
      entries: chunks(fire.sourceGroups, 5).map((groups): [number, number] => [groups, 0]),
      expand: [network.classifier],
      squeeze: [],
    },
  ];
}

export function smallHeader(stages: readonly HandStage[]) {
  return {
    imageBytes: IMAGE.width * IMAGE.height * 3,
    imageWidth: IMAGE.width,
    imageHeight: IMAGE.height,
    classes: CLASSES,
    kernel: 3,
    stride: 2,
    padTop: 1,
    padLeft: 1,
    padRed: PAD[0],
    padGreen: PAD[1],
    padBlue: PAD[2],
    vectors: 2,
    outWidth: OUT.width,
    outHeight: OUT.height,
    packBase: 600,
    packGroups: stages[0].descriptor.sourceStride ?? 0,
    mapTop: 600,
  };
}

export function smallTape(network: SmallNetwork, geometry: Geometry): Uint8Array {
  const stages = smallStages(network, geometry);
  return handTape(geometry, smallHeader(stages), stages);
}

export function smallImage(seed: number): Uint8Array {
  const random = generator(seed);
  return Uint8Array.from({ length: IMAGE.width * IMAGE.height * 3 }, () => random() & 0xff);
}
