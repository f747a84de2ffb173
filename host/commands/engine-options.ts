/** The options by which an engine differs from the board's defaults, as `compile` and `boards` share them. */
import { type Command, Option } from 'commander';
import type { Wishes } from '../../gen/geometry/sizing.ts';
import { wholeNumber } from '../options.ts';

export interface EngineOptions {
  readonly port?: number;
  readonly ring?: number;
  readonly memory?: number;
  readonly burst?: number;
}

/** Adds them to a command. */
export function addEngineOptions(command: Command): Command {
  const number = (flags: string, description: string) =>
    new Option(flags, description).argParser(wholeNumber(flags.split(' ')[0]));
  return command
    .addOption(number('--port <bits>', 'width of the AXI port'))
    .addOption(number('--ring <KiB>', 'size of the weight ring'))
    .addOption(number('--memory <KiB>', 'size of the feature memory'))
    .addOption(number('--burst <beats>', 'longest AXI burst'));
}

export function wishes({ port, ring, memory, burst }: EngineOptions): Wishes {
  return {
    ...(port !== undefined && { port }),
    ...(ring !== undefined && { ringKib: ring }),
    ...(memory !== undefined && { memoryKib: memory }),
    ...(burst !== undefined && { burst }),
  };
}
