/** The witnesses as engines that classify images one after the other. */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { resultInvalid } from '../gen/diagnostics/output.ts';
import { readBuildFile, type StoredBuild } from '../gen/emit/build.ts';
import { type RestoreOptions, restoreBuild, restoreNetwork } from '../gen/restore.ts';
import { WORD_BYTES } from '../gen/tape/format.ts';
import { outputValues } from '../gen/tape/output.ts';
import type { RtlProgress } from '../sim/rtl/rtl-witness.ts';
import type { EngineName } from './engine-names.ts';

/** Or, of a network that ends with a map, its bytes. */
export type Logits = Float32Array | Int32Array | Uint8Array;

export interface Engine {
  /** Real value of one unit of the logits. */
  readonly logitScale: number;
  /** Logits of each image (height × width × 3, RGB bytes), in order. */
  classify(images: AsyncIterable<Uint8Array>): AsyncIterable<Logits>;
}

/** Loads what an engine needs of a build: only float and fixed need the model itself. */
export async function openEngine(
  name: EngineName,
  build: StoredBuild,
  options: RestoreOptions = {},
): Promise<Engine> {
  const { output, geometry } = build.design;
  const logitScale = output.scale;
  switch (name) {
    case 'float': {
      const { FloatWitness } = await import('../sim/float/float-witness.ts');
      const network = await restoreNetwork(build, options);
      const witness = await FloatWitness.create(network, { layers: false });
      return oneByOne(1, async (image) => (await witness.run(image)).output);
    }
    case 'onnx': {
      const { IntegerWitness } = await import('../sim/integer/integer-witness.ts');
      const witness = await IntegerWitness.create(readBuildFile(build, 'network.onnx'));
      return oneByOne(logitScale, async (image) => (await witness.run(image)).output);
    }
    case 'fixed': {
      const { runFixed } = await import('../sim/fixed/run-fixed.ts');
      const { integer } = await restoreBuild(build, options);
      return oneByOne(logitScale, async (image) => runFixed(integer, image).output);
    }
    case 'tape': {
      const { decodeTape } = await import('../sim/tape/decode.ts');
      const { runTape } = await import('../sim/tape/interpreter.ts');
      const tape = decodeTape(readBuildFile(build, 'tape.bin'), geometry);
      return oneByOne(logitScale, async (image) => {
        const { result } = runTape(tape, geometry, image);
        return outputValues(result.subarray(0, -WORD_BYTES), output);
      });
    }
    case 'rtl':
      return openRtl(build, options);
  }
}

function oneByOne(logitScale: number, run: (image: Uint8Array) => Promise<Logits>): Engine {
  return {
    logitScale,
    async *classify(images) {
      for await (const image of images) yield await run(image);
    },
  };
}

/** Images that are simulated at a time: enough to keep the job queues full, few enough to hold. */
const RTL_BATCH = 16;
/** The memory that runs of photographs are simulated with; it changes no bit. */
const RTL_MEMORY = { latency: 30, backpressure: 0, seed: 0 } as const;

/** Simulated engines, one a core: images are gathered, so that their job queues stay full. */
async function openRtl(build: StoredBuild, { progress }: RestoreOptions): Promise<Engine> {
  const { runRtlQueues } = await import('../sim/rtl/queues.ts');
  const { jobsOf } = await import('../sim/rtl/rtl-witness.ts');
  const { geometry, top, output } = build.design;
  const rtlDir = path.join(build.folder, 'rtl');
  const tape = readBuildFile(build, 'tape.bin');
  const simulate = async (images: readonly Uint8Array[]) => {
    const onProgress = ({ phase, jobsDone }: RtlProgress) =>
      progress?.(jobsDone, images.length, phase === 'build' ? 'building the model' : 'rtl');
    const options = { rtlDir, top, geometry, jobs: jobsOf(tape, images), ...RTL_MEMORY, onProgress };
    const results = await runRtlQueues(options, availableParallelism());
    for (const { ok } of results) if (!ok) throw resultInvalid(top);
    return results.map(({ data }) => outputValues(data, output));
  };
  return {
    logitScale: output.scale,
    async *classify(images) {
      let batch: Uint8Array[] = [];
      for await (const image of images) {
        batch.push(image);
        if (batch.length < RTL_BATCH) continue;
        yield* await simulate(batch);
        batch = [];
      }
      if (batch.length > 0) yield* await simulate(batch);
    },
  };
}
