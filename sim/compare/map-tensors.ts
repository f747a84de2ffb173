/**
 * Layer tensors out of the writes into the feature memory: what a witness stored where, by the schedule.
 */
import type { Geometry } from '../../gen/geometry/geometry.ts';
import { blockPixels, type Pass, type Schedule } from '../../gen/schedule/nest.ts';
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
      for (const { conv } of passes) {
        if (this.#tensors.has(conv.name)) continue;
        this.#tensors.set(conv.name, new Int32Array(blockPixels(stage) * conv.outChannels).fill(UNWRITTEN));
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
    const pixels = blockPixels(stage);
    for (let lane = 0; lane < pixelLanes; lane++) {
      const pixel = position * pixelLanes + lane;
      if (pixel >= pixels || ((lanes >>> lane) & 1) === 0) continue;
      const target = pixel * conv.outChannels + firstChannel;
      for (let c = 0; c < channels; c++) tensor[target + c] = data[lane * outputLanes + c];
    }
  }

  /** One tensor a convolution that writes a map; a value that was never written is negative. */
  tensors(): LayerTensor[] {
    return Array.from(this.#tensors, ([name, values]) => ({ name, values }));
  }
}
