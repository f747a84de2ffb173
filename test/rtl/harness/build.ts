/**
 * Verilates one module with the generic driver. Builds are kept under build/test-rtl by the hash of all
 * that goes into them; Verilator's runtime and the driver are compiled once for all modules.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Port, parsePorts } from './ports.ts';
import { closure, REPOSITORY, RTL } from './rtl-files.ts';

const run = promisify(execFile);
const HERE = dirname(fileURLToPath(import.meta.url));
const CACHE = join(REPOSITORY, 'build/test-rtl');
const CXX_FLAGS = [
  ...'-std=gnu++17 -O1 -w -DVM_SC=0 -DVM_COVERAGE=0 -DVL_IGNORE_UNKNOWN_ARCH -faligned-new'.split(' '),
];

export interface Design {
  readonly module: string;
  /** Files below `root`; by default the module's own and all that it needs. */
  readonly files?: readonly string[];
  readonly root?: string;
  readonly parameters?: Readonly<Record<string, number | bigint | string>>;
  readonly clock?: string;
  readonly reset?: string;
  readonly trace?: boolean;
}

export interface Build {
  readonly executable: string;
  readonly ports: readonly Port[];
}

/** The verilated module; throws with the tools' output when the RTL does not compile without warnings. */
export async function build(design: Design): Promise<Build> {
  const { module, root = RTL, parameters = {}, clock = 'clk_i', reset = 'rst_i', trace = false } = design;
  const files = design.files?.map((file) => join(root, file)) ?? closure(module, root);
  const { version, include } = await verilator();
  const options = [
    ...['--cc', '-Wall', '-O3', '--x-assign', 'unique', '--x-initial', 'unique', '--output-split', '0'],
    ...['--top-module', module, '--prefix', 'Vbench', '-Mdir', 'verilated'],
    ...(trace ? ['--trace'] : []),
    ...Object.entries(parameters).map(([name, value]) => `-G${name}=${value}`),
    ...[...new Set(files.map((file) => `-I${dirname(file)}`))],
    ...files.filter((file) => file.endsWith('.v')),
  ];
  const driver = ['bench.h', 'driver.cpp', 'build.ts'].map((file) => readFileSync(join(HERE, file), 'utf8'));
  const texts = files.map((file) => readFileSync(file, 'utf8'));
  const key = hash([version, ...CXX_FLAGS, ...options, clock, reset, ...driver, ...texts]);

  const folder = await cached(`${module}-${key}`, async (work) => {
    await tool('verilator', options, work);
    const ports = parsePorts(readFileSync(join(work, 'verilated/Vbench.h'), 'utf8'));
    writeFileSync(join(work, 'ports.json'), JSON.stringify(ports));
    writeFileSync(join(work, 'binding.cpp'), bindingText(ports, clock, reset, trace, work));
    const runtime = await runtimeObjects(version, include, driver, trace);
    const flags = [...CXX_FLAGS, `-DVM_TRACE=${Number(trace)}`, `-I${include}`, `-I${HERE}`, '-Iverilated'];
    await tool('g++', [...flags, 'binding.cpp', ...runtime, '-o', 'bench', '-pthread'], work);
    rmSync(join(work, 'verilated'), { recursive: true });
  });
  return {
    executable: join(folder, 'bench'),
    ports: JSON.parse(readFileSync(join(folder, 'ports.json'), 'utf8')),
  };
}

let verilatorFound: Promise<{ version: string; include: string }> | undefined;

function verilator() {
  verilatorFound ??= (async () => {
    try {
      const [version, root] = await Promise.all([
        run('verilator', ['--version']),
        run('verilator', ['--getenv', 'VERILATOR_ROOT']),
      ]);
      return { version: version.stdout.trim(), include: join(root.stdout.trim(), 'include') };
    } catch {
      throw new Error('RTL benches need Verilator 5 on the PATH (Debian, Ubuntu: apt install verilator).');
    }
  })();
  return verilatorFound;
}

/** Verilator's runtime library and the driver as objects, without and with tracing. */
async function runtimeObjects(version: string, include: string, driver: string[], trace: boolean) {
  const sources = [
    ...['verilated.cpp', 'verilated_threads.cpp', ...(trace ? ['verilated_vcd_c.cpp'] : [])].map((file) =>
      join(include, file),
    ),
    join(HERE, 'driver.cpp'),
  ];
  const key = hash([version, ...CXX_FLAGS, String(trace), ...driver]);
  const folder = await cached(`runtime-${key}`, async (work) => {
    const flags = [...CXX_FLAGS, `-DVM_TRACE=${Number(trace)}`, `-I${include}`, `-I${include}/vltstd`];
    for (const [i, source] of sources.entries()) {
      await tool('g++', [...flags, `-I${HERE}`, '-c', source, '-o', `${i}.o`], work);
    }
  });
  return sources.map((_, i) => join(folder, `${i}.o`));
}

/** Fills `Model` for this module; all of Verilator's output is one compilation unit. */
function bindingText(ports: readonly Port[], clock: string, reset: string, trace: boolean, work: string) {
  const entry = ({ name, size, width }: Port) => `{&top->${name}, ${size}, ${width}}`;
  const named = (name: string) => {
    const port = ports.find((candidate) => candidate.name === name);
    return port === undefined ? '{nullptr, 0, 0}' : entry(port);
  };
  if (!ports.some((port) => port.name === clock)) {
    // A combinational module is clocked all the same, by a bit nobody looks at.
    return bindingBody('static uint8_t noClock;', '{&noClock, 1, 1}');
  }
  return bindingBody('', named(clock));

  function bindingBody(declaration: string, clockEntry: string) {
    const sources = readFileSync(join(work, 'verilated/Vbench_classes.mk'), 'utf8').match(/\bVbench\w*\b/g);
    const units = [...new Set(sources)].filter((unit) => unit !== 'Vbench_classes');
    return [
      '#include "bench.h"',
      ...units.map((unit) => `#include "${unit}.cpp"`),
      trace ? '#include "verilated_vcd_c.h"\nstatic VerilatedVcdC* trace;' : '',
      declaration,
      'static Vbench* top;',
      'Model makeModel(const char* traceFile) {',
      '  top = new Vbench;',
      trace
        ? '  Verilated::traceEverOn(true);\n  trace = new VerilatedVcdC;\n  top->trace(trace, 99);\n  trace->open(traceFile);'
        : '  (void)traceFile;',
      `  return {{${ports.map(entry).join(', ')}}, ${clockEntry}, ${named(reset)},`,
      '          [] { top->eval(); },',
      trace ? '          [](uint64_t time) { trace->dump(time); }};' : '          [](uint64_t) {}};',
      '}',
    ].join('\n');
  }
}

/** Makes the folder once; another process that makes it at the same time does no harm. */
async function cached(name: string, make: (work: string) => Promise<void>): Promise<string> {
  const folder = join(CACHE, name);
  if (existsSync(folder)) return folder;
  const work = `${folder}.${process.pid}`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    await make(work);
  } catch (error) {
    rmSync(work, { recursive: true });
    throw error;
  }
  try {
    renameSync(work, folder);
  } catch {
    rmSync(work, { recursive: true });
  }
  return folder;
}

async function tool(command: string, args: readonly string[], cwd: string): Promise<void> {
  try {
    await run(command, args, { cwd, maxBuffer: 1 << 26 });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} failed:\n${stderr}${stdout}`.slice(0, 8000));
  }
}

function hash(parts: readonly string[]): string {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(`${part.length}:`).update(part);
  return sum.digest('hex').slice(0, 16);
}
