import { Command, Option } from 'commander';
import type { Estimate } from '../../gen/estimate.ts';
import type { CommandContext } from '../io.ts';
import {
  backpressureOption,
  jsonOption,
  latencyOption,
  modelOption,
  seedOption,
  wholeNumber,
} from '../options.ts';
import { withProgress } from '../progress.ts';

interface EstimateOptions {
  readonly latency: number;
  readonly backpressure: number;
  readonly seed: number;
  readonly images: number;
  readonly model?: string;
  readonly json?: boolean;
}

/** `estimate`: what a build costs and how fast it is, without running RTL. */
export function estimateCommand(context: CommandContext): Command {
  return new Command('estimate')
    .description('predict cycles, resources, images per second and bytes per second of a build')
    .argument('<build>', 'a folder that `compile` wrote')
    .addOption(latencyOption())
    .addOption(backpressureOption())
    .addOption(seedOption('of the back-pressure'))
    .addOption(
      new Option('--images <number>', 'images back to back').argParser(wholeNumber('--images')).default(1),
    )
    .addOption(modelOption())
    .addOption(jsonOption())
    .action(async (folder: string, { model, json, ...memory }: EstimateOptions) => {
      const { openBuild } = await import('../../gen/emit/build.ts');
      const { restoreBuild } = await import('../../gen/restore.ts');
      const { estimate } = await import('../../gen/estimate.ts');
      const build = openBuild(folder);
      const compiled = await withProgress(context, (progress) =>
        restoreBuild(build, { progress, ...(model !== undefined && { model }) }),
      );
      const estimated = estimate(compiled, build.design.board, memory);
      context.out(json ? JSON.stringify(estimated, null, 2) : estimateText(estimated, memory));
    });
}

function estimateText(
  estimated: Estimate,
  { latency, backpressure }: Pick<EstimateOptions, 'latency' | 'backpressure'>,
): string {
  const { predictedCycles, doneCycles, multipliers, memories, bytes } = estimated;
  const count = (value: number) => value.toLocaleString('en-US');
  const use = ({ name, used, available }: Estimate['multipliers']) =>
    `${used}${available === null ? '' : ` of ${available}`} ${name}`;
  return [
    `predicted cycles at latency ${latency}` +
      (backpressure > 0 ? ` and ${backpressure} % back-pressure` : '') +
      `: ${count(predictedCycles)}` +
      (doneCycles.length > 1 ? ` (images done at ${doneCycles.map(count).join(', ')})` : ''),
    `utilization: ${(100 * estimated.utilization).toFixed(1)} % of ${estimated.macUnits} MAC units`,
    `at ${estimated.clockMHz} MHz: ${estimated.imagesPerSecond.toFixed(1)} images/s, ` +
      `${count(Math.round(estimated.bytesPerSecond))} bytes/s`,
    `resources: ${[multipliers, ...memories].map(use).join(', ')}`,
    `bytes per image: ${count(bytes.read)} read, ${count(bytes.written)} written, minimum ${count(bytes.minimum)}`,
  ].join('\n');
}
