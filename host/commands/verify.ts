import { Command } from 'commander';
import type { DesignRecord } from '../../gen/emit/design-record.ts';
import type { Verification } from '../../sim/verify/verification.ts';
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
    .argument('<build>', 'a folder that `compile` wrote')
    .option('--images <dir>', 'photographs (default: the fetched one, else seeded noise)')
    .addOption(limitOption())
    .addOption(latencyOption())
    .addOption(backpressureOption())
    .addOption(seedOption('of noise images and back-pressure'))
    .option('--trace <file>', 'write waveforms (FST)')
    .addOption(workersOption())
    .addOption(modelOption())
    .addOption(jsonOption())
    .action((build: string, options: VerifyOptions) => verifyBuild(context, build, options));
}

async function verifyBuild(context: CommandContext, folder: string, options: VerifyOptions): Promise<void> {
  const { openBuild, readBuildFile } = await import('../../gen/emit/build.ts');
  const { restoreBuild } = await import('../../gen/restore.ts');
  const { verify } = await import('../../sim/verify/verify.ts');
  const path = await import('node:path');
  const { availableParallelism } = await import('node:os');
  const build = openBuild(folder);
  const { model, trace, latency, backpressure, seed, workers = availableParallelism() } = options;
  const verification = await withProgress(context, async (progress) => {
    const { images, origin } = await chooseImages(build.design, options);
    if (!options.json) context.note(`verifying on ${origin}`);
    const compiled = await restoreBuild(build, { progress, ...(model !== undefined && { model }) });
    const request = {
      compiled,
      networkOnnx: readBuildFile(build, 'network.onnx'),
      rtlDir: path.join(folder, 'rtl'),
      top: build.design.top,
      images,
      ...{ latency, backpressure, seed, workers },
      ...(trace !== undefined && { trace }),
    };
    return verify(request, progress);
  });
  if (verification.mismatches > 0) context.status = STATUS.failed;
  context.out(
    options.json ? JSON.stringify(verification, null, 2) : await verificationText(verification, build.design),
  );
}

async function chooseImages(
  design: DesignRecord,
  { images: folder, limit, seed }: VerifyOptions,
): Promise<{ images: Uint8Array[]; origin: string }> {
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

async function verificationText(
  verification: Verification,
  { board: { clockMHz }, network: { labelOffset } }: DesignRecord,
): Promise<string> {
  const { labelText } = await import('../labels.ts');
  const { textTable } = await import('../../gen/emit/text-table.ts');
  const { cyclesPerImage } = await import('../../gen/estimate.ts');
  const { longestQueue } = await import('../../sim/verify/verification.ts');
  const { layers, queues, top5, fixedTop5, floatTop5, mismatches } = verification;
  const count = (value: number) => Math.round(value).toLocaleString('en-US');
  const ranks = (classes: readonly number[]) =>
    classes.map((index) => labelText(index, labelOffset)).join(' ');
  const witnesses = Object.keys(layers[0].witnesses);
  const rows = layers.map((layer) => [
    layer.name,
    count(layer.values),
    ...witnesses.map((witness) => count(layer.witnesses[witness])),
    layer.sqnrDb === null ? '' : `${layer.sqnrDb.toFixed(1)} dB`,
  ]);
  const moved = verification.axiReadBytes + verification.axiWriteBytes;
  const perImage = cyclesPerImage(longestQueue(verification));
  return [
    textTable([['layer', 'values', ...witnesses.map((name) => `${name} differs`), 'SQNR'], ...rows]),
    `${mismatches} mismatches over all witnesses, layers and ${verification.images} image(s)`,
    ...top5.map(
      (rtl, i) =>
        `top-5 of image ${i + 1}: float ${ranks(floatTop5[i])}; fixed ${ranks(fixedTop5[i])}; rtl ${ranks(rtl)}`,
    ),
    `cycles${queues.length > 1 ? ` of ${queues.length} queues` : ''}: ${count(verification.cycles)}, predicted ${count(verification.predictedCycles)}; ` +
      `${count(perImage)} per image, ${(100 * verification.utilization).toFixed(1)} % of ${verification.macUnits} MAC units`,
    `at ${clockMHz} MHz: ${((clockMHz * 1e6) / perImage).toFixed(1)} images/s`,
    `bytes per image: ${count(verification.axiReadBytes)} read, ${count(verification.axiWriteBytes)} written, ` +
      `${(moved / verification.minimumBytes).toFixed(3)} of the minimum`,
    `simulated ${count(verification.cyclesPerSecond)} cycles/s`,
  ].join('\n');
}
