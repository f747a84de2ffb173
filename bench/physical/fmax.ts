/**
 * How fast an engine runs on an ECP5-85F, by Yosys' synth_ecp5 and nextpnr-ecp5, three placements:
 *
 *     npx tsx bench/physical/fmax.ts [LANES]        16x8x1 by default
 */
import { copyFileSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { markdownTable } from '../markdown.ts';
import { writeEngine } from './engine.ts';
import { medianOf, type PathStep, readTiming, type Timing } from './timing.ts';
import { installTools, nextpnrEcp5, yosys } from './tools.ts';

const HARNESS = fileURLToPath(new URL('harness.v', import.meta.url));
const SEEDS = [1, 2, 3];
/** What the placer and the router aim at, above what they reach. */
const AIM_MHZ = 100;
const DEVICE = ['--85k', '--package', 'CABGA381', '--speed', '6'];

interface Placement extends Timing {
  readonly seed: number;
}

const [lanes = '16x8x1'] = process.argv.slice(2);
await installTools();
const engine = writeEngine('ulx3s-85f', lanes);
const inFolder = (name: string) => path.join(engine.folder, name);

console.log('Synthesizing …');
// The tools see the files of the folder they run in.
copyFileSync(HARNESS, inFolder('harness.v'));
const width = `chparam -set PortBits ${engine.geometry.portBits} harness`;
await yosys([engine.read, 'read_verilog harness.v', width, 'synth_ecp5 -top harness -json netlist.json'], {
  cwd: engine.folder,
  log: inFolder('synthesis.log'),
});

console.log(`Placing and routing, seeds ${SEEDS.join(', ')} …\n`);
const pending = [...SEEDS];
const placements: Placement[] = [];
await Promise.all(Array.from({ length: availableParallelism() }, placeNext));

const median = medianOf(placements, ({ fmaxMHz }) => fmaxMHz);
console.log(`Critical path of seed ${median.seed}:\n`);
console.log(markdownTable(['ns', 'in all', 'what', 'where'], pathRows(median.critical)), '\n');
for (const [kind, { used, available }] of median.used) console.log(`${kind}: ${used} of ${available}`);
const rates = placements.sort((a, b) => a.seed - b.seed).map(({ fmaxMHz }) => fmaxMHz.toFixed(1));
console.log(`\nFmax: ${rates.join(', ')}; median ${median.fmaxMHz.toFixed(1)} MHz`);

/** Places one seed after another until none is left. */
async function placeNext(): Promise<void> {
  for (let seed = pending.shift(); seed !== undefined; seed = pending.shift()) {
    const report = `seed-${seed}.json`;
    const aim = ['--freq', String(AIM_MHZ), '--timing-allow-fail', '--lpf-allow-unconstrained'];
    const files = ['--json', 'netlist.json', '--report', report];
    await nextpnrEcp5([...DEVICE, ...aim, ...files, '--seed', String(seed)], {
      cwd: engine.folder,
      log: inFolder(`seed-${seed}.log`),
    });
    placements.push({ seed, ...readTiming(readFileSync(inFolder(report), 'utf8')) });
  }
}

/** Stretches of a path; names without the harness and the top. */
function pathRows(critical: readonly PathStep[]): string[][] {
  let sum = 0;
  return critical.map(({ kind, nanoseconds, instance, name }) => {
    sum += nanoseconds;
    const where = [instance.replace(/^u_fireforge\.u_engine\.?/, ''), name].filter((part) => part !== '');
    return [nanoseconds.toFixed(2), sum.toFixed(2), kind, where.join('.')];
  });
}
