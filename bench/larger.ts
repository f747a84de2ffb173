/** Networks whose maps do not fit the chip, in RTL simulation: what the bands of rows and the transfers cost. */
import path from 'node:path';
import { openBuild } from '../gen/emit/build.ts';
import { traffic } from '../gen/emit/traffic.ts';
import { transferCost } from '../gen/emit/transfer-cost.ts';
import { restoreBuild } from '../gen/restore.ts';
import type { Verification } from '../sim/verify/verify.ts';
import { BUILDS, fireforge } from './fireforge.ts';
import { count, markdownTable, percent } from './markdown.ts';
import { noiseFolder } from './stimulus.ts';

const LATENCY = 60;

/** `compile`'s options, and the network's name and side. */
const CASES = [
  { version: '1.0', side: 227, options: ['--board', 'sim', '--lanes', '16x16x1', '--memory', '64'] },
  { version: '1.1', side: 512, options: ['--board', 'zynq-7020'] },
] as const;

const HEAD = [
  ...['network', 'engine', 'feature memory', 'mismatches', 'cycles of one image', 'predicted − measured'],
  ...['more than with enough memory', 'stages in bands', 'bytes out', 'bytes back', 'of the minimum'],
];

export async function measureLarger(): Promise<string> {
  const rows: string[][] = [];
  for (const one of CASES) {
    const row = await measure(one);
    console.log(row.join(' | '));
    rows.push(row);
  }
  return markdownTable(HEAD, rows);
}

async function measure({ version, side, options }: (typeof CASES)[number]): Promise<string[]> {
  const folder = path.join(BUILDS, `${version}-${side}-larger`);
  const model = [`squeezenet${version}`, '--weights', 'none', '--side', String(side), '--seed', '1'];
  const { value } = await fireforge<{ lanes: string; macUnits: number }>(
    ...['compile', ...model, ...options, '--range', 'minmax', '-o', folder],
  );
  const images = await noiseFolder(side, 1);
  const { value: found } = await fireforge<Verification>(
    ...['verify', folder, '--images', images, '--latency', String(LATENCY)],
  );
  const compiled = await restoreBuild(openBuild(folder));
  const { geometry, integer, schedule } = compiled;
  const cost = transferCost(integer, geometry, schedule, LATENCY)!;
  const { storedBytes, loadedBytes } = traffic(compiled);
  const values = found.layers.reduce((sum, layer) => sum + 3 * layer.values, 0);
  return [
    `v${version}@${side}`,
    `${value.macUnits}, ${value.lanes}, ${options[1]}`,
    `${(geometry.mapWords * geometry.pixelLanes) / 64} KiB`,
    `${found.mismatches} of ${count(values)}`,
    count(found.cycles),
    String(found.predictedCycles - found.cycles),
    cost.share === undefined ? '' : percent(100 * cost.share),
    `${cost.banded} in ${cost.bands}`,
    count(storedBytes),
    count(loadedBytes),
    ((found.axiReadBytes + found.axiWriteBytes) / found.minimumBytes).toFixed(3),
  ];
}
