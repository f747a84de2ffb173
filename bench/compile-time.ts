/** Time and memory of compiling the trained v1.1 with its calibration at hand, and what comes out. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { BUILDS, fireforge } from './fireforge.ts';
import { count, markdownTable } from './markdown.ts';

const ENGINES = [['sim', '--macs', '256'], ['zynq-7020']] as const;

/** One row an engine. */
export async function measureCompiling(): Promise<string> {
  const rows: string[][] = [];
  for (const [board, ...size] of ENGINES) {
    const build = path.join(BUILDS, `compile-${board}`);
    const { value, seconds, peakMiB } = await fireforge<{ lanes: string; tapeBytes: number }>(
      ...['compile', 'squeezenet1.1', '--board', board, ...size, '-o', build],
    );
    const { lanes, tapeBytes } = value;
    const lines = verilogLines(path.join(build, 'rtl'));
    const figures = [`${seconds.toFixed(1)} s`, `${count(peakMiB)} MiB`, count(lines), count(tapeBytes)];
    rows.push([`${board}, ${lanes}`, ...figures]);
  }
  return markdownTable(['engine', 'time', 'peak memory', 'lines of Verilog', 'bytes of tape'], rows);
}

function verilogLines(folder: string): number {
  const texts = readdirSync(folder).map((file) => readFileSync(path.join(folder, file), 'utf8'));
  return texts.reduce((sum, text) => sum + text.split('\n').length - 1, 0);
}
