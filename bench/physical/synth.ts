/** What an engine takes of a series 7 device, by Yosys' synth_xilinx, beside what the compiler counts. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { macUnits } from '../../gen/geometry/geometry.ts';
import { engineResources } from '../../gen/geometry/resources.ts';
import { count, markdownTable, percent } from '../markdown.ts';
import { type ModuleCells, readCells, sumCells } from './cells.ts';
import { type EngineSources, writeEngine } from './engine.ts';
import { type Series7Use, series7Use } from './series7.ts';
import { installTools, yosys } from './tools.ts';

/** In the tree of modules: units of the engine and their parts. */
const DEEPEST = 3;
/** LUTs and flip-flops below which a module without blocks is not worth a line. */
const SMALL = 100;
const BLOCK_KBIT = 36;

const BOARD = 'sim';
const LANES = '16x16x1';

/** A table of modules, one of what the compiler counts, and the multipliers a MAC unit. */
export async function measureArea(): Promise<string> {
  await installTools();
  const engine = writeEngine(BOARD, LANES);
  console.log('Synthesizing, module by module …');
  const tree = await synthesize(engine, 'modules', '');
  console.log('Synthesizing as a whole …\n');
  const flat = series7Use((await synthesize(engine, 'flat', '-flatten')).cells);

  const head = ['module', 'LUT', 'LUT as memory', 'FF', 'DSP48E1', 'RAMB36', 'RAMB18'];
  const whole = tableRow(`whole engine, ${LANES}, flattened`, flat);
  const perMac = (flat.dsps / macUnits(engine.geometry)).toFixed(4);
  return [
    markdownTable(head, [...moduleRows([{ module: tree, count: 1 }], 0), whole]),
    markdownTable(['', 'Yosys', 'compiler', 'error'], estimateRows(engine, flat)),
    `DSP48E1 a MAC unit, everything included: ${perMac}.`,
  ].join('\n\n');
}

/** The report of one run; its files are named after it. */
async function synthesize(engine: EngineSources, name: string, options: string): Promise<ModuleCells> {
  const report = `${name}.json`;
  const synth = `synth_xilinx -family xc7 -noiopad -top ${engine.top} ${options}`;
  // With a top module marked, stat would print the hierarchy amid the JSON.
  const stat = ['setattr -mod -unset top', `tee -q -o ${report} stat -json`];
  await yosys([engine.read, synth, ...stat], {
    cwd: engine.folder,
    log: path.join(engine.folder, `${name}.log`),
  });
  return readCells(readFileSync(path.join(engine.folder, report), 'utf8'), engine.top);
}

/** A line for modules of one name in one place, indented as they are nested, and lines for what is in them. */
function moduleRows(alike: ModuleCells['parts'], depth: number): string[][] {
  const use = series7Use(sumCells(alike));
  const blocks = use.dsps + use.ramb18 + use.ramb36;
  if (blocks === 0 && use.luts + use.flipFlops < SMALL) return [];
  const times = alike.reduce((sum, { count }) => sum + count, 0);
  const name = `${'&emsp;'.repeat(depth)}${alike[0].module.name}${times > 1 ? ` × ${times}` : ''}`;
  const rows = [tableRow(name, use)];
  if (depth === DEEPEST) return rows;
  const inside = alike.flatMap(({ module, count }) =>
    module.parts.map((part) => ({ module: part.module, count: part.count * count })),
  );
  for (const name of new Set(inside.map(({ module }) => module.name))) {
    rows.push(
      ...moduleRows(
        inside.filter(({ module }) => module.name === name),
        depth + 1,
      ),
    );
  }
  return rows;
}

function tableRow(name: string, use: Series7Use): string[] {
  const { luts, memoryLuts, flipFlops, dsps, ramb36, ramb18 } = use;
  return [name, ...[luts, memoryLuts, flipFlops, dsps, ramb36, ramb18].map(count)];
}

function estimateRows(engine: EngineSources, flat: Series7Use): string[][] {
  const { multipliers, memories } = engineResources(engine.geometry, engine.board);
  const estimated = memories.reduce(
    (sum, { memory, blocks }) => sum + (blocks * memory.kbit) / BLOCK_KBIT,
    0,
  );
  const row = (name: string, found: number, counted: number) => [
    name,
    count(found),
    count(counted),
    percent((100 * (counted - found)) / found),
  ];
  return [
    row('DSP48E1', flat.dsps, multipliers),
    row('blocks of 36 kbit', flat.ramb36 + flat.ramb18 / 2, estimated),
  ];
}
