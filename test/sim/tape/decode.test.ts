import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FireforgeError } from '../../../gen/diagnostics/diagnostic.ts';
import {
  type DESCRIPTOR,
  type Fields,
  HEADER,
  HEADER_BYTES,
  PACKET_COMMAND,
  PACKET_HEADER_BYTES,
  writeFields,
} from '../../../gen/tape/format.ts';
import { decodeTape } from '../../../sim/tape/decode.ts';
import { concat, type HandStage, handTape, packet, seal, withHeader } from './hand-tape.ts';
import { smallGeometry, smallHeader, smallNetwork, smallStages, smallTape } from './small-network.ts';

const geometry = smallGeometry(4, 3);
const network = smallNetwork(3);
const good = smallTape(network, geometry);

/** The diagnostic of a tape that must be refused. */
function refusal(tape: Uint8Array): string {
  try {
    decodeTape(tape, geometry);
  } catch (error) {
    expect(error).toBeInstanceOf(FireforgeError);
    return (error as Error).message;
  }
  throw new Error('the tape was accepted');
}

function withStages(change: (stages: HandStage[]) => void): Uint8Array {
  const stages = smallStages(network, geometry);
  change(stages);
  return handTape(geometry, smallHeader(stages), stages);
}

function withDescriptor(stage: number, fields: Partial<Fields<typeof DESCRIPTOR>>): Uint8Array {
  return withStages((stages) => Object.assign(stages[stage].descriptor, fields));
}

describe('a tape that is accepted', () => {
  it('has the fields that were written', () => {
    const { header, stages } = decodeTape(good, geometry);
    expect(header.tapeId).toBe(crc32(good.subarray(HEADER_BYTES)));
    expect(stages.map((stage) => stage.expandPasses.length)).toEqual([8, 12, 3]);
    expect(stages.map((stage) => stage.squeezePasses.length)).toEqual([4, 8, 0]);
    expect(stages[1].expandPasses.map((pass) => pass.taps)).toEqual([
      ...Array(4).fill(1),
      ...Array(8).fill(9),
    ]);
    expect(stages[1].expandPasses[5]).toMatchObject({ slot: 1, sub: 1, completes: false, vectors: 1 });
    expect(stages[2].descriptor).toMatchObject({ passMajor: true, globalPool: true, relu: true, last: true });
    const weights = stages[1].squeezePasses[2].section.weights;
    // Output 9, input 16·2 + 5: third tile, second output of the pass.
    expect(weights[2 * 64 + 1 * 16 + 5]).toBe(network.squeeze2.weight[9 * 48 + 37]);
  });
});

describe('a damaged tape is refused', () => {
  it('with any bit of the header flipped', () => {
    for (let bit = 0; bit < HEADER_BYTES * 8; bit++) {
      const tape = good.slice();
      tape[bit >> 3] ^= 1 << (bit & 7);
      expect(refusal(tape)).toMatch(/FF60[12]/);
    }
  });

  it('with any bit of the first packet header flipped, and any byte behind the header', () => {
    for (let bit = 0; bit < PACKET_HEADER_BYTES * 8; bit++) {
      const tape = good.slice();
      tape[HEADER_BYTES + (bit >> 3)] ^= 1 << (bit & 7);
      expect(refusal(tape)).toMatch(/FF602/);
    }
    for (let byte = HEADER_BYTES; byte < good.length; byte += 101) {
      const tape = good.slice();
      tape[byte] ^= 0x10;
      expect(refusal(tape)).toMatch(/FF602/);
    }
  });

  it('cut anywhere', () => {
    for (let length = 0; length < good.length; length += 77) {
      expect(refusal(good.subarray(0, length))).toMatch(/FF60[15]/);
    }
  });

  it('by the packet checks even when the header vouches for it', () => {
    const vouched = (change: (packets: Uint8Array) => Uint8Array) =>
      withHeader(change(good.slice(HEADER_BYTES)), geometry, {
        ...smallHeader(smallStages(network, geometry)),
        stages: 3,
      });
    expect(refusal(vouched((packets) => packets.subarray(0, packets.length - 16)))).toMatch(
      /FF605: tape, stage 2, weight packet: it should have \d+ bytes, and there are \d+/,
    );
    expect(refusal(vouched((packets) => concat(packets, packets.subarray(0, 16))))).toMatch(
      /16 bytes follow/,
    );
    const flipped = (at: number) => (packets: Uint8Array) => {
      packets[at] ^= 1;
      return packets;
    };
    expect(refusal(vouched(flipped(0)))).toMatch(/FF602: tape, stage 0, command packet header: its CRC-32/);
    expect(refusal(vouched(flipped(40)))).toMatch(/FF602: tape, stage 0, command packet: its CRC-32/);
    const other = vouched(() => packet(PACKET_COMMAND + 1, new Uint8Array(64)));
    expect(refusal(other)).toMatch(/FF606: tape, stage 0, command packet: its type is 2, not 1/);
  });
});

