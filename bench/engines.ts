/**
 * Whole networks in RTL simulation: cycles, utilization, traffic, prediction, speed of the simulation. Random
 * weights: no figure but the SQNR depends on them, and none is shown.
 */
import path from 'node:path';
import type { Verification } from '../sim/verify/verify.ts';
import { BUILDS, fireforge } from './fireforge.ts';
import { count, markdownTable, percent } from './markdown.ts';

const IMAGES = 3;
const LATENCY = 30;

interface Engine {
  readonly network: '1.0' | '1.1';
  readonly side: number;
  readonly board: string;
  readonly macs?: number;
}

const ENGINES: readonly Engine[] = [
  { network: '1.1', side: 224, board: 'sim', macs: 64 },
  { network: '1.1', side: 224, board: 'sim', macs: 128 },
  { network: '1.1', side: 224, board: 'sim', macs: 256 },
  { network: '1.1', side: 224, board: 'sim', macs: 512 },
  { network: '1.1', side: 227, board: 'sim', macs: 256 },
  { network: '1.0', side: 227, board: 'sim', macs: 256 },
  { network: '1.1', side: 224, board: 'zynq-7020' },
  { network: '1.1', side: 224, board: 'ulx3s-85f' },
  { network: '1.1', side: 224, board: 'kv260' },
];

/** One row an engine: `v1.1@224 | 256, 16x16x1 | sim | …`. */
export async function measureEngines(): Promise<string> {
  const rows: string[][] = [];
  for (const engine of ENGINES) rows.push(await measure(engine));
  const head = [
    ...['network', 'MAC units', 'board', 'mismatches', 'cycles an image', 'utilization'],
    ...['bytes moved, of the minimum', 'prediction off by', 'simulated cycles/s'],
  ];
  return markdownTable(head, rows);
}

async function measure({ network, side, board, macs }: Engine): Promise<string[]> {
  const build = path.join(BUILDS, `${network}-${side}-${board}-${macs ?? 'default'}`);
  const model = [`squeezenet${network}`, '--weights', 'none', '--side', String(side), '--seed', '1'];
  const size = macs === undefined ? [] : ['--macs', String(macs)];
  const compiled = await fireforge<{ lanes: string; macUnits: number }>(
    ...['compile', ...model, '--board', board, ...size, '--range', 'minmax', '-o', build],
  );
  // All images through one engine: its rate is that of images back to back.
  const verify = ['verify', build, '--images', await noise(side), '--workers', '1'];
  const { value } = await fireforge<Verification>(...verify, '--latency', String(LATENCY));
  const { lanes, macUnits } = compiled.value;
  const { doneCycles, cycles, predictedCycles } = value;
  const perImage = (doneCycles[IMAGES - 1] - doneCycles[0]) / (IMAGES - 1);
  const moved = value.axiReadBytes + value.axiWriteBytes;
  return [
    `v${network}@${side}`,
    `${macUnits}, ${lanes}`,
    board,
    `${value.mismatches} of ${count(compared(value))}`,
    count(perImage),
    percent(100 * value.utilization),
    (moved / value.minimumBytes).toFixed(4),
    percent((100 * (predictedCycles - cycles)) / cycles, 3),
    count(value.cyclesPerSecond),
  ];
}

/** Values that three witnesses were compared with the fixed simulator in. */
const compared = ({ layers }: Verification) => 3 * layers.reduce((sum, { values }) => sum + values, 0);

/** A folder of noise photographs of the network's side. */
async function noise(side: number): Promise<string> {
  const { mkdirSync } = await import('node:fs');
  const { default: sharp } = await import('sharp');
  const { synthesizeImages } = await import('../sim/image/synthetic.ts');
  const folder = path.join(BUILDS, `noise-${side}`);
  mkdirSync(folder, { recursive: true });
  for (const [index, image] of synthesizeImages(IMAGES, 1, side, side).entries()) {
    const raw = { width: side, height: side, channels: 3 } as const;
    await sharp(Buffer.from(image), { raw })
      .png()
      .toFile(path.join(folder, `${index}.png`));
  }
  return folder;
}
