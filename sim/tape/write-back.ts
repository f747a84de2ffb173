/**
 * Writes a pass's requantized pixels to its destination vector, group by group, and keeps the marks. There
 * is one for every pass of a stage, because with a pool its position does not follow the runs' groups.
 */
import type { FeatureMemory, Marks } from './memory.ts';
import type { TapePass } from './tape.ts';

/** A map as a stage writes it: vector v, group q goes to base + v·stride + (q mod circle). */
export interface DestinationMap {
  readonly base: number;
  readonly stride: number;
  readonly circle: number;
  /** Pixels of the whole map; the last of them completes a group that it does not fill. */
  readonly pixels: number;
  readonly markSet: number;
}

/** A group as it was written: the lanes of `mask`, lane g in data[g·TM …]. Valid only during the call. */
export type GroupWritten = (position: number, mask: number, data: Uint8Array) => void;

export class WriteBack {
  private readonly memory: FeatureMemory;
  private readonly marks: Marks;
  private readonly destination: DestinationMap;
  private readonly pass: TapePass;
  private readonly lanes: number;
  private readonly outputLanes: number;
  /** The group being gathered, lanes × TM, and the lanes of it that are not written yet. */
  private readonly data: Uint8Array;
  private mask = 0;
  private pixel = 0;

  constructor(
    memory: FeatureMemory,
    marks: Marks,
    destination: DestinationMap,
    pass: TapePass,
    lanes: number,
    outputLanes: number,
  ) {
    this.memory = memory;
    this.marks = marks;
    this.destination = destination;
    this.pass = pass;
    this.lanes = lanes;
    this.outputLanes = outputLanes;
    this.data = new Uint8Array(lanes * outputLanes);
  }

  /** Takes the next pixel's TM values, `values[at…]`. */
  push(values: Uint8Array, at: number, written: GroupWritten): void {
    const lane = this.pixel % this.lanes;
    this.data.set(values.subarray(at, at + this.outputLanes), lane * this.outputLanes);
    this.mask |= 1 << lane;
    this.pixel++;
    if (lane === this.lanes - 1) this.flush(written);
  }

  /** Writes the lanes gathered so far: at a group's last lane and at a run's end. */
  flush(written: GroupWritten): void {
    if (this.mask === 0) return;
    const { base, stride, circle, pixels, markSet } = this.destination;
    const position = Math.floor((this.pixel - 1) / this.lanes);
    const word = base + this.pass.slot * stride + (position % circle);
    for (let lane = 0; lane < this.lanes; lane++) {
      if ((this.mask & (1 << lane)) === 0) continue;
      const from = lane * this.outputLanes;
      const data = this.data.subarray(from, from + this.outputLanes);
      this.memory.write(lane, word, this.pass.sub * this.outputLanes, data);
    }
    const complete = this.pixel % this.lanes === 0 || this.pixel >= pixels;
    if (complete && this.pass.completes) this.marks.advance(markSet, this.pass.slot, position);
    written(position, this.mask, this.data);
    this.mask = 0;
  }
}
