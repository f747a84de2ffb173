/** Predicted cycles of a schedule, without RTL (docs/reference/cycles.md). */
import type { Geometry } from '../../geometry/geometry.ts';
import { resultBytes } from '../../tape/format.ts';
import { layOutMemory } from '../../tape/memory-layout.ts';
import type { Schedule, Stage } from '../nest.ts';
import { runEngine } from './engine.ts';
import { Memory } from './memory.ts';
import { tapeShape } from './tape-shape.ts';

export interface CycleOptions {
  /** Cycles from an accepted read burst to its first beat, from WLAST to B. */
  readonly latency: number;
  readonly images: number;
  /** Percent of cycles in which each channel of the memory withholds, drawn from `seed`. */
  readonly backpressure?: number;
  readonly seed?: number;
}

/** Array cycles of a stage, by what they were spent on. */
export interface StageCycles {
  readonly name: string;
  /** From the end of the stage before to its own last group. */
  begin: number;
  end: number;
  issued: number;
  weights: number;
  bank: number;
  source: number;
  other: number;
}

export interface CyclePrediction {
  /** Of the last result: its last `doneCycles`. */
  readonly cycles: number;
  /** Per image: the B handshake of its result's last burst, counted from the first START. */
  readonly doneCycles: readonly number[];
  /** Stages of the last image. */
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
  const classes = schedule.stages.at(-1)!.globalPool!.classes;
  const size = schedule.image;
  const stages = schedule.stages.map(({ name }) => emptyStage(name));
  let last: Stage | undefined;
  const doneCycles = runEngine(
    {
      geometry,
      schedule,
      tape,
      image: {
        ...size,
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
        tape.headerBytes + tape.bodyWords * 16,
        size.width * size.height * 3,
        resultBytes(classes),
        images,
      ),
    },
    (run, cause, from, to) => {
      if (run === undefined) return;
      if (run.stage !== last) {
        last = run.stage;
        Object.assign(stages[run.stage.index], { ...emptyStage(run.stage.name), begin: from });
      }
      const stage = stages[run.stage.index];
      stage.end = to;
      if (cause === 'idle' || cause === 'start') stage.other += to - from;
      else stage[cause] += to - from;
    },
  );
  return { cycles: doneCycles[images - 1], doneCycles, stages };
}

function emptyStage(name: string): StageCycles {
  return { name, begin: 0, end: 0, issued: 0, weights: 0, bank: 0, source: 0, other: 0 };
}