describe('a tape of another kind is refused', () => {
  it('by its magic, version and geometry', () => {
    expect(refusal(new Uint8Array(100))).toMatch(/FF601: tape: its 100 bytes are not a tape/);
    const version = good.slice();
    writeFields(version, 0, HEADER, { version: 2 });
    expect(refusal(seal(version))).toMatch(/FF603: tape: its format is version 2, and only version 1/);
    expect(() => decodeTape(good, { ...geometry, ringWords: 8192 })).toThrow(
      /FF604: tape: it was compiled for/,
    );
  });
});

describe('a header that cannot be is refused', () => {
  it.each([
    [{ flags: 1 }, 'flags has an unknown bit'],
    [{ stages: 0 }, 'it has no stages'],
    [{ classes: 0 }, 'it has no classes'],
    [{ classes: 13 }, 'its passes give 12 logits'],
    [{ imageWidth: 0 }, 'the image has no pixels'],
    [{ imageWidth: 65 }, 'the image is wider than 64'],
    [{ imageBytes: 7 }, 'image bytes are not'],
    [{ kernel: 8 }, 'a kernel of 8'],
    [{ stride: 0 }, 'the stride is 0'],
    [{ padTop: 3 }, 'the padding is not smaller'],
    [{ vectors: 3 }, '3 vectors do not hold 27 taps'],
    [{ outHeight: 0 }, 'the first convolution has no output'],
    [{ outWidth: 15 }, 'the first convolution is wider'],
    [{ outHeight: 13 }, 'the first convolution is higher'],
    [{ packGroups: 0 }, 'the packed buffer holds no group'],
    [{ packBase: 1000 }, 'the packed buffer ends at word 1040 of 1024'],
    [{ mapTop: 1025 }, 'the maps end at word 1025'],
  ])('%o', (fields, reason) => {
    const tape = good.slice();
    writeFields(tape, 0, HEADER, fields);
    expect(refusal(seal(tape))).toMatch(/FF606/);
    expect(refusal(seal(tape))).toContain(reason);
  });
});

