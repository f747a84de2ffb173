/** Which schedules a plain engine cannot run. */
import type { Schedule } from './nest.ts';

/** What of an extended engine a schedule uses, in words for a message; nothing if a plain one runs it. */
export function needsExtension({ stages, commands, output }: Schedule): string | undefined {
  if (output.kind === 'map') return 'a map as its result';
  if (commands.some((command) => 'transfer' in command)) return 'maps that go over the port';
  if (stages.some(({ source }) => source.second)) return 'additions of a bypass';
  if (stages.some(({ border }) => border > 0)) return 'a padded classifier';
  if (stages.some(({ waits }) => waits)) return 'a pool without a convolution before it';
  return undefined;
}
