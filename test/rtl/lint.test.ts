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

const modules = verilogFiles()
  .filter((file) => file.endsWith('.v'))
  .map((file) => ({ file: relative(RTL, file), parameters: {} }));

/** Each module as the top of its own hierarchy, at its default parameters. */
describe.each([
  ...modules,
  ...modules.flatMap(({ file }) => {
    const parameters = TWO_LANES[basename(file, '.v')];
    return parameters ? [{ file, parameters }] : [];
  }),
])('$file $parameters', ({ file, parameters }) => {
  const module = basename(file, '.v');
  const values = Object.entries(parameters);
  const files = closure(module);
  const sources = files.filter((name) => name.endsWith('.v'));
  const includes = [...new Set(files.map((name) => `-I${dirname(name)}`))];

  it('passes Verilator', async () => {
    const args = [
      ...['--lint-only', '-Wall', '--top-module', module],
      ...values.map(([name, value]) => `-G${name}=${value}`),
      ...includes,
      ...sources,
    ];
    expect(await output('verilator', args)).toBe('');
  });

  it('passes Icarus Verilog', async () => {
    const args = [
      ...['-g2005', '-Wall', '-Wno-timescale', '-t', 'null', '-s', module],
      ...values.map(([name, value]) => `-P${module}.${name}=${value}`),
      ...includes,
      ...sources,
    ];
    expect(await output('iverilog', args)).toBe('');
  });

  it('passes Yosys', async () => {
    const script = [
      `read_verilog ${includes.join(' ')} ${sources.join(' ')}`,
      `hierarchy -check -top ${module}${values.map(([name, value]) => ` -chparam ${name} ${value}`).join('')}`,
      'proc',
      'check -assert',
    ].join('; ');
    expect(await output('yosys', ['-q', '-p', script])).toBe('');
  });
});
