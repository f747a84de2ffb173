/** Predicted cycles of a schedule, without RTL (docs/reference/cycles.md). */
import { type Geometry, WORD } from '../../geometry/geometry.ts';
import { layOutMemory } from '../../tape/memory-layout.ts';
import type { Schedule } from '../nest.ts';
import { bufferBytes } from '../result-buffer.ts';
import { type EngineJob, runEngine } from './engine.ts';
import { Memory } from './memory.ts';
import type { StageCycles } from './stalls.ts';
import { tapeShape } from './tape-shape.ts';

export interface MemoryOptions {
  /** Cycles from an accepted read burst to its first beat, from WLAST to B. */
  readonly latency: number;
  /** Percent of cycles in which each channel of the memory withholds, drawn from `seed`. */
  readonly backpressure?: number;
  readonly seed?: number;
}

export interface CycleOptions extends MemoryOptions {
  readonly images: number;
}

export interface CyclePrediction {
  /** Of the last result: its last `doneCycles`. */
  readonly cycles: number;
  /** Per job: the B handshake of its result's last burst, counted from the first START. */
  readonly doneCycles: readonly number[];
  /** Where the array's cycles went, by stage of each schedule; they add up to `cycles`. */
  readonly stages: readonly StageCycles[];
}

/** Images back to back through one network. */
export function predictCycles(
  schedule: Schedule,
  geometry: Geometry,
  { images, ...memory }: CycleOptions,
): CyclePrediction {
  return predictQueue(new Array<Schedule>(images).fill(schedule), geometry, memory);
}

/** Jobs back to back, each with the schedule of its tape. A schedule that comes again has the same tape. */
export function predictQueue(
  queue: readonly Schedule[],
  geometry: Geometry,
  { latency, backpressure = 0, seed = 0 }: MemoryOptions,
): CyclePrediction {
  const schedules = [...new Set(queue)];
  const networks = schedules.map((schedule) => describe(schedule, geometry));
  const sizes = queue.map((schedule) => {
    const tape = schedules.indexOf(schedule);
    return { tape, ...networks[tape].sizes };
  });
  const layout = layOutMemory(
    networks.map(({ tape }) => tape.headerBytes + tape.bodyWords * WORD),
    sizes,
  );
  const jobs = sizes.map(({ tape }, job): EngineJob => ({ ...networks[tape], place: layout.jobs[job] }));
  const { doneCycles, stages } = runEngine({
    geometry,
    jobs,
    memory: new Memory(latency, backpressure, seed),
  });
  return { cycles: doneCycles[doneCycles.length - 1], doneCycles, stages };
}

/** What the engine's units have to know of a network. */
function describe(schedule: Schedule, geometry: Geometry) {
  const [first] = schedule.stages;
  const { conv } = first.expandPasses[0];
  const classes = schedule.stages.at(-1)!.globalPool?.classes ?? 0;
  const { width, height } = schedule.image;
  return {
    schedule,
    tape: tapeShape(schedule, geometry),
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
      bufferBase: schedule.packed.base,
      bufferGroups: schedule.packed.stride,
    },
    classes,
    sizes: { imageBytes: width * height * 3, bufferBytes: bufferBytes(schedule) },
  };
}
