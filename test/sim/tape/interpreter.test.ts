import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FireforgeError } from '../../../gen/diagnostics/diagnostic.ts';
import { runTape } from '../../../sim/tape/interpreter.ts';
import type { MapWrite } from '../../../sim/tape/stage-runner.ts';
import { handTape } from './hand-tape.ts';
import {
  CLASSES,
  type Map2d,
  naive,
  smallGeometry,
  smallHeader,
  smallImage,
  smallNetwork,
  smallStages,
  smallTape,
} from './small-network.ts';

const network = smallNetwork(7);
const image = smallImage(8);
const expected = naive(network, image);

/** The maps a run wrote, gathered from its writes: block and output of each stage with a squeeze. */
function gather(
  writes: (MapWrite & { data: Uint8Array })[],
  outputLanes: number,
  pixelLanes: number,
): number[][] {
  return expected.maps.map((map, index) => {
    const data: number[] = new Array(map.data.length).fill(-1);
    for (const write of writes) {
      const kind = index % 2 === 0 ? 'expand' : 'squeeze';
      if (write.stage !== Math.floor(index / 2) || write.kind !== kind) continue;
      for (let lane = 0; lane < pixelLanes; lane++) {
        const pixel = write.position * pixelLanes + lane;
        if ((write.lanes & (1 << lane)) === 0 || pixel >= map.width * map.height) continue;
        for (let c = 0; c < outputLanes; c++) {
          const channel = write.slot * 16 + write.sub * outputLanes + c;
          data[pixel * map.channels + channel] = write.data[lane * outputLanes + c];
        }
      }
    }
    return data;
  });
}

const lively = (map: Map2d) => new Set(map.data).size > 50;

describe('the tape interpreter', () => {
  it('is tested with maps that have something to say', () => {
    expect(expected.maps.every(lively)).toBe(true);
    expect(new Set(expected.logits).size).toBe(CLASSES);
  });

  for (const [outputLanes, pixelLanes] of [
    [16, 1],
    [16, 3],
    [4, 1],
    [4, 3],
    [8, 2],
    [1, 1],
    [2, 10],
  ]) {
    it(`gives the naive loops' maps, sums and logits on ${outputLanes} x ${pixelLanes} lanes`, () => {
      const geometry = smallGeometry(outputLanes, pixelLanes);
      const writes: MapWrite[] = [];
      const probe = (write: MapWrite) => writes.push({ ...write, data: write.data.slice() });
      const result = runTape(smallTape(network, geometry), geometry, image, probe);
      const maps = gather(writes, outputLanes, pixelLanes);
      for (const [index, map] of expected.maps.entries()) expect(maps[index]).toEqual(map.data);
      expect([...result.sums]).toEqual(expected.sums);
      expect([...result.logits]).toEqual(expected.logits);
    });
  }

  it('writes the result as at RESULT_ADDR', () => {
    const geometry = smallGeometry(16, 1);
    const tape = smallTape(network, geometry);
    const { result } = runTape(tape, geometry, image, undefined, 5);
    const padded = 48;
    expect(result.length).toBe(padded + 16);
    const view = new DataView(result.buffer);
    expect(expected.logits.map((_, index) => view.getInt32(index * 4, true))).toEqual(expected.logits);
    expect([40, 44].map((at) => view.getUint32(at, true))).toEqual([0, 0]);
    const trailer = [48, 52, 56, 60].map((at) => view.getUint32(at, true));
    expect(trailer).toEqual([crc32(tape.subarray(64)), 5, 1, crc32(result.subarray(0, padded))]);
  });

  it('shows an allocation that puts a map onto another', () => {
    const geometry = smallGeometry(16, 1);
    const stages = smallStages(network, geometry);
    // The circular block buffer of the second stage over the map that it still reads.
    const overlapping = { ...stages[1], descriptor: { ...stages[1].descriptor, blockBase: 20 } };
    const tape = handTape(geometry, smallHeader(stages), [stages[0], overlapping, stages[2]]);
    expect([...runTape(tape, geometry, image).logits]).not.toEqual(expected.logits);
  });

  it('shows a squeeze that comes too late for its circular block buffer', () => {
    const geometry = smallGeometry(16, 1);
    const stages = smallStages(network, geometry);
    const short = { ...stages[1], descriptor: { ...stages[1].descriptor, squeezeDelay: 3, blockStride: 9 } };
    const tape = handTape(geometry, smallHeader(stages), [stages[0], short, stages[2]]);
    expect([...runTape(tape, geometry, image).logits]).not.toEqual(expected.logits);
  });

  it('names the run that would wait for ever', () => {
    const geometry = smallGeometry(16, 1);
    const stages = smallStages(network, geometry);
    const early = { ...stages[1], entries: [...stages[1].entries] };
    early.entries[0] = [9, 9];
    early.entries[1] = [9, 0];
    early.descriptor.squeezeDelay = 2;
    const tape = handTape(geometry, smallHeader(stages), [stages[0], early, stages[2]]);
    const run = () => runTape(tape, geometry, image);
    expect(run).toThrow(FireforgeError);
    expect(run).toThrow(
      /FF610: tape, stage 1, squeeze pass 0, entry 0: the engine would wait for ever: it reads group 0 of vector 0, and 0 are written/,
    );
  });

  it('refuses an image of another size', () => {
    const geometry = smallGeometry(16, 1);
    const run = () => runTape(smallTape(network, geometry), geometry, image.subarray(3));
    expect(run).toThrow(/FF611: image: the tape reads 1863 bytes, and the image has 1860/);
  });
});
