/** Predicted cycles of a schedule, without RTL (docs/reference/cycles.md). */
import { type Geometry, WORD } from '../../geometry/geometry.ts';
import {
  DESCRIPTOR_BYTES,
  ENTRY_BYTES,
  HEADER_BYTES,
  PACKET_HEADER_BYTES,
  PASS_BYTES,
} from '../../tape/format.ts';
import type { Schedule, Stage } from '../nest.ts';
import { sectionWords } from '../sections.ts';
import { Packer } from './packer.ts';
import { TapeStream } from './tape-stream.ts';
import { timing as timingOf } from './timing.ts';
import { RunWalk, type StageCycles } from './walk.ts';

export interface CycleOptions {
  /** Cycles from an accepted read burst to its first beat, from WLAST to B. */
  readonly latency: number;
  readonly images: number;
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
  const timing = timingOf(geometry);
  const tape = new TapeStream(geometry, timing, options.latency);
  const [first] = schedule.stages;
  const { conv } = first.expandPasses[0];
  const packer = new Packer(
    geometry,
    timing,
    {
      ...imageSize(first),
      kernel: conv.kernel,
      stride: conv.stride,
      padTop: conv.padding.top,
      outWidth: first.width,
      outHeight: first.height,
      vectors: schedule.packed.vectors,
    },
    schedule.packed.stride,
  );
  const walk = new RunWalk(schedule, geometry, timing, tape, packer);
  for (let image = 0; image < options.images; image++) enqueueTape(tape, schedule, geometry);

  const doneCycles: number[] = [];
  let stages: StageCycles[] = [];
  for (let image = 0; image < options.images; image++) {
    packer.startImage(tape.headerEnd(image) + timing.headerToRequest + options.latency + timing.beatToRing);
    const walked = walk.image();
    stages = walked.stages;
    doneCycles.push(walked.drained + resultCycles(geometry, options.latency));
  }
  const cycles = doneCycles[doneCycles.length - 1];
  return { cycles, doneCycles, stages };
}

/** Height and width of the image that conv1 reads, from its output. */
function imageSize(stage: Stage): { width: number; height: number } {
  const { conv } = stage.expandPasses[0];
  const along = (output: number, padding: number) => (output - 1) * conv.stride + conv.kernel - padding;
  return {
    width: along(stage.width, conv.padding.left + conv.padding.right),
    height: along(stage.height, conv.padding.top + conv.padding.bottom),
  };
}

function enqueueTape(tape: TapeStream, schedule: Schedule, geometry: Geometry): void {
  tape.enqueue('header', HEADER_BYTES / WORD);
  for (const stage of schedule.stages) {
    const passes = [...stage.expandPasses, ...stage.squeezePasses];
    const words = (count: number, bytes: number) => Math.ceil((count * bytes) / WORD);
    const command =
      DESCRIPTOR_BYTES / WORD + words(stage.entries.length, ENTRY_BYTES) + words(passes.length, PASS_BYTES);
    tape.enqueue('command', PACKET_HEADER_BYTES / WORD + command);
    tape.enqueue('packet', PACKET_HEADER_BYTES / WORD);
    tape.enqueue(
      'weights',
      passes.reduce((sum, pass) => sum + sectionWords(pass, geometry.outputLanes), 0),
    );
  }
}

/** From the last drained group to the B of the result's last burst. */
function resultCycles(geometry: Geometry, latency: number): number {
  const timing = timingOf(geometry);
  return geometry.outputLanes * timing.logitCycles + timing.resultOverhead + 2 * (latency + 1);
}
