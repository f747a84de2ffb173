/**
 * Verilog → a native simulation model with the C++ bench, by Verilator. Models are cached by everything that
 * makes them, so that one geometry is built once for all its networks.
 */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { rtlFolderUnreadable, simulatorFailed } from '../../gen/diagnostics/simulation.ts';
import { cachedFolder } from './cache.ts';
import { errorLines, runCommand } from './command.ts';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const BENCH = path.join(HERE, 'bench');
const PROBES = path.join(HERE, 'probes.vlt');
/** The compiler that Verilator's makefile calls. */
const COMPILER = 'g++';
const COMPILE_JOBS = 2;

/** Verilator's options but for files and folders. The bench relies on the class name Vtop. */
const OPTIONS = [
  ...['--cc', '--exe', '--build', '-O3', '--x-assign', 'fast', '--x-initial', 'fast'],
  // The emitted designs are linted elsewhere, with all warnings as errors.
  ...['-Wno-fatal', '--prefix', 'Vtop', '-CFLAGS', '-O3 -march=native -std=c++17'],
  // Verilator's makefile would append a weaker -O; only the model and the bench need be fast.
  ...['-MAKEFLAGS', 'OPT_FAST=-O3', '-MAKEFLAGS', 'OPT_GLOBAL=-O1', '-MAKEFLAGS', 'OPT_SLOW=-O1'],
];
const TRACE_OPTIONS = ['--trace-fst', '--trace-structs'];

export interface ModelSource {
  /** Folder of the design's .v and .vh files. */
  readonly rtlDir: string;
  /** Name of the top module. */
  readonly top: string;
  /** Whether the model can write waveforms, which makes it slower. */
  readonly trace: boolean;
  /** Folder of other C++ than bench/ to drive the model with; it may include the files of bench/. */
  readonly driver?: string;
}

/**
 * Path of the bench executable for a design, built if the cache has none (`onBuild` is called then). Throws
 * FireforgeError: FF701 a tool is missing, FF702 it failed, FF703 no Verilog, FF704 cache not writable.
 */
export async function buildModel(source: ModelSource, onBuild?: () => void): Promise<string> {
  const rtl = await filesIn(source.rtlDir, /\.vh?$/);
  if (!rtl.some((file) => file.endsWith('.v'))) throw rtlFolderUnreadable(source.rtlDir);
  const headers = source.driver === undefined ? [] : await filesIn(BENCH, /\.h$/);
  const bench = [...headers, ...(await filesIn(source.driver ?? BENCH, /\.(cpp|h)$/))];
  const options = [...OPTIONS, ...(source.trace ? TRACE_OPTIONS : []), '--top-module', source.top];
  const key = await modelKey([...rtl, ...bench, PROBES], options);
  const folder = await cachedFolder(key, async (target) => {
    onBuild?.();
    await build(source, rtl, bench, options, target);
  });
  return path.join(folder, 'bench');
}

async function build(
  source: ModelSource,
  rtl: readonly string[],
  bench: readonly string[],
  options: readonly string[],
  target: string,
): Promise<void> {
  const objects = path.join(target, 'objects');
  await mkdir(objects);
  const sources = [PROBES, ...rtl, ...bench].filter((file) => !/\.v?h$/.test(file));
  const folders = ['--Mdir', objects, `-I${path.resolve(source.rtlDir)}`, '-CFLAGS', `-I${BENCH}`];
  const args = [...options, '-j', String(COMPILE_JOBS), ...folders, '-o', 'bench', ...sources];
  const { code, stdout, stderr } = await runCommand('verilator', args);
  if (code !== 0) throw simulatorFailed('verilator', source.top, errorLines(`${stdout}\n${stderr}`));
  await copyFile(path.join(objects, 'bench'), path.join(target, 'bench'));
  await rm(objects, { recursive: true });
}

async function filesIn(folder: string, pattern: RegExp): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => path.resolve(folder, name));
}

/** Hash of the sources, the options, and the tools with the processor they compile for. */
async function modelKey(files: readonly string[], options: readonly string[]): Promise<string> {
  const [verilator, compiler] = await Promise.all([
    runCommand('verilator', ['--version']),
    runCommand(COMPILER, ['-march=native', '-dM', '-E', '-x', 'c++', '/dev/null']),
    runCommand('make', ['--version']),
  ]);
  const hash = createHash('sha256');
  hash.update(JSON.stringify([options, verilator.stdout, compiler.stdout]));
  for (const file of files) {
    hash.update(`\n${path.basename(file)}\n`);
    hash.update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 32);
}
