/** A build's compiled network, made again from its model and checked to be the same. */
import { compile } from './compile.ts';
import type { Compiled, ModelRecord } from './compiled.ts';
import { FireforgeError } from './diagnostics/diagnostic.ts';
import { compilerChanged, modelChanged, modelGone } from './diagnostics/output.ts';
import { readBuildFile, type StoredBuild } from './emit/build.ts';
import { networkHash } from './graph/hash.ts';
import type { Network } from './graph/network.ts';
import type { Progress } from './import/fetch/progress.ts';
import { loadNetwork } from './import/load.ts';
import { parseCalibration } from './quantize/calibration-file.ts';

export interface RestoreOptions {
  /** Where the model's file is now, if not where it was. */
  readonly model?: string;
  readonly progress?: Progress;
}

/** The float network of a build. Throws FF634, FF635 if its model is gone or changed. */
export async function restoreNetwork(build: StoredBuild, options: RestoreOptions = {}): Promise<Network> {
  const { design, folder } = build;
  const { progress } = options;
  const model: ModelRecord = {
    ...design.model,
    ...(options.model !== undefined && { model: options.model }),
  };
  const loaded = await loadNetwork({ ...model, layersOnly: true, ...(progress && { progress }) }).catch(
    (error: unknown) => {
      const isGone = error instanceof FireforgeError && error.diagnostic.code === 'FF101';
      throw isGone ? modelGone(model.model, folder) : error;
    },
  );
  // The build knows the preprocessing; the model's file need not.
  const network = { ...loaded, preprocess: design.preprocess };
  if (networkHash(network) !== design.network.hash) throw modelChanged(model.model, folder);
  return network;
}

/** All of a build. Throws as restoreNetwork, and FF636 if this program would compile another tape. */
export async function restoreBuild(build: StoredBuild, options: RestoreOptions = {}): Promise<Compiled> {
  const network = await restoreNetwork(build, options);
  const text = Buffer.from(readBuildFile(build, 'calibration.json')).toString('utf8');
  const calibration = parseCalibration(text, `${build.folder}/calibration.json`, network);
  const compiled = compile({ network, calibration, geometry: build.design.geometry });
  const tape = readBuildFile(build, 'tape.bin');
  if (!Buffer.from(compiled.tape).equals(tape)) throw compilerChanged(build.folder);
  return compiled;
}
