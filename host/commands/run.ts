import { Command, Option } from 'commander';
import { ENGINES, type EngineName } from '../engine-names.ts';
import type { CommandContext } from '../io.ts';
import { choice, jsonOption, modelOption } from '../options.ts';
import { withProgress } from '../progress.ts';

interface RunOptions {
  readonly engine: EngineName;
  readonly model?: string;
  readonly json?: boolean;
}

const TOP = 5;

/** `run`: classifies photographs with one of the engines. */
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
  const { labelText } = await import('../labels.ts');
  const { topK } = await import('../../sim/compare/top-k.ts');
  const build = openBuild(folder);
  const { labelOffset } = build.design.network;
  const results = await withProgress(context, async (progress) => {
    const engine = await openEngine(name, build, { progress, ...(model !== undefined && { model }) });
    const found: { image: string; logits: number[]; top5: ReturnType<typeof topK> }[] = [];
    for await (const logits of engine.classify(prepareAhead(files, imageFit(build.design)))) {
      const image = files[found.length];
      found.push({ image, logits: Array.from(logits), top5: topK(logits, TOP, engine.logitScale) });
      progress(found.length, files.length, name);
    }
    return found;
  });
  if (json) {
    const value = results.map(({ image, logits, top5 }) => ({
      image,
      logits,
      top5: top5.map((ranked) => ranked.class),
    }));
    context.out(JSON.stringify(value));
    return;
  }
  for (const { image, top5 } of results) {
    const ranks = top5.map(
      (ranked) => `${labelText(ranked.class, labelOffset)} (${ranked.score.toFixed(2)})`,
    );
    context.out(`${image}: ${ranks.join(', ')}`);
  }
}
