import { Command } from 'commander';
import type { CommandContext } from '../io.ts';
import { jsonOption } from '../options.ts';

/** `boards`: what the project knows of the devices it can size an engine to. */
export function boardsCommand(context: CommandContext): Command {
  return new Command('boards')
    .description('list the boards')
    .addOption(jsonOption())
    .action(async ({ json }: { json?: boolean }) => {
      const { listBoards, loadBoard } = await import('../../gen/geometry/boards.ts');
      const { textTable } = await import('../../gen/emit/text-table.ts');
      const boards = listBoards().map(loadBoard);
      if (json) {
        context.out(JSON.stringify(boards, null, 2));
        return;
      }
      const amount = (count: number) => (Number.isFinite(count) ? String(count) : 'any number of');
      const rows = boards.map(({ name, title, multipliers, memories, clockMHz }) => [
        name,
        title,
        `${amount(multipliers.count)} ${multipliers.name}`,
        memories.map((memory) => `${amount(memory.count)} ${memory.name}`).join(', '),
        `${clockMHz} MHz`,
      ]);
      context.out(textTable(rows));
    });
}
