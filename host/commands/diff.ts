import { Command } from 'commander';
import type { BuildContents, Difference } from '../../gen/emit/build-differences.ts';
import { type CommandContext, STATUS } from '../io.ts';
import { jsonOption } from '../options.ts';

/** `diff`: in what two builds differ, in words. */
export function diffCommand(context: CommandContext): Command {
  return new Command('diff')
    .description('say in what two builds differ: network, numbers, schedule, geometry, cycles')
    .argument('<a>', 'a folder that `compile` wrote')
    .argument('<b>', 'another one')
    .addOption(jsonOption())
    .action((a: string, b: string, options: { readonly json?: boolean }) =>
      compareBuilds(context, a, b, options),
    );
}

async function compareBuilds(
  context: CommandContext,
  a: string,
  b: string,
  { json }: { readonly json?: boolean },
): Promise<void> {
  const { buildDifferences } = await import('../../gen/emit/build-differences.ts');
  const differences = buildDifferences(await readContents(a), await readContents(b));
  const equal = differences.length === 0;
  if (!equal) context.status = STATUS.failed;
  if (json) context.out(JSON.stringify({ a, b, equal, differences }, null, 2));
  else context.out(await differenceText(a, b, differences));
}

async function readContents(folder: string): Promise<BuildContents> {
  const { openBuild, readBuildFile, verilogHashes } = await import('../../gen/emit/build.ts');
  const { PINNED_FILES } = await import('../../gen/emit/design-record.ts');
  const { parseRanges } = await import('../../gen/quantize/calibration-file.ts');
  const build = openBuild(folder);
  const files = new Map(PINNED_FILES.map((name) => [name, readBuildFile(build, name)]));
  const calibration = Buffer.from(files.get('calibration.json')!).toString('utf8');
  return {
    design: build.design,
    ranges: parseRanges(calibration, `${folder}/calibration.json`),
    verilog: verilogHashes(build),
  };
}

async function differenceText(a: string, b: string, differences: readonly Difference[]): Promise<string> {
  const { AREAS } = await import('../../gen/emit/build-differences.ts');
  if (differences.length === 0) return `${a} and ${b} are the same in ${AREAS.join(', ')}`;
  const of = (area: string) => differences.filter((difference) => difference.area === area);
  const same = AREAS.filter((area) => of(area).length === 0);
  return [
    `A is ${a}, B is ${b}`,
    ...AREAS.filter((area) => !same.includes(area)).flatMap((area) => [
      `${area}:`,
      ...of(area).map((one) => `  ${one.subject}: A ${one.a}, B ${one.b}`),
    ]),
    ...(same.length > 0 ? [`the same: ${same.join(', ')}`] : []),
  ].join('\n');
}
