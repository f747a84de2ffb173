/** The real command line inside the test's process. */
import { main } from '../../host/cli.ts';

export interface CliResult {
  readonly status: number;
  readonly out: string;
  readonly notes: string;
}

export async function runCli(...args: string[]): Promise<CliResult> {
  const out: string[] = [];
  const notes: string[] = [];
  const status = await main(args, {
    out: (text) => out.push(text),
    note: (text) => notes.push(text),
    interactive: false,
  });
  return { status, out: out.join('\n'), notes: notes.join('\n') };
}
