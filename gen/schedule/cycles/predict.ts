/** Predicted cycles of a schedule, without RTL (docs/reference/cycles.md). */
import { type Geometry, WORD } from '../../geometry/geometry.ts';
import { layOutMemory } from '../../tape/memory-layout.ts';
import type { Schedule } from '../nest.ts';
import { bufferBytes } from '../result-buffer.ts';
import { runEngine } from './engine.ts';
import { Memory } from './memory.ts';
import type { StageCycles } from './stalls.ts';
import { tapeShape } from './tape-shape.ts';

export interface CycleOptions {
  /** Cycles from an accepted read burst to its first beat, from WLAST to B. */
  readonly latency: number;
  readonly images: number;
  /** Percent of cycles in which each channel of the memory withholds, drawn from `seed`. */
  readonly backpressure?: number;
  readonly seed?: number;
}

export interface CyclePrediction {
  /** Of the last result: its last `doneCycles`. */
  readonly cycles: number;
  /** Per image: the B handshake of its result's last burst, counted from the first START. */
  readonly doneCycles: readonly number[];
  /** Where the array's cycles went; they add up to `cycles`. */
  readonly stages: readonly StageCycles[];
}

export function predictCycles(
  schedule: Schedule,
  geometry: Geometry,
  options: CycleOptions,
): CyclePrediction {
  const { latency, images, backpressure = 0, seed = 0 } = options;
  const tape = tapeShape(schedule, geometry);
  const [first] = schedule.stages;
  const { conv } = first.expandPasses[0];
  const classes = schedule.stages.at(-1)!.globalPool?.classes ?? 0;
  const { width, height } = schedule.image;
  const { doneCycles, stages } = runEngine({
    geometry,
    schedule,
    tape,
    image: {
      width,
      height,
      kernel: conv.kernel,
      stride: conv.stride,
      padTop: conv.padding.top,
      padLeft: conv.padding.left,
      outWidth: first.width,
      outHeight: first.height,
      vectors: schedule.packed.vectors,
      bufferGroups: schedule.packed.stride,
    },
    classes,
    memory: new Memory(latency, backpressure, seed),
    layout: layOutMemory(
      tape.headerBytes + tape.bodyWords * WORD,
      width * height * 3,
      bufferBytes(schedule),
      images,
    ),
  });
  return { cycles: doneCycles[images - 1], doneCycles, stages };
}
