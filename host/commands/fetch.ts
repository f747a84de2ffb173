import { Command } from 'commander';
import type { CommandContext } from '../io.ts';
import { jsonOption } from '../options.ts';
import { withProgress } from '../progress.ts';

/** `fetch`: brings a trained network into the cache. */
export function fetchCommand(context: CommandContext): Command {
  return new Command('fetch')
    .description('bring a trained network into the cache')
    .argument('<name>', 'e.g. squeezenet1.1')
    .addOption(jsonOption())
    .action(async (name: string, { json }: { json?: boolean }) => {
      const { fetchNetwork } = await import('../../gen/import/fetch/fetch.ts');
      const { source, weights, photograph } = await withProgress(context, (progress) =>
        fetchNetwork(name, { progress }),
      );
      if (json) {
        context.out(JSON.stringify({ name: source.name, weights, photograph: photograph ?? null }, null, 2));
        return;
      }
      context.out(`${source.name}: ${weights}`);
      if (photograph) context.out(`photograph: ${photograph}`);
    });
}
