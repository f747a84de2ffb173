/** How fast an engine runs on an ECP5-85F, by Yosys' synth_ecp5 and nextpnr-ecp5, three placements. */
import { copyFileSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { markdownTable } from '../markdown.ts';
import { type EngineSources, writeEngine } from './engine.ts';
import { medianOf, type PathStep, readTiming, type Timing } from './timing.ts';
import { installTools, nextpnrEcp5, yosys } from './tools.ts';

const HARNESS = fileURLToPath(new URL('harness.v', import.meta.url));
const BOARD = 'ulx3s-85f';
const LANES = '16x8x1';
/** v1.1 at side 224 runs with these; with the board's own, 98 % of the block memories would be taken. */
const MEMORIES = { memoryKib: 128, ringKib: 64 };
/** Its multipliers with the registers in them, see rtl/cell/signed_multiplier.v. */
const PRIMITIVES = ['FIREFORGE_ECP5'];
const SEEDS = [1, 2, 3];
/** What the placer and the router aim at. */
const AIM_MHZ = 80;
/**
 * Pulls cells together in smaller steps than by default (0.1), and critical nets harder (10): the estimate after
 * placement was 73 instead of 63 MHz.
 */
const PLACER = ['--placer-heap-alpha', '0.03', '--placer-heap-timingweight', '30'];
/** router2 went back and forth over the last thousand wires and did not end. */
const ROUTER = ['--router', 'router1'];
const DEVICE = ['--85k', '--package', 'CABGA381', '--speed', '6'];

interface Placement extends Timing {
  readonly seed: number;
}

/** Clock rates, what is used, and the critical path of the middle placement. */
export async function measureClock(): Promise<string> {
  await installTools();
  const engine = writeEngine(BOARD, LANES, MEMORIES, PRIMITIVES);
  console.log('Synthesizing …');
  await synthesize(engine);
  console.log(`Placing and routing, seeds ${SEEDS.join(', ')} …\n`);
  const pending = [...SEEDS];
  const placements: Placement[] = [];
  const workers = Array.from({ length: availableParallelism() }, () =>
    placeNext(engine.folder, pending, placements),
  );
  await Promise.all(workers);

  const median = medianOf(placements, ({ fmaxMHz }) => fmaxMHz);
  const used = [...median.used].map(([kind, { used, available }]) => `${kind} ${used} of ${available}`);
  const rates = placements.sort((a, b) => a.seed - b.seed).map(({ fmaxMHz }) => fmaxMHz.toFixed(1));
  return [
    `${LANES}: ${rates.join(', ')} MHz; median ${median.fmaxMHz.toFixed(1)} MHz. ${used.join(', ')}.`,
    `Critical path of seed ${median.seed}:`,
    markdownTable(['ns', 'in all', 'what', 'where'], pathRows(median.critical)),
  ].join('\n\n');
}

async function synthesize({ folder, read, geometry }: EngineSources): Promise<void> {
  // The tools see the files of the folder they run in.
  copyFileSync(HARNESS, path.join(folder, 'harness.v'));
  const width = `chparam -set PortBits ${geometry.portBits} harness`;
  const script = [read, 'read_verilog harness.v', width, 'synth_ecp5 -top harness -json netlist.json'];
  await yosys(script, { cwd: folder, log: path.join(folder, 'synthesis.log') });
}

/** Places one seed after another until none is left. */
async function placeNext(folder: string, pending: number[], placements: Placement[]): Promise<void> {
  for (let seed = pending.shift(); seed !== undefined; seed = pending.shift()) {
    const report = `seed-${seed}.json`;
    const aim = ['--freq', String(AIM_MHZ), '--timing-allow-fail', '--lpf-allow-unconstrained'];
    const files = ['--json', 'netlist.json', '--report', report];
    await nextpnrEcp5([...DEVICE, ...aim, ...PLACER, ...ROUTER, ...files, '--seed', String(seed)], {
      cwd: folder,
      log: path.join(folder, `seed-${seed}.log`),
    });
    placements.push({ seed, ...readTiming(readFileSync(path.join(folder, report), 'utf8')) });
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
