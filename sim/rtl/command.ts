/** Runs a program to its end and collects what it prints. */
import { spawn } from 'node:child_process';
import { simulatorMissing } from '../../gen/diagnostics/simulation.ts';

export interface CommandResult {
  /** Exit code, or undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  /** Sees the lines of stderr as they come. */
  readonly onError?: (line: string) => void;
  /** Ends the program. */
  readonly stop?: AbortSignal | undefined;
}

/** Throws FF701 when the program is not installed, and an AbortError when it was stopped. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      signal: options.stop,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    let pending = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      const lines = (pending + text).split('\n');
      pending = lines.pop() ?? '';
      for (const line of lines) options.onError?.(line);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? simulatorMissing(command) : error);
    });
    child.on('close', (code) => resolve({ code: code ?? undefined, stdout, stderr }));
  });
}

/** The last lines of a program's output. */
export function lastLines(text: string, count = 12): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

/** The first lines that say what a compiler did not like; the last ones of all when none does. */
export function errorLines(text: string, count = 12): string {
  const lines = text
    .split('\n')
    .filter((line) => /error/i.test(line) && !/Command Failed|: make /.test(line));
  return lines.length > 0 ? lines.slice(0, count).join('\n') : lastLines(text, count);
}
