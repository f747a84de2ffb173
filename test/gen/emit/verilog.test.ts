/** Whole designs as they are handed out: no warning of Verilator for any kind of geometry. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { emitVerilog } from '../../../gen/emit/verilog.ts';
import { loadBoard } from '../../../gen/geometry/boards.ts';
import { geometryFor, parseLanes, type Wishes } from '../../../gen/geometry/sizing.ts';

const run = promisify(execFile);

interface Design {
  readonly board: string;
  readonly lanes: string;
  readonly wishes?: Wishes;
}

const DESIGNS: readonly Design[] = [
  { board: 'sim', lanes: '16x1x1' },
  { board: 'sim', lanes: '16x1x3', wishes: { port: 32 } },
  { board: 'sim', lanes: '16x2x1', wishes: { port: 512 } },
  { board: 'sim', lanes: '16x2x6', wishes: { burst: 128 } },
  { board: 'sim', lanes: '16x4x1' },
  { board: 'sim', lanes: '16x8x1' },
  { board: 'sim', lanes: '16x16x1' },
  { board: 'sim', lanes: '16x16x2', wishes: { port: 256, burst: 64 } },
  { board: 'sim', lanes: '16x4x8', wishes: { port: 32, burst: 4 } },
  { board: 'zynq-7020', lanes: '16x8x3' },
  { board: 'ulx3s-85f', lanes: '16x8x1' },
  { board: 'ulx3s-85f', lanes: '16x4x2' },
  { board: 'ulx3s-85f', lanes: '16x1x5', wishes: { memoryKib: 192 } },
  { board: 'kv260', lanes: '16x2x2' },
  { board: 'kv260', lanes: '16x16x2' },
];

function inFolder<T>(files: ReturnType<typeof emitVerilog>['files'], use: (folder: string) => Promise<T>) {
  const folder = mkdtempSync(path.join(tmpdir(), 'fireforge-lint-'));
  for (const [name, text] of files) writeFileSync(path.join(folder, path.basename(name)), text);
  return use(folder).finally(() => rmSync(folder, { recursive: true }));
}

describe.each(DESIGNS)('$lanes for $board, port $wishes.port', ({ board, lanes, wishes }) => {
  const { top, files } = emitVerilog(geometryFor(loadBoard(board), parseLanes(lanes), wishes));
  const sources = files.map(([name]) => path.basename(name)).filter((name) => name.endsWith('.v'));

  it('passes verilator --lint-only -Wall', async () => {
    const args = ['--lint-only', '-Wall', '--top-module', top, '-I.', ...sources];
    const output = await inFolder(files, (cwd) =>
      run('verilator', args, { cwd }).then(
        ({ stdout, stderr }) => stderr + stdout,
        ({ stderr, message }: { stderr?: string; message: string }) => stderr || message,
      ),
    );
    expect(output).toBe('');
  });
});
