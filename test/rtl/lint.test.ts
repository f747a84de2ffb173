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

/** Each module as the top of its own hierarchy, at its default parameters. */
describe.each(
  verilogFiles()
    .filter((file) => file.endsWith('.v'))
    .map((file) => relative(RTL, file)),
)('%s', (file) => {
  const module = basename(file, '.v');
  const files = closure(module);
  const sources = files.filter((name) => name.endsWith('.v'));
  const includes = [...new Set(files.map((name) => `-I${dirname(name)}`))];

  it('passes Verilator', async () => {
    const args = ['--lint-only', '-Wall', '--top-module', module, ...includes, ...sources];
    expect(await output('verilator', args)).toBe('');
  });

  it('passes Icarus Verilog', async () => {
    const args = ['-g2005', '-Wall', '-Wno-timescale', '-t', 'null', '-s', module, ...includes, ...sources];
    expect(await output('iverilog', args)).toBe('');
  });

  it('passes Yosys', async () => {
    const script = [
      `read_verilog ${includes.join(' ')} ${sources.join(' ')}`,
      `hierarchy -check -top ${module}`,
      'proc',
      'check -assert',
    ].join('; ');
    expect(await output('yosys', ['-q', '-p', script])).toBe('');
  });
});
