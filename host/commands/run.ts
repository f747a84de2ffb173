import { Command, Option } from 'commander';
import { ENGINES, type EngineName } from '../engine-names.ts';
import type { CommandContext } from '../io.ts';
import { choice, jsonOption, modelOption } from '../options.ts';
import { withProgress } from '../progress.ts';
import type { Result } from '../results.ts';

interface RunOptions {
  readonly engine: EngineName;
  readonly model?: string;
  readonly json?: boolean;
}

/** `run`: classifies photographs with one of the engines, or gives their features. */
export function runCommand(context: CommandContext): Command {
  return new Command('run')
    .description('classify photographs (JPEG, PNG) with a build')
    .argument('<build>', 'a folder that `compile` wrote')
    .argument('<image...>', 'photographs')
    .addOption(
      new Option('--engine <name>', ENGINES.join(', '))
        .argParser(choice('--engine', ENGINES))
        .default('onnx' satisfies EngineName),
    )
    .addOption(modelOption())
    .addOption(jsonOption())
    .action((build: string, images: string[], options: RunOptions) =>
      runImages(context, build, images, options),
    );
}

async function runImages(
  context: CommandContext,
  folder: string,
  files: readonly string[],
  { engine: name, model, json }: RunOptions,
): Promise<void> {
  const { openBuild } = await import('../../gen/emit/build.ts');
  const { imageFit, prepareAhead } = await import('../images.ts');
  const { openEngine } = await import('../engines.ts');
  const { classesText, featuresText, jsonResults } = await import('../results.ts');
  const build = openBuild(folder);
  const { network, output } = build.design;
  const results = await withProgress(context, async (progress) => {
    const engine = await openEngine(name, build, { progress, ...(model !== undefined && { model }) });
    const found: Result[] = [];
    for await (const values of engine.classify(prepareAhead(files, imageFit(build.design)))) {
      found.push({ image: files[found.length], values, scale: engine.logitScale });
      progress(found.length, files.length, name);
    }
    return found;
  });
  if (json) {
    context.out(JSON.stringify(jsonResults(results, build.design)));
    return;
  }
  for (const result of results) {
    const text =
      network.classes > 0 ? classesText(result, network.labelOffset) : featuresText(result, output);
    context.out(`${result.image}: ${text}`);
  }
}
