import { Command } from 'commander';
import type { StoredBuild } from '../../gen/emit/build.ts';
import type { DesignRecord } from '../../gen/emit/design-record.ts';
import type { Progress } from '../../gen/import/fetch/progress.ts';
import { type CommandContext, STATUS } from '../io.ts';
import {
  backpressureOption,
  jsonOption,
  latencyOption,
  limitOption,
  modelOption,
  seedOption,
  workersOption,
} from '../options.ts';
import { withProgress } from '../progress.ts';

interface VerifyOptions {
  readonly images?: string;
  readonly limit?: number;
  readonly latency: number;
  readonly backpressure: number;
  readonly seed: number;
  readonly trace?: string;
  readonly workers?: number;
  readonly model?: string;
  readonly json?: boolean;
}

/** Seeded noise images where neither a folder nor the photograph is at hand. */
const NOISE_IMAGES = 2;

/** `verify`: proves that all witnesses compute the same bits. */
export function verifyCommand(context: CommandContext): Command {
  return new Command('verify')
    .description('compare float, network.onnx, fixed simulator, tape interpreter and RTL layer by layer')
    .argument('<build...>', 'a folder that `compile` wrote; several of one geometry take turns on one engine')
    .option('--images <dir>', 'photographs (default: the fetched one, else seeded noise)')
    .addOption(limitOption())
    .addOption(latencyOption())
    .addOption(backpressureOption())
    .addOption(seedOption('of noise images and back-pressure'))
    .option('--trace <file>', 'write waveforms (FST)')
    .addOption(workersOption())
    .addOption(modelOption())
    .addOption(jsonOption())
    .action((builds: string[], options: VerifyOptions) => verifyBuilds(context, builds, options));
}

async function verifyBuilds(
  context: CommandContext,
  folders: readonly string[],
  options: VerifyOptions,
): Promise<void> {
  const { verify, verifyShared } = await import('../../sim/verify/verify.ts');
  const { sharedText, verificationText } = await import('./verify-text.ts');
  const builds = await openBuilds(folders, options);
  const [{ design }] = builds;
  const print = <Found extends { readonly mismatches: number }>(verification: Found, text: string) => {
    if (verification.mismatches > 0) context.status = STATUS.failed;
    context.out(options.json ? JSON.stringify(verification, null, 2) : text);
  };
  if (builds.length === 1) {
    const found = await withProgress(context, async (progress) =>
      verify(await requestOf(context, builds, options, progress), progress),
    );
    print(found, verificationText(found, design));
    return;
  }
  const found = await withProgress(context, async (progress) =>
    verifyShared(await requestOf(context, builds, options, progress), progress),
  );
  print({ builds: folders, ...found }, sharedText(found, builds));
}

/** Builds that can share an engine: of one geometry. */
async function openBuilds(folders: readonly string[], { model }: VerifyOptions): Promise<StoredBuild[]> {
  const { openBuild } = await import('../../gen/emit/build.ts');
  const { geometryHash } = await import('../../gen/geometry/geometry.ts');
  const { geometriesDiffer } = await import('../../gen/diagnostics/output.ts');
  const { optionsExclude } = await import('../../gen/diagnostics/cli.ts');
  if (model !== undefined && folders.length > 1) throw optionsExclude('--model', 'several builds');
  const builds = folders.map(openBuild);
  const [first, ...others] = builds.map(({ design }) => geometryHash(design.geometry));
  const other = others.findIndex((hash) => hash !== first);
  if (other >= 0) throw geometriesDiffer(folders[other + 1], others[other], folders[0], first);
  return builds;
}

async function requestOf(
  context: CommandContext,
  builds: readonly StoredBuild[],
  options: VerifyOptions,
  progress: Progress,
) {
  const { readBuildFile } = await import('../../gen/emit/build.ts');
  const { restoreBuild } = await import('../../gen/restore.ts');
  const path = await import('node:path');
  const { availableParallelism } = await import('node:os');
  const { model, trace, latency, backpressure, seed, workers = availableParallelism() } = options;
  const chosen: ChosenImages[] = [];
  for (const { design } of builds) chosen.push(await chooseImages(design, options));
  const [{ origin, images: first }] = chosen;
  if (!options.json) context.note(`verifying on ${origin}`);
  const networks = [];
  for (const build of builds) {
    const compiled = await restoreBuild(build, { progress, ...(model !== undefined && { model }) });
    networks.push({ compiled, networkOnnx: readBuildFile(build, 'network.onnx') });
  }
  return {
    networks,
    rounds: first.map((_, round) => chosen.map(({ images }) => images[round])),
    rtlDir: path.join(builds[0].folder, 'rtl'),
    top: builds[0].design.top,
    ...{ latency, backpressure, seed, workers },
    ...(trace !== undefined && { trace }),
  };
}

interface ChosenImages {
  readonly images: readonly Uint8Array[];
  /** Where they are from, in words. */
  readonly origin: string;
}

async function chooseImages(
  design: DesignRecord,
  { images: folder, limit, seed }: VerifyOptions,
): Promise<ChosenImages> {
  const { fetchedPhotograph, imageFit, imagesOf, prepareAhead } = await import('../images.ts');
  const prepare = async (files: readonly string[]) => {
    const images: Uint8Array[] = [];
    for await (const image of prepareAhead(files, imageFit(design))) images.push(image);
    return images;
  };
  if (folder !== undefined) {
    const files = await imagesOf(folder, limit);
    return { images: await prepare(files), origin: `${files.length} image(s) of ${folder}` };
  }
  const photograph = fetchedPhotograph();
  if (photograph) return { images: await prepare([photograph]), origin: photograph };
  const { synthesizeFor } = await import('../../sim/image/synthetic.ts');
  const count = limit ?? NOISE_IMAGES;
  const { network, preprocess } = design;
  const images = synthesizeFor({ input: network.input, preprocess }, count, seed);
  return { images, origin: `${count} seeded noise image(s)` };
}
