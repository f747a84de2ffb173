/** The command line: `main` runs one command and gives the exit status. */
import { Command, CommanderError } from 'commander';
import { internalError, usageError } from '../gen/diagnostics/cli.ts';
import { FireforgeError } from '../gen/diagnostics/diagnostic.ts';
import { accuracyCommand } from './commands/accuracy.ts';
import { boardsCommand } from './commands/boards.ts';
import { compileCommand } from './commands/compile.ts';
import { diffCommand } from './commands/diff.ts';
import { estimateCommand } from './commands/estimate.ts';
import { fetchCommand } from './commands/fetch.ts';
import { inspectCommand } from './commands/inspect.ts';
import { runCommand } from './commands/run.ts';
import { verifyCommand } from './commands/verify.ts';
import { type CommandContext, type Io, processIo, STATUS } from './io.ts';

const COMMANDS = [
  fetchCommand,
  inspectCommand,
  compileCommand,
  diffCommand,
  runCommand,
  verifyCommand,
  accuracyCommand,
  estimateCommand,
  boardsCommand,
];

/**
 * Runs the command that `args` (without program name) ask for. Never throws.
 *
 * @returns 0: done; 1: a comparison failed or found a difference, or the program failed; 2: wrong usage or input.
 */
export async function main(args: readonly string[], io: Io = processIo): Promise<number> {
  const context: CommandContext = { ...io, status: STATUS.ok };
  const program = createProgram(context);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return context.status;
  } catch (error) {
    return report(error, args, io);
  }
}

function createProgram(context: CommandContext): Command {
  const program = new Command('fireforge')
    .description('FPGA accelerator generator for SqueezeNet: from a trained network to bit-exact Verilog')
    .showHelpAfterError(false);
  for (const create of COMMANDS) program.addCommand(create(context));
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => context.out(text.trimEnd()),
      // Usage errors are reported as all others are, once they are caught.
      writeErr: () => {},
    });
  }
  return program;
}

function report(error: unknown, args: readonly string[], io: Io): number {
  if (error instanceof CommanderError && error.exitCode === 0) return STATUS.ok;
  if (process.env.FIREFORGE_DEBUG === '1' && error instanceof Error) io.note(error.stack ?? error.message);
  if (error instanceof FireforgeError) {
    io.note(error.message);
    return STATUS.usage;
  }
  if (error instanceof CommanderError) {
    const known = COMMANDS.some((create) => create({ ...io, status: 0 }).name() === args[0]);
    const command = known ? `fireforge ${args[0]}` : 'fireforge';
    const isHelp = error.code === 'commander.help';
    const reason = isHelp
      ? 'no command was given'
      : error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
    io.note(usageError(command, reason).message);
    return STATUS.usage;
  }
  io.note(internalError(error instanceof Error ? error.message : String(error)).message);
  return STATUS.failed;
}
