/**
 * Brings a source archive by the ordinary pip client without executing anything of it. `pip download` must
 * know an archive's name and version, for which it calls the archive's build backend; the flags below make
 * that ours (pip-stub), which is first on PYTHONPATH, and pip checks the pinned hash before it calls it.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { downloadFailed, hashMismatch, pipMissing } from '../../diagnostics/fetch.ts';
import type { PipOrigin } from './sources.ts';

const STUB = fileURLToPath(new URL('./pip-stub', import.meta.url));

/** Ways to call pip, tried in turn. */
const CLIENTS: readonly (readonly string[])[] = [['python3', '-m', 'pip'], ['pip3'], ['pip']];

/** How many lines of pip's complaint a message repeats. */
const REASON_LINES = 1;

/**
 * Downloads into `folder` and returns the archive's bytes. `extraArguments` go to pip, e.g. another place
 * to look.
 */
export async function downloadArchive(
  origin: PipOrigin,
  folder: string,
  extraArguments: readonly string[] = [],
): Promise<Uint8Array> {
  const pinned = path.join(folder, 'requirements.txt');
  writeFileSync(pinned, `${origin.package}==${origin.version} --hash=sha256:${origin.sha256}\n`);
  const target = path.join(folder, 'archive');
  const subject = `${origin.package} ${origin.version}`;
  const result = await runPip(
    [
      ...['download', '--no-deps', '--no-binary', ':all:', '--require-hashes', '--use-pep517'],
      ...['--no-build-isolation', '--no-input', '--disable-pip-version-check', '--quiet'],
      ...['--dest', target, '--requirement', pinned, ...extraArguments],
    ],
    {
      PYTHONPATH: [STUB, process.env.PYTHONPATH].filter(Boolean).join(path.delimiter),
      PYTHONDONTWRITEBYTECODE: '1',
      FIREFORGE_SDIST_NAME: origin.package,
      FIREFORGE_SDIST_VERSION: origin.version,
    },
  );
  if (result === undefined) throw pipMissing(subject);
  if (result.status !== 0) {
    const found = /Got\s+([0-9a-f]{64})/.exec(result.output);
    if (found) throw hashMismatch(subject, origin.sha256, found[1]);
    throw downloadFailed(subject, pipReason(result.output));
  }
  const [file] = existsSync(target) ? readdirSync(target) : [];
  if (file === undefined) throw downloadFailed(subject, 'pip brought no archive');
  return readFileSync(path.join(target, file));
}

function pipReason(output: string): string {
  const errors = output.split('\n').filter((line) => line.startsWith('ERROR:'));
  const lines = errors.map((line) => line.slice('ERROR:'.length).trim());
  return lines.slice(0, REASON_LINES).join(' ') || 'pip did not say why';
}

interface PipResult {
  readonly status: number;
  readonly output: string;
}

/** The result of the first client that exists; undefined if none does. */
async function runPip(
  args: readonly string[],
  environment: Record<string, string>,
): Promise<PipResult | undefined> {
  for (const [command, ...prefix] of CLIENTS) {
    const result = await run(command, [...prefix, ...args], environment);
    if (result && !/No module named pip\b/.test(result.output)) return result;
  }
  return undefined;
}

function run(
  command: string,
  args: readonly string[],
  environment: Record<string, string>,
): Promise<PipResult | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', () => resolve(undefined));
    child.on('close', (status) => resolve({ status: status ?? 1, output }));
  });
}
