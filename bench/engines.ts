/**
 * Whole networks in RTL simulation: mismatches, cycles, utilization, traffic, prediction, speed of the simulation.
 * Random weights: no figure but the SQNR depends on them, and none is shown.
 */
import path from 'node:path';
import { openBuild } from '../gen/emit/build.ts';
import { boardUse, cyclesPerImage, utilization } from '../gen/estimate.ts';
import { restoreBuild } from '../gen/restore.ts';
import type { Verification } from '../sim/verify/verify.ts';
import { BUILDS, fireforge } from './fireforge.ts';
import { count, markdownTable, percent } from './markdown.ts';
import { type MeasuredRun, runOnMemories } from './memory-runs.ts';
import { noiseFolder, noiseStimulus } from './stimulus.ts';

const IMAGES = 3;
/** Of the memory on which all witnesses are compared. */
const LATENCY = 60;
/** Of further memories on which cycles are predicted. */
const LATENCIES_BELOW = [0, 7] as const;
const LATENCIES_ABOVE = [200] as const;
const BACKPRESSURE = 30;

/** A board's default engine, or one with so many lanes. */
interface Engine {
  readonly board: string;
  readonly lanes?: string;
}

const LANES = ['16x8x1', '16x16x1', '16x16x2', '16x16x4', '16x16x8'] as const;
const SIZES: readonly Engine[] = LANES.map((lanes) => ({ board: 'sim', lanes }));
const BOARDS: readonly Engine[] = [{ board: 'zynq-7020' }, { board: 'ulx3s-85f' }, { board: 'kv260' }];
/** Of the ring of every engine whose lanes are asked for. */
const RING_KIB = 128;

interface Network {
  readonly version: '1.0' | '1.1';
  readonly side: number;
  readonly engines: readonly Engine[];
}

const NETWORKS: readonly Network[] = [
  { version: '1.1', side: 224, engines: [...SIZES, ...BOARDS] },
  { version: '1.1', side: 227, engines: SIZES },
  { version: '1.0', side: 227, engines: SIZES },
];

const HEAD = [
  ...['network', 'MAC units', 'board', 'mismatches', 'cycles an image', 'utilization', 'of one image alone'],
  'bytes moved, of the minimum',
  `predicted − measured cycles, latency ${[...LATENCIES_BELOW, LATENCY, ...LATENCIES_ABOVE].join(' / ')}`,
  `prediction off by, ${BACKPRESSURE} % back-pressure`,
  ...['multipliers', 'images/s/multiplier/MHz', 'simulated cycles/s'],
];

/** One row an engine and network: `v1.1@224 | 256, 16x16x1 | sim | …`. */
export async function measureEngines(): Promise<string> {
  const rows: string[][] = [];
  for (const network of NETWORKS) {
    for (const engine of network.engines) {
      const row = await measure(network, engine);
      // It takes long: each row is shown as soon as it is known.
      console.log(row.join(' | '));
      rows.push(row);
    }
  }
  return markdownTable(HEAD, rows);
}

async function measure(network: Network, engine: Engine): Promise<string[]> {
  const { folder, lanes } = await compile(network, engine);
  // All images through one engine: its rate is that of images back to back.
  const photographs = await noiseFolder(network.side, IMAGES);
  const verify = ['verify', folder, '--images', photographs, '--workers', '1'];
  const { value } = await fireforge<Verification>(...verify, '--latency', String(LATENCY));

  const build = openBuild(folder);
  const compiled = await restoreBuild(build);
  const stimulus = noiseStimulus(compiled.integer, IMAGES);
  const undisturbed = (latency: number) => ({ images: IMAGES, latency, backpressure: 0 });
  const runs = await runOnMemories({ build, compiled }, stimulus, [
    { images: 1, latency: LATENCY, backpressure: 0 },
    { images: IMAGES, latency: LATENCY, backpressure: BACKPRESSURE },
    ...[...LATENCIES_BELOW, ...LATENCIES_ABOVE].map(undisturbed),
  ]);
  const [single, disturbed, ...others] = runs;
  const below = others.slice(0, LATENCIES_BELOW.length);
  const above = others.slice(LATENCIES_BELOW.length);

  const { macs, macUnits, doneCycles } = value;
  const perImage = cyclesPerImage(doneCycles);
  const multipliers = boardUse(compiled.geometry, build.design.board).multipliers.used;
  return [
    `v${network.version}@${network.side}`,
    `${macUnits}, ${lanes}`,
    engine.board,
    `${value.mismatches + sum(runs, 'mismatches')} of ${count(compared(value) + sum(runs, 'compared'))}`,
    count(perImage),
    percent(100 * value.utilization),
    percent(100 * utilization(macs, macUnits, [single.cycles])),
    ((value.axiReadBytes + value.axiWriteBytes) / value.minimumBytes).toFixed(4),
    [...below, value, ...above].map(error).join(' / '),
    percent((100 * error(disturbed)) / disturbed.cycles, 3),
    count(multipliers),
    (1e6 / perImage / multipliers).toFixed(5),
    count(value.cyclesPerSecond),
  ];
}

async function compile(
  { version, side }: Network,
  { board, lanes }: Engine,
): Promise<{ folder: string; lanes: string }> {
  const folder = path.join(BUILDS, [version, side, board, lanes ?? 'default'].join('-'));
  const model = [`squeezenet${version}`, '--weights', 'none', '--side', String(side), '--seed', '1'];
  const size = lanes === undefined ? [] : ['--lanes', lanes, '--ring', String(RING_KIB)];
  const { value } = await fireforge<{ lanes: string }>(
    ...['compile', ...model, '--board', board, ...size, '--range', 'minmax', '-o', folder],
  );
  return { folder, lanes: value.lanes };
}

const error = ({ predictedCycles, cycles }: Pick<Verification, 'predictedCycles' | 'cycles'>) =>
  predictedCycles - cycles;

/** Values that three witnesses were compared with the fixed simulator in. */
const compared = ({ layers }: Verification) => 3 * layers.reduce((sum, { values }) => sum + values, 0);

const sum = (runs: readonly MeasuredRun[], figure: 'mismatches' | 'compared') =>
  runs.reduce((total, run) => total + run[figure], 0);
