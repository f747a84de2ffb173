/** What `verify` prints. */
import type { StoredBuild } from '../../gen/emit/build.ts';
import type { DesignRecord } from '../../gen/emit/design-record.ts';
import { textTable } from '../../gen/emit/text-table.ts';
import { cyclesPerImage } from '../../gen/estimate.ts';
import {
  longestQueue,
  type NetworkVerification,
  type SharedVerification,
  type Verification,
} from '../../sim/verify/verification.ts';
import { labelText } from '../results.ts';

const count = (value: number) => Math.round(value).toLocaleString('en-US');

/** Of one build. */
export function verificationText(
  verification: Verification,
  { board: { clockMHz }, network }: DesignRecord,
): string {
  const perImage = cyclesPerImage(longestQueue(verification));
  return [
    ...networkLines(verification, network),
    `${cyclesText(verification)}; ` +
      `${count(perImage)} per image, ${(100 * verification.utilization).toFixed(1)} % of ${verification.macUnits} MAC units`,
    `at ${clockMHz} MHz: ${((clockMHz * 1e6) / perImage).toFixed(1)} images/s`,
    bytesText(verification),
    `simulated ${count(verification.cyclesPerSecond)} cycles/s`,
  ].join('\n');
}

/** Of several builds on one engine. */
export function sharedText(
  { networks, results, doneCycles, mismatches, ...engine }: SharedVerification,
  builds: readonly StoredBuild[],
): string {
  const { clockMHz } = builds[0].design.board;
  const hex = (id: number) => id.toString(16).padStart(8, '0');
  const jobs = results.map(({ network, tapeId }, job) => [
    String(job),
    builds[network].folder,
    hex(tapeId),
    count(doneCycles[job]),
  ]);
  return [
    ...networks.flatMap((network, index) => [
      `${builds[index].folder}:`,
      ...networkLines(network, builds[index].design.network),
      bytesText(network),
      '',
    ]),
    textTable([['job', 'build', 'tape', 'done at cycle'], ...jobs]),
    `${mismatches} mismatches over ${builds.length} builds, which took turns without a reset`,
    `${cyclesText(engine)}; at ${clockMHz} MHz: ${((clockMHz * 1e6 * results.length) / engine.cycles).toFixed(1)} jobs/s`,
    `simulated ${count(engine.cyclesPerSecond)} cycles/s`,
  ].join('\n');
}

function networkLines(
  { layers, mismatches, images, top5, fixedTop5, floatTop5 }: NetworkVerification,
  { classes, labelOffset }: DesignRecord['network'],
): string[] {
  const ranks = (top: readonly number[]) => top.map((index) => labelText(index, labelOffset)).join(' ');
  const witnesses = Object.keys(layers[0].witnesses);
  const rows = layers.map((layer) => [
    layer.name,
    count(layer.values),
    ...witnesses.map((witness) => count(layer.witnesses[witness])),
    layer.sqnrDb === null ? '' : `${layer.sqnrDb.toFixed(1)} dB`,
  ]);
  return [
    textTable([['layer', 'values', ...witnesses.map((name) => `${name} differs`), 'SQNR'], ...rows]),
    `${mismatches} mismatches over all witnesses, layers and ${images} image(s)`,
    // Where nothing is classified there is nothing to rank.
    ...(classes > 0 ? top5 : []).map(
      (rtl, i) =>
        `top-5 of image ${i + 1}: float ${ranks(floatTop5[i])}; fixed ${ranks(fixedTop5[i])}; rtl ${ranks(rtl)}`,
    ),
  ];
}

function cyclesText({
  queues,
  cycles,
  predictedCycles,
}: Pick<Verification, 'queues' | 'cycles' | 'predictedCycles'>): string {
  const several = queues.length > 1 ? ` of ${queues.length} queues` : '';
  return `cycles${several}: ${count(cycles)}, predicted ${count(predictedCycles)}`;
}

function bytesText({ axiReadBytes, axiWriteBytes, minimumBytes }: NetworkVerification): string {
  return (
    `bytes per image: ${count(axiReadBytes)} read, ${count(axiWriteBytes)} written, ` +
    `${((axiReadBytes + axiWriteBytes) / minimumBytes).toFixed(3)} of the minimum`
  );
}
