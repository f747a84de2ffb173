/** The command line as a function: what a bench measures is what a user gets. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../host/bin/fireforge.js', import.meta.url));
/** Where builds of the benches go. */
export const BUILDS = fileURLToPath(new URL('../build/bench', import.meta.url));
/** Prints the peak of resident memory in KiB when the program ends. */
const REPORT_MEMORY =
  "data:text/javascript,process.on('exit',()=>console.error('peak '+process.resourceUsage().maxRSS))";

export interface Measured<T> {
  /** What `--json` printed. */
  readonly value: T;
  /** Of the whole process, from start to end. */
  readonly seconds: number;
  readonly peakMiB: number;
}

/** Runs `fireforge ARGS --json`; throws with its words if it does not end well. */
export async function fireforge<T>(...args: readonly string[]): Promise<Measured<T>> {
  const start = performance.now();
  const child = spawn(process.execPath, ['--import', REPORT_MEMORY, PROGRAM, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, notes, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => {
      child.on('close', resolve);
    }),
  ]);
  if (status !== 0) throw new Error(`fireforge ${args.join(' ')}\n${notes}`);
  const seconds = (performance.now() - start) / 1000;
  return { value: JSON.parse(out), seconds, peakMiB: Number(/peak (\d+)/.exec(notes)?.[1]) / 1024 };
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
