/** One build, all witnesses, the same images: do they compute the same bits, and how good are these? */
import type { Compiled } from '../../gen/compiled.ts';
import { integerOnnx } from '../../gen/emit/onnx/integer-onnx.ts';
import { minimumBytes } from '../../gen/emit/traffic.ts';
import { utilization } from '../../gen/estimate.ts';
import { macUnits } from '../../gen/geometry/geometry.ts';
import { networkMacs } from '../../gen/graph/shapes.ts';
import type { Progress } from '../../gen/import/fetch/progress.ts';
import { predictCycles } from '../../gen/schedule/cycles/predict.ts';
import { Comparison } from '../compare/comparison.ts';
import { rtlWitnessResults } from '../compare/rtl-tensors.ts';
import type { FloatResult, WitnessResult } from '../compare/tensors.ts';
import { topK } from '../compare/top-k.ts';
import { runFixed } from '../fixed/run-fixed.ts';
import { FloatWitness } from '../float/float-witness.ts';
import { IntegerWitness } from '../integer/integer-witness.ts';
import { type RtlRun, runRtl } from '../rtl/rtl-witness.ts';
import { decodeTape } from '../tape/decode.ts';
import { tapeWitnessResult } from './tape-witness.ts';

export interface VerifyRequest {
  readonly compiled: Compiled;
  /** The bytes of the build's network.onnx. */
  readonly networkOnnx: Uint8Array;
  /** The build's Verilog. */
  readonly rtlDir: string;
  readonly top: string;
  /** Height × width × 3 each, RGB. */
  readonly images: readonly Uint8Array[];
  readonly latency: number;
  /** In percent of cycles. */
  readonly backpressure: number;
  readonly seed: number;
  /** A file for waveforms. */
  readonly trace?: string;
}

/** What `verify --json` prints (docs/reference/cli.md). */
export interface Verification {
  readonly images: number;
  readonly layers: readonly VerifiedLayer[];
  /** Over all witnesses, layers and images. */
  readonly mismatches: number;
  readonly cycles: number;
  readonly doneCycles: readonly number[];
  readonly predictedCycles: number;
  readonly macs: number;
  readonly macUnits: number;
  readonly utilization: number;
  readonly axiReadBytes: number;
  readonly axiWriteBytes: number;
  readonly minimumBytes: number;
  /** Per image: of the RTL. */
  readonly top5: readonly (readonly number[])[];
  readonly fixedTop5: readonly (readonly number[])[];
  readonly floatTop5: readonly (readonly number[])[];
  readonly cyclesPerSecond: number;
}

export interface VerifiedLayer {
  readonly name: string;
  readonly values: number;
  /** RTL against fixed. */
  readonly mismatches: number;
  /** All integer witnesses against fixed, by name. */
  readonly witnesses: Readonly<Record<string, number>>;
  readonly sqnrDb: number | null;
}

const TOP = 5;

/** Runs every witness on every image. The engine's job queue is kept full. */
export async function verify(request: VerifyRequest, progress: Progress): Promise<Verification> {
  const { compiled, images } = request;
  const comparison = new Comparison(compiled.integer);
  const { references, floats } = await runSoftware(request, comparison, progress);

  const run = await runEngine(request, progress);
  const compareStart = performance.now();
  const { probes, results, doneCycles } = run;
  const rtl = rtlWitnessResults(probes, results, compiled.schedule, compiled.geometry);
  for (const [index, result] of rtl.entries()) comparison.addWitness('rtl', references[index], result);
  const seconds = run.wallSeconds + (performance.now() - compareStart) / 1000;

  const { latency } = request;
  const prediction = predictCycles(compiled.schedule, compiled.geometry, { latency, images: images.length });
  const macs = networkMacs(compiled.network);
  const units = macUnits(compiled.geometry);
  return {
    images: images.length,
    layers: verifiedLayers(comparison),
    mismatches: comparison.totalMismatches(),
    cycles: run.cycles,
    doneCycles,
    predictedCycles: prediction.doneCycles[images.length - 1],
    macs,
    macUnits: units,
    utilization: utilization(macs, units, doneCycles),
    axiReadBytes: mean(run.readBytes),
    axiWriteBytes: mean(run.writeBytes),
    minimumBytes: minimumBytes(compiled.network),
    top5: rtl.map(({ logits }) => topClasses(logits)),
    fixedTop5: references.map(({ logits }) => topClasses(logits)),
    floatTop5: floats.map(({ logits }) => topClasses(logits)),
    cyclesPerSecond: run.simulatedCycles / seconds,
  };
}

/** All witnesses but the RTL; fixed is what the others are held against. */
async function runSoftware(request: VerifyRequest, comparison: Comparison, progress: Progress) {
  const { compiled, images } = request;
  const { integer, geometry, schedule } = compiled;
  const float = await FloatWitness.create(compiled.network, { layers: true });
  const layered = await IntegerWitness.create(integerOnnx(integer, 'all'));
  const shipped = await IntegerWitness.create(request.networkOnnx);
  const tape = decodeTape(compiled.tape, geometry);
  const references: WitnessResult[] = [];
  const floats: FloatResult[] = [];
  for (const [index, image] of images.entries()) {
    const reference = runFixed(integer, image);
    const real = await float.run(image);
    comparison.addReference(reference, real);
    // The layers show only in a graph with more outputs; the logits are those of the file that is handed out.
    const { layers } = await layered.run(image);
    const { logits } = await shipped.run(image);
    comparison.addWitness('onnx', reference, { layers, logits });
    comparison.addWitness('tape', reference, tapeWitnessResult(tape, schedule, geometry, image));
    references.push(reference);
    floats.push(real);
    progress(index + 1, images.length, 'fixed, onnx, tape');
  }
  return { references, floats };
}

async function runEngine(request: VerifyRequest, progress: Progress): Promise<RtlRun> {
  const { compiled, images, latency } = request;
  const { schedule, geometry, tape } = compiled;
  const { doneCycles } = predictCycles(schedule, geometry, { latency, images: images.length });
  const expected = doneCycles[images.length - 1];
  return runRtl({
    ...request,
    geometry,
    tape,
    onProgress: ({ phase, cycles }) =>
      progress(Math.min(cycles, expected), expected, phase === 'build' ? 'building the model' : 'rtl'),
  });
}

function verifiedLayers(comparison: Comparison): VerifiedLayer[] {
  return comparison.layers().map(({ name, values, mismatches, sqnrDb }) => ({
    name,
    values,
    mismatches: mismatches.get('rtl')!,
    witnesses: Object.fromEntries(mismatches),
    sqnrDb,
  }));
}

const topClasses = (logits: ArrayLike<number>) => topK(logits, TOP).map((ranked) => ranked.class);

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