describe('a command that cannot be carried out is refused', () => {
  it.each<[number, Partial<Fields<typeof DESCRIPTOR>>, string]>([
    [0, { flags: 1 << 13 }, 'flags has an unknown bit'],
    [0, { sets: 0x40 }, 'sets has an unknown bit'],
    [1, { width: 0 }, 'its map has no pixels'],
    [1, { sourceGroups: 15 }, '15 groups do not hold 42 pixels'],
    [1, { lastLanes: 2 }, 'the last group cannot have 2 pixels'],
    [1, { firstGroup: 14 }, 'it starts at group 14 of 14'],
    [1, { firstX: 1 }, 'its first pixel and first group differ'],
    [1, { tapStartLane: 0 }, 'its first tap is not'],
    [1, { tapRowGroups: 2 }, 'its step to the next row of taps'],
    [1, { laneStepX: 2 }, 'its step from group to group'],
    [1, { squeezeDelay: 13 }, 'a squeeze after 13 of 12 passes never comes'],
    [1, { blockGroups: 15 }, '15 groups do not hold 42 pixels'],
    [0, { pooledWidth: 9, blockGroups: 18 }, '9 pooled columns do not fit 14'],
    [0, { pooledHeight: 8, blockGroups: 19 }, '8 pooled rows do not fit 12'],
    [1, { sourceStride: 13 }, 'the vectors of its source overlap'],
    [1, { sourceBase: 590 }, 'its source ends at word 640 of 600'],
    [1, { blockBase: 590 }, 'its block buffer ends at word'],
    [1, { outBase: 550 }, 'its output ends at word 638 of 600'],
    [1, { blockStride: 2 }, '3 groups at once exceed the block buffer of 2'],
    [1, { outStride: 13 }, 'an output of 14 groups exceeds its stride of 13'],
    [1, { sets: 2 | (2 << 2) }, 'source and block share their marks'],
    [1, { sets: 2 | (1 << 2) | (1 << 4) }, 'output and its sources share their marks'],
    [1, { sectionWords: 7 }, 'the command counts 7 words'],
    [1, { squeezeOffset: 7 }, 'the command says 7'],
    [0, { sourceBase: 601 }, 'it reads another buffer than the packed one'],
  ])('stage %i with %o', (stage, fields, reason) => {
    const message = refusal(withDescriptor(stage, fields));
    expect(message).toMatch(new RegExp(`FF606: tape, stage ${stage}`));
    expect(message).toContain(reason);
  });

  const entries = (stage: number, list: [number, number][]) =>
    withStages((stages) => {
      stages[stage] = { ...stages[stage], entries: list };
    });

  it('for its entries', () => {
    expect(refusal(entries(2, []))).toContain('it has no entries');
    expect(
      refusal(
        entries(2, [
          [5, 0],
          [0, 0],
          [9, 0],
        ]),
      ),
    ).toContain('an entry has no groups');
    expect(refusal(entries(2, [[65, 0]]))).toContain('an entry has more than 64 groups');
    expect(refusal(entries(2, [[15, 0]]))).toContain('its entries reach group 15 of 14');
    expect(refusal(entries(1, [[14, 0]]))).toContain('squeeze groups and squeeze passes do not go together');
    expect(
      refusal(
        entries(1, [
          [14, 0],
          [0, 15],
        ]),
      ),
    ).toContain('its entries squeeze 15 groups of 14');
  });

  it('for its passes and weights', () => {
    const noPasses = withStages((stages) => {
      stages[2] = { ...stages[2], expand: [] };
    });
    expect(refusal(noPasses)).toContain('it has no expand passes');
    const weight = withStages((stages) => {
      const changed = { ...network.squeeze2, weight: network.squeeze2.weight.slice() };
      changed.weight[100] = -128;
      stages[1] = { ...stages[1], squeeze: [changed] };
    });
    expect(refusal(weight)).toContain('a weight is -128');
    const shift = withStages((stages) => {
      const changed = { ...network.squeeze2, s: network.squeeze2.s.slice().fill(48, 31) };
      stages[1] = { ...stages[1], squeeze: [changed] };
    });
    expect(refusal(shift)).toContain('a shift is not from 1 to 47');
    const large = withStages((stages) => {
      stages[0] = { ...stages[0], squeeze: [network.expand3x3] };
    });
    expect(refusal(large)).toContain('a squeeze pass is 3x3');
  });

  it('for the ring, the command memory and the pool of a smaller engine', () => {
    const small = (part: object) => {
      const engine = { ...geometry, ...part };
      const stages = smallStages(network, engine);
      return () => decodeTape(handTape(engine, smallHeader(stages), stages), engine);
    };
    expect(small({ ringWords: 64 })).toThrow(/words must be in the ring at once, which holds 64/);
    expect(small({ commandWords: 8 })).toThrow(/words exceed the command memory/);
    expect(small({ poolPasses: 7 })).toThrow(/its pool keeps 8 passes, the engine 7/);
    expect(small({ poolWords: 55 })).toThrow(/its pool keeps 56 words, the engine 55/);
  });
});
