/** Jobs that go through one queue of the engine, back to back, and all other witnesses on the same images. */
import type { Compiled } from '../../gen/compiled.ts';
import { integerOnnx } from '../../gen/emit/onnx/integer-onnx.ts';
import { predictQueue } from '../../gen/schedule/cycles/predict.ts';
import { Comparison, type LayerCounts } from '../compare/comparison.ts';
import { rtlWitnessResults } from '../compare/rtl-tensors.ts';
import type { WitnessResult } from '../compare/tensors.ts';
import { topK } from '../compare/top-k.ts';
import { runFixed } from '../fixed/run-fixed.ts';
import { FloatWitness } from '../float/float-witness.ts';
import { IntegerWitness } from '../integer/integer-witness.ts';
import type { ThreadOptions } from '../parallel/thread.ts';
import { runRtl } from '../rtl/rtl-witness.ts';
import { decodeTape } from '../tape/decode.ts';
import type { QueueReport } from './progress.ts';
import { tapeWitnessResult } from './tape-witness.ts';

/** A network compiled for the engine. */
export interface QueueNetwork {
  readonly compiled: Compiled;
  /** The bytes of the build's network.onnx. */
  readonly networkOnnx: Uint8Array;
}

export interface QueueJob {
  /** Index among the networks. */
  readonly network: number;
  /** Height × width × 3, RGB. */
  readonly image: Uint8Array;
}

/** Plain data: it may go to another thread. */
export interface QueueRequest {
  /** One or several, all of one geometry. */
  readonly networks: readonly QueueNetwork[];
  readonly jobs: readonly QueueJob[];
  /** The build's Verilog, and the model's executable that was made of it. */
  readonly rtlDir: string;
  readonly top: string;
  readonly bench: string;
  readonly latency: number;
  /** In percent of cycles. */
  readonly backpressure: number;
  readonly seed: number;
  /** A file for waveforms. */
  readonly trace?: string;
}

/** What all witnesses found on one image. */
export interface VerifiedJob {
  /** Index among the networks. */
  readonly network: number;
  /** The tape that the result's trailer names. */
  readonly tapeId: number;
  readonly layers: readonly LayerCounts[];
  /** Since the first START of the queue. */
  readonly doneCycle: number;
  readonly readBytes: number;
  readonly writeBytes: number;
  /** By the RTL, the fixed simulator and the float network. */
  readonly top5: readonly number[];
  readonly fixedTop5: readonly number[];
  readonly floatTop5: readonly number[];
}

export interface VerifiedQueue {
  readonly jobs: readonly VerifiedJob[];
  /** Of the last result, as the schedule predicts it. */
  readonly predictedCycles: number;
  /** From the reset on, and how long they took, with comparing them. */
  readonly simulatedCycles: number;
  readonly seconds: number;
}

/** An image by all witnesses but the RTL, which is held against the reference later. */
interface SoftwareResult {
  readonly comparison: Comparison;
  readonly reference: WitnessResult;
  readonly floatLogits: Float32Array;
}

const TOP = 5;

/** Throws as runRtl does, and what `stop` was aborted with. */
export async function verifyQueue(
  request: QueueRequest,
  options: ThreadOptions<QueueReport>,
): Promise<VerifiedQueue> {
  const { networks, jobs, latency, backpressure, seed } = request;
  const { geometry } = networks[0].compiled;
  const queue = jobs.map(({ network }) => networks[network].compiled.schedule);
  const software = await runSoftware(request, options);

  const { cycles: predictedCycles } = predictQueue(queue, geometry, { latency, backpressure, seed });
  const run = await runEngine(request, predictedCycles, options);
  const compareStart = performance.now();
  const rtl = rtlWitnessResults(run.probes, run.results, queue, geometry);
  for (const [index, { comparison, reference }] of software.entries()) {
    comparison.addWitness('rtl', reference, rtl[index]);
  }
  return {
    jobs: software.map(({ comparison, reference, floatLogits }, index) => ({
      network: jobs[index].network,
      tapeId: run.results[index].trailer.tapeId,
      layers: comparison.counts(),
      doneCycle: run.doneCycles[index],
      readBytes: run.readBytes[index],
      writeBytes: run.writeBytes[index],
      top5: topClasses(rtl[index].output),
      fixedTop5: topClasses(reference.output),
      floatTop5: topClasses(floatLogits),
    })),
    predictedCycles,
    simulatedCycles: run.simulatedCycles,
    seconds: run.wallSeconds + (performance.now() - compareStart) / 1000,
  };
}

async function runSoftware(
  { networks, jobs }: QueueRequest,
  { stop, onReport }: ThreadOptions<QueueReport>,
): Promise<SoftwareResult[]> {
  const witnesses = [];
  for (const network of networks) witnesses.push(await softwareWitnesses(network));
  const results: SoftwareResult[] = [];
  for (const { network, image } of jobs) {
    stop.throwIfAborted();
    results.push(await witnesses[network](image));
    onReport({ phase: 'software', done: results.length, total: jobs.length });
  }
  return results;
}

/** Fixed is what the other integer witnesses are held against. */
async function softwareWitnesses({ compiled, networkOnnx }: QueueNetwork) {
  const { integer, geometry, schedule } = compiled;
  const float = await FloatWitness.create(compiled.network, { layers: true });
  const layered = await IntegerWitness.create(integerOnnx(integer, 'all'));
  const shipped = await IntegerWitness.create(networkOnnx);
  const tape = decodeTape(compiled.tape, geometry);
  return async (image: Uint8Array): Promise<SoftwareResult> => {
    const comparison = new Comparison(integer);
    const reference = runFixed(integer, image);
    const real = await float.run(image);
    comparison.addReference(reference, real);
    // The layers show only in a graph with more outputs; the result is that of the file that is handed out.
    const { layers } = await layered.run(image);
    const { output } = await shipped.run(image);
    comparison.addWitness('onnx', reference, { layers, output });
    comparison.addWitness('tape', reference, tapeWitnessResult(tape, schedule, geometry, image));
    return { comparison, reference, floatLogits: real.output };
  };
}

function runEngine(
  { networks, jobs, ...options }: QueueRequest,
  expected: number,
  { stop, onReport }: ThreadOptions<QueueReport>,
) {
  return runRtl({
    ...options,
    geometry: networks[0].compiled.geometry,
    jobs: jobs.map(({ network, image }) => ({ tape: networks[network].compiled.tape, image })),
    stop,
    onProgress: ({ cycles }) => onReport({ phase: 'rtl', done: Math.min(cycles, expected), total: expected }),
  });
}

const topClasses = (logits: ArrayLike<number>) => topK(logits, TOP).map((ranked) => ranked.class);
