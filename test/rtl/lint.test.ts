import { execFile } from 'node:child_process';
import { basename, dirname, relative } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { closure, RTL, verilogFiles } from './harness/rtl-files.ts';

const run = promisify(execFile);

/** Both outputs of the tool, which must end well. */
async function output(command: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout, stderr } = await run(command, args, { maxBuffer: 1 << 26 });
    return stderr + stdout;
  } catch (error) {
    const {
      stdout = '',
      stderr = '',
      message,
    } = error as { stdout?: string; stderr?: string; message: string };
    return `${message}\n${stderr}${stdout}`;
  }
}

/** Modules that are different ones with two packing lanes, and the parameters to see that. */
const TWO_LANES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  engine: { PackLanes: 2, PixLanes: 5 },
  image_unit: { PackLanes: 2, PixLanes: 4 },
  packer: { PackLanes: 2, PixLanes: 8 },
  row_filler: { PackLanes: 2 },
  row_walker: { PackLanes: 2 },
  image_rows: { PackLanes: 2 },
  tap_window: { PackLanes: 2 },
  feature_memory: { PackLanes: 2, PixLanes: 4 },
};

/** Modules that an extended engine has or has otherwise. */
const EXTENDED: Readonly<Record<string, readonly Readonly<Record<string, number>>[]>> = {
  engine: [
    {},
    { PackLanes: 2, PixLanes: 5, PortBits: 512 },
    { OutLanes: 1, PoolWords: 8192, PoolPasses: 512 },
  ],
  tape_parser: [{}],
  run_generator: [{}],
  result_writer: [{}, { PortBits: 512 }],
  map_reader: [{ PixLanes: 3 }],
  drain: [{}],
  global_pool: [{}, { OutLanes: 1 }],
  transfer_unit: [{}, { PackLanes: 2, PixLanes: 5, PortBits: 512 }],
};

/** The three tools over a module as the top of its own hierarchy, at its default parameters but for those given. */
function lint(module: string, parameters: Readonly<Record<string, number>> = {}) {
  const files = closure(module);
  const sources = files.filter((name) => name.endsWith('.v'));
  const includes = [...new Set(files.map((name) => `-I${dirname(name)}`))];
  const set = Object.entries(parameters);

  it('passes Verilator', async () => {
    const changes = set.map(([name, value]) => `-G${name}=${value}`);
    const args = ['--lint-only', '-Wall', '--top-module', module, ...changes, ...includes, ...sources];
    expect(await output('verilator', args)).toBe('');
  });

  it('passes Icarus Verilog', async () => {
    const changes = set.map(([name, value]) => `-P${module}.${name}=${value}`);
    const target = ['-t', 'null', '-s', module, ...changes];
    const args = ['-g2005', '-Wall', '-Wno-timescale', ...target, ...includes, ...sources];
    expect(await output('iverilog', args)).toBe('');
  });

  it('passes Yosys', async () => {
    const changes = set.map(([name, value]) => `-chparam ${name} ${value}`);
    const script = [
      `read_verilog ${includes.join(' ')} ${sources.join(' ')}`,
      `hierarchy -check -top ${module} ${changes.join(' ')}`,
      'proc',
      'check -assert',
    ].join('; ');
    expect(await output('yosys', ['-q', '-p', script])).toBe('');
  });
}

describe.each(
  verilogFiles()
    .filter((file) => file.endsWith('.v'))
    .map((file) => relative(RTL, file)),
)('%s', (file) => lint(basename(file, '.v')));

describe.each(Object.entries(TWO_LANES))('%s that packs two pixels', (module, parameters) =>
  lint(module, parameters),
);

describe.each(
  Object.entries(EXTENDED).flatMap(([module, variants]) =>
    variants.map((parameters) => ({ module, parameters: { Extended: 1, ...parameters } })),
  ),
)('$module of an extended engine: $parameters', ({ module, parameters }) => lint(module, parameters));

/** Where columns, groups and words have one part only, or parts that are no power of two. */
describe.each([
  { OutLanes: 1, PixLanes: 1, PoolWords: 8192, PoolPasses: 512, PortBits: 32 },
  { OutLanes: 1, PixLanes: 3, PoolWords: 8192, PoolPasses: 512, MultiplierBits: 18 },
  { OutLanes: 2, PixLanes: 1, PoolWords: 4096, PoolPasses: 256, PortBits: 512 },
  { OutLanes: 2, PixLanes: 5, PoolWords: 4096, PoolPasses: 256, MultiplierBits: 27, BurstBeats: 128 },
])('engine of $OutLanes x $PixLanes lanes', (parameters) => lint('engine', parameters));
