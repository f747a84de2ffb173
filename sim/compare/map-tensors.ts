/**
 * Layer tensors out of the writes into the feature memory: what a witness stored where, by the schedule.
 */
import type { Geometry } from '../../gen/geometry/geometry.ts';
import type { Pass, Schedule, Stage } from '../../gen/schedule/nest.ts';
import type { LayerTensor } from './tensors.ts';

/** One group of TM channels written by one pass. */
export interface GroupWrite {
  readonly stage: number;
  readonly kind: Pass['kind'];
  /** Index among the stage's expand or squeeze passes. */
  readonly pass: number;
  /** Group of the destination map, not wrapped around its buffer. */
  readonly position: number;
  /** Bit g: lane g was written. */
  readonly lanes: number;
  /** G × TM bytes, lane outside. */
  readonly data: Uint8Array;
}

const writtenWidth = ({ pool, width }: Stage) => pool?.width ?? width;

/** What no write has reached; no uint8 equals it. */
const UNWRITTEN = -1;

/** Collects the writes of one image. */
export class MapTensors {
  readonly #schedule: Schedule;
  readonly #geometry: Geometry;
  readonly #tensors = new Map<string, Int32Array>();

  constructor(schedule: Schedule, geometry: Geometry) {
    this.#schedule = schedule;
    this.#geometry = geometry;
    for (const stage of schedule.stages) {
      const passes = stage.globalPool ? [] : [...stage.squeezePasses, ...stage.expandPasses];
      const pixels = stage.part.height * writtenWidth(stage);
      for (const { conv } of passes) {
        if (this.#tensors.get(conv.name)?.length === pixels * conv.outChannels) continue;
        this.#tensors.set(conv.name, new Int32Array(pixels * conv.outChannels).fill(UNWRITTEN));
      }
    }
  }

  /** Takes one write; lanes behind the map's last pixel and padding channels are no part of a tensor. */
  write({ stage: index, kind, pass: passIndex, position, lanes, data }: GroupWrite): void {
    const { pixelLanes, outputLanes } = this.#geometry;
    const stage = this.#schedule.stages[index];
    const passes = kind === 'expand' ? stage.expandPasses : stage.squeezePasses;
    const { conv, firstChannel, channels } = passes[passIndex];
    const tensor = this.#tensors.get(conv.name)!;
    // Where the stage writes a part of a map: its first right pixel, and where that lies in the whole.
    const width = writtenWidth(stage);
    const { skip, first, rows, height } = stage.part;
    // A map that is pooled once more behind it is copied later, under the same name.
    if (tensor.length !== height * width * conv.outChannels) return;
    for (let lane = 0; lane < pixelLanes; lane++) {
      const pixel = position * pixelLanes + lane - skip * width;
      if (pixel < 0 || pixel >= rows * width || ((lanes >>> lane) & 1) === 0) continue;
      const target = (first * width + pixel) * conv.outChannels + firstChannel;
      for (let c = 0; c < channels; c++) tensor[target + c] = data[lane * outputLanes + c];
    }
  }

  /** One tensor a convolution that writes a map; a value that was never written is negative. */
  tensors(): LayerTensor[] {
    return Array.from(this.#tensors, ([name, values]) => ({ name, values }));
  }
}
