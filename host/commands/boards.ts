import { Command } from 'commander';
import { usageError } from '../../gen/diagnostics/cli.ts';
import type { Use } from '../../gen/estimate.ts';
import type { Board } from '../../gen/geometry/boards.ts';
import type { CommandContext } from '../io.ts';
import { jsonOption, latencyOption } from '../options.ts';
import { withProgress } from '../progress.ts';
import { addEngineOptions, type EngineOptions, wishes } from './engine-options.ts';
import { addShapeOptions, type ModelOptions } from './model-options.ts';

interface BoardsOptions extends EngineOptions, Pick<ModelOptions, 'side' | 'size' | 'classes'> {
  readonly model: string;
  readonly latency: number;
  readonly json?: boolean;
}

/** `boards`: what the project knows of the devices it can size an engine to, and which engines fit one of them. */
export function boardsCommand(context: CommandContext): Command {
  const command = new Command('boards')
    .description('list the boards, or the engines that fit one of them, fastest first')
    .argument('[name]', 'a board of the list, or a folder with a board.json')
    .option('--model <model>', 'whose images are counted: a file or a known name', 'squeezenet1.1')
    .addOption(latencyOption())
    .addOption(jsonOption());
  return addShapeOptions(addEngineOptions(command)).action(
    async (name: string | undefined, options: BoardsOptions) => {
      const { listBoards, loadBoard } = await import('../../gen/geometry/boards.ts');
      if (name !== undefined) return listEngines(context, loadBoard(name), options);
      const given = Object.keys(options).filter((option) => command.getOptionValueSource(option) === 'cli');
      const other = given.find((option) => option !== 'json');
      if (other) throw usageError('fireforge boards', `--${other} goes with the name of a board`);
      return printBoards(context, listBoards().map(loadBoard), options);
    },
  );
}

async function printBoards(context: CommandContext, boards: Board[], { json }: BoardsOptions): Promise<void> {
  if (json) {
    context.out(JSON.stringify(boards, null, 2));
    return;
  }
  const { textTable } = await import('../../gen/emit/text-table.ts');
  const amount = (count: number) => (Number.isFinite(count) ? String(count) : 'any number of');
  const rows = boards.map(({ name, title, multipliers, memories, clockMHz }) => [
    name,
    title,
    `${amount(multipliers.count)} ${multipliers.name}`,
    memories.map((memory) => `${amount(memory.count)} ${memory.name}`).join(', '),
    `${clockMHz} MHz`,
  ]);
  context.out(textTable(rows));
}

/** Only the network's shapes count, so that a known name needs no weights. */
async function listEngines(
  context: CommandContext,
  board: Board,
  { model, side, size, classes, latency, json, ...options }: BoardsOptions,
): Promise<void> {
  const { loadNetwork, MODEL_NAMES } = await import('../../gen/import/load.ts');
  const { chooseEngine, rateEngines } = await import('../../gen/choose-engine.ts');
  const { boardUse } = await import('../../gen/estimate.ts');
  const { lanesText, macUnits } = await import('../../gen/geometry/geometry.ts');
  const network = await withProgress(context, (progress) =>
    loadNetwork({
      model,
      ...(side !== undefined && { side }),
      ...(size !== undefined && { size }),
      ...(classes !== undefined && { classes }),
      ...(MODEL_NAMES.includes(model) && { weights: 'none' }),
      layersOnly: true,
      progress,
    }),
  );
  const request = { board, wishes: wishes(options) };
  const engines = rateEngines(network, { ...request, latency }).map(({ geometry, cycles }) => ({
    lanes: lanesText(geometry),
    macUnits: macUnits(geometry),
    ...boardUse(geometry, board),
    cycles,
    imagesPerSecond: (board.clockMHz * 1e6) / cycles,
  }));
  const chosen = lanesText(chooseEngine(network, request));
  if (json) {
    const { name, input } = network;
    const image = [input.height, input.width, input.channels];
    const list = { board: board.name, network: name, input: image, latency, default: chosen, engines };
    context.out(JSON.stringify(list, null, 2));
    return;
  }
  const { textTable } = await import('../../gen/emit/text-table.ts');
  const taken = ({ used, available }: Use) => `${used}${available === null ? '' : `/${available}`}`;
  const count = (value: number) => value.toLocaleString('en-US');
  const [{ multipliers, memories }] = engines;
  const heading = ['lanes', 'MAC units', multipliers.name, ...memories.map((memory) => memory.name)];
  const rows = engines.map((engine) => [
    engine.lanes,
    String(engine.macUnits),
    ...[engine.multipliers, ...engine.memories].map(taken),
    count(engine.cycles),
    engine.imagesPerSecond.toFixed(1),
  ]);
  context.out(
    [
      `${network.name} at ${network.input.width}x${network.input.height} on ${board.title}, ` +
        `${board.clockMHz} MHz, memory latency ${latency}:`,
      textTable([[...heading, 'cycles', 'images/s'], ...rows]),
      'left out: engines that others without more multipliers are as fast as',
      `compile takes ${chosen} unless --lanes or --macs says otherwise`,
    ].join('\n'),
  );
}
