import { Command, Option } from 'commander';
import type { Accuracy } from '../accuracy.ts';
import { ENGINES, type EngineName } from '../engine-names.ts';
import type { CommandContext } from '../io.ts';
import { choice, jsonOption, limitOption, modelOption } from '../options.ts';
import { withProgress } from '../progress.ts';

interface AccuracyOptions {
  readonly images: string;
  readonly labels: string;
  readonly engine: EngineName;
  readonly limit?: number;
  readonly model?: string;
  readonly json?: boolean;
}

/** `accuracy`: top-1, top-5 and agreement with the float network on labelled images. */
export function accuracyCommand(context: CommandContext): Command {
  return new Command('accuracy')
    .description('measure accuracy on labelled images, beside the float network')
    .argument('<build>', 'a folder that `compile` wrote')
    .requiredOption('--images <dir>', 'photographs')
    .requiredOption('--labels <file>', 'CSV of file,class_index')
    .addOption(
      new Option('--engine <name>', ENGINES.join(', '))
        .argParser(choice('--engine', ENGINES))
        .default('onnx' satisfies EngineName),
    )
    .addOption(limitOption())
    .addOption(modelOption())
    .addOption(jsonOption())
    .action(async (folder: string, options: AccuracyOptions) => {
      const { openBuild } = await import('../../gen/emit/build.ts');
      const { measureAccuracy } = await import('../accuracy.ts');
      const build = openBuild(folder);
      const accuracy = await withProgress(context, (progress) =>
        measureAccuracy({ build, ...options }, progress),
      );
      context.out(options.json ? JSON.stringify(accuracy, null, 2) : accuracyText(accuracy, options.engine));
    });
}

function accuracyText(accuracy: Accuracy, engine: EngineName): string {
  const percent = (value: number) => `${value.toFixed(2)} %`;
  const { images, top1, top5, floatTop1, floatTop5, agreement, logitSqnrDb, imagesPerSecond } = accuracy;
  return [
    `${images} images`,
    `${engine}: top-1 ${percent(top1)}, top-5 ${percent(top5)}`,
    `float: top-1 ${percent(floatTop1)}, top-5 ${percent(floatTop5)}`,
    `same top-1 on ${percent(agreement)}, logit SQNR ${logitSqnrDb === null ? 'unbounded' : `${logitSqnrDb.toFixed(2)} dB`}`,
    `${imagesPerSecond.toFixed(1)} images/s`,
  ].join('\n');
}
