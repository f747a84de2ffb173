import { Command } from 'commander';
import type { Network } from '../../gen/graph/network.ts';
import type { Inspection } from '../../gen/inspect.ts';
import type { CommandContext } from '../io.ts';
import { jsonOption } from '../options.ts';
import { withProgress } from '../progress.ts';
import { addModelOptions, type ModelOptions } from './model-options.ts';

/** `inspect`: a model's layers, and what of it the engine cannot run. */
export function inspectCommand(context: CommandContext): Command {
  const command = new Command('inspect')
    .description("show a model's layers, shapes, MACs and parameters, and what would not map and why")
    .argument('<model>', 'a .safetensors, .onnx or .caffemodel file, or squeezenet1.0, squeezenet1.1')
    .addOption(jsonOption());
  return addModelOptions(command).action(
    async (model: string, { json, ...options }: ModelOptions & { json?: boolean }) => {
      const { loadNetwork } = await import('../../gen/import/load.ts');
      const { inspectNetwork } = await import('../../gen/inspect.ts');
      const network = await withProgress(context, (progress) =>
        loadNetwork({ model, ...options, layersOnly: true, progress }),
      );
      const inspection = inspectNetwork(network);
      context.out(json ? inspectionJson(network, inspection) : await inspectionText(network, inspection));
    },
  );
}

const sum = (inspection: Inspection, what: 'macs' | 'parameters') =>
  inspection.layers.reduce((total, layer) => total + layer[what], 0);

function inspectionJson({ name, input }: Network, inspection: Inspection): string {
  const { layers, result, unmapped } = inspection;
  const totals = { macs: sum(inspection, 'macs'), parameters: sum(inspection, 'parameters') };
  const { height, width, channels } = input;
  const value = {
    name,
    input: [height, width, channels],
    layers,
    ...totals,
    result,
    unmapped: unmapped ?? null,
  };
  return JSON.stringify(value, null, 2);
}

async function inspectionText({ name, input }: Network, inspection: Inspection): Promise<string> {
  const { textTable } = await import('../../gen/emit/text-table.ts');
  const number = (value: number) => value.toLocaleString('en-US');
  const rows = inspection.layers.map(({ name: layer, operation, output, macs, parameters }) => [
    layer,
    operation,
    output.join('x'),
    number(macs),
    number(parameters),
  ]);
  const total = ['total', '', '', number(sum(inspection, 'macs')), number(sum(inspection, 'parameters'))];
  const { result, unmapped } = inspection;
  return [
    `${name}, image ${input.height}x${input.width}x${input.channels}`,
    textTable([['layer', 'operation', 'output', 'MACs', 'parameters'], ...rows, total]),
    result.kind === 'logits'
      ? `result: ${result.channels} numbers, int32`
      : `result: a map of ${result.height}x${result.width}x${result.channels}, uint8`,
    unmapped
      ? `does not map: ${unmapped.code}: ${unmapped.subject}: ${unmapped.reason}\n  ${unmapped.remedy}`
      : 'the engine can run all of it',
  ].join('\n');
}
