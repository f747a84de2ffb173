/** report.txt: what was built, where everything lies, what it takes and what it will cost in cycles. */
import type { BuildContext, Compiled } from '../compiled.ts';
import { geometryHash, INPUT_LANES, lanesText, macUnits } from '../geometry/geometry.ts';
import { engineResources } from '../geometry/resources.ts';
import { convolutions } from '../graph/network.ts';
import { networkMacs } from '../graph/shapes.ts';
import type { NetworkOutput } from '../quantize/integer-network.ts';
import type { CyclePrediction } from '../schedule/cycles/predict.ts';
import { STALL_NAMES } from '../schedule/cycles/stalls.ts';
import type { Region, Stage } from '../schedule/nest.ts';
import { predictedRates, STATED_IMAGES, STATED_LATENCY } from './prediction.ts';
import { stageSummaries } from './stage-summary.ts';
import { textTable } from './text-table.ts';
import { movedBytes, traffic } from './traffic.ts';
import { transferCost } from './transfer-cost.ts';

const DIGEST = 16;

const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
const count = (value: number) => value.toLocaleString('en-US');
const limit = (value: number) => (Number.isFinite(value) ? ` of ${value}` : '');

/** The whole report. The same build gives the same text. */
export function reportText(compiled: Compiled, context: BuildContext, prediction: CyclePrediction): string {
  const sections = [
    headSection(compiled, context),
    engineSection(compiled, context),
    stageSection(compiled),
    memorySection(compiled),
    cycleSection(compiled, context, prediction),
    bubbleSection(compiled, prediction),
    trafficSection(compiled),
    quantizerSection(compiled),
  ];
  return `${sections.join('\n\n')}\n`;
}

const resultText = (output: NetworkOutput) =>
  output.kind === 'logits'
    ? `${output.channels} results`
    : `result ${output.height}x${output.width}x${output.channels}`;

function headSection({ network, calibration, integer }: Compiled, { model }: BuildContext): string {
  const { height, width, channels } = network.input;
  const convs = convolutions(network);
  const parameters = convs.reduce((sum, { weight, bias }) => sum + weight.length + bias.length, 0);
  const weights = network.trained ? 'trained' : 'random';
  return [
    `Network ${network.name} (${model.model}, ${weights} weights, hash ${calibration.networkHash.slice(0, DIGEST)})`,
    `  image ${height}x${width}x${channels}, ${resultText(integer.output)}, ` +
      `${count(networkMacs(network))} MACs, ${count(parameters)} parameters`,
    `  ranges: ${calibration.method} over ${calibration.images} images; ${integer.output.kind === 'logits' ? 'logit' : 'feature'} step ${integer.output.scale}`,
  ].join('\n');
}

function engineSection({ geometry }: Compiled, { board }: BuildContext): string {
  const { multipliers, memories, distributedBits } = engineResources(geometry, board);
  const { multipliers: available } = board;
  const kib = (words: number) => Math.round((words * INPUT_LANES) / 1024);
  return [
    `Engine ${lanesText(geometry)}, ${macUnits(geometry)} MAC units, for ${board.name} (${board.title})`,
    `  geometry ${geometryHash(geometry)}`,
    `  ${multipliers}${limit(available.count)} ${available.name}`,
    ...memories.map(({ memory, blocks }) => `  ${blocks}${limit(memory.count)} ${memory.name}`),
    `  ${count(distributedBits)} bits of accumulators in distributed memory`,
    `  weight ring ${kib(geometry.ringWords)} KiB, feature memory ${kib(geometry.mapWords * geometry.pixelLanes)} KiB`,
    `  AXI port ${geometry.portBits} bits, bursts of up to ${geometry.burstBeats} beats`,
  ].join('\n');
}

function stageSection(compiled: Compiled): string {
  const rows = stageSummaries(compiled).map(
    ({ name, order, blocks, expandPasses, squeezePasses, tiles, weightBytes }) => [
      name,
      order,
      String(blocks),
      `${expandPasses}+${squeezePasses}`,
      String(tiles),
      `${(weightBytes / 1024).toFixed(1)} KiB`,
    ],
  );
  return textTable([['Stage', 'order', 'blocks', 'passes', 'tiles', 'weights'], ...rows]);
}

/**
 * Every cycle of the array: issued, or lost by cause; and of those issued what lanes without work cost. All
 * together are MAC units · cycles − images · MACs.
 */
function bubbleSection({ network, schedule, geometry }: Compiled, prediction: CyclePrediction): string {
  const units = macUnits(geometry);
  const rows = prediction.stages.map(({ name, issued, stalls }, index) => {
    const lost = STALL_NAMES.map((cause) => stalls[cause]);
    const useful = STATED_IMAGES * stageMacs(schedule.stages[index]);
    const cycles = issued + sum(lost);
    return { name, figures: [cycles, issued, ...lost], padding: issued * units - useful, useful };
  });
  const text = ({ name, figures, padding, useful }: (typeof rows)[number]) => [
    name,
    percent(useful / (figures[0] * units)),
    ...figures.map(count),
    count(padding),
  ];
  const total = {
    name: 'all',
    figures: rows[0].figures.map((_, column) => sum(rows.map(({ figures }) => figures[column]))),
    padding: sum(rows.map(({ padding }) => padding)),
    useful: sum(rows.map(({ useful }) => useful)),
  };
  const [cycles, issued] = total.figures;
  return [
    `Where the cycles of ${STATED_IMAGES} images go, by stage: issued, or lost by cause; and MACs of idle lanes in those issued`,
    textTable([
      ['Stage', 'used', 'cycles', 'issued', ...STALL_NAMES, 'lane padding'],
      ...rows.map(text),
      text(total),
    ]),
    `  ${count(cycles)} cycles · ${units} MAC units − ${STATED_IMAGES} · ${count(networkMacs(network))} MACs = ` +
      `${count(cycles - issued)} cycles lost · ${units} + ${count(total.padding)} = ` +
      `${count((cycles - issued) * units + total.padding)}`,
  ].join('\n');
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** Useful MACs of a stage: what its convolutions compute for one image. */
function stageMacs(stage: Stage): number {
  const expanded = stage.width * stage.height;
  const squeezed = stage.pool ? stage.pool.width * stage.pool.height : expanded;
  const macs = (passes: Stage['expandPasses'], pixels: number) =>
    passes.reduce(
      (sum, { conv, channels }) => sum + pixels * channels * conv.inChannels * conv.kernel ** 2,
      0,
    );
  return macs(stage.expandPasses, expanded) + macs(stage.squeezePasses, squeezed);
}

function memorySection({ schedule, geometry }: Compiled): string {
  const regions: Region[] = schedule.stages.flatMap(({ block, out }) =>
    [block, out].filter((r) => r !== undefined),
  );
  const commands = (region: Region) => {
    // The packed pixels of the next image come while the last stages of the present one run.
    if (region === schedule.packed) return 'all';
    return region.from === region.to ? region.from : `${region.from}-${region.to}`;
  };
  const rows = [schedule.packed, ...regions].map((region) => {
    const { name, vectors, stride, base } = region;
    return [name, base, base + vectors * stride - 1, vectors, stride, commands(region)].map(String);
  });
  const title = `Feature memory, ${geometry.pixelLanes} bank(s) of ${geometry.mapWords} words; maps end at ${schedule.mapTop}`;
  return `${title}\n${textTable([['Region', 'first', 'last', 'vectors', 'groups', 'commands'], ...rows])}`;
}

function cycleSection(
  { network, geometry }: Compiled,
  { board }: BuildContext,
  prediction: CyclePrediction,
): string {
  const { latency, single, following } = predictedRates(prediction);
  const utilization = (cycles: number) => percent(networkMacs(network) / (macUnits(geometry) * cycles));
  return [
    `Predicted cycles at a memory latency of ${latency}`,
    `  a single image: ${count(single)} (${utilization(single)} of the MAC units)`,
    `  image after image: ${count(following)} (${utilization(following)}), ` +
      `${((board.clockMHz * 1e6) / following).toFixed(1)} images/s at ${board.clockMHz} MHz`,
  ].join('\n');
}

function trafficSection(compiled: Compiled): string {
  const bytes = traffic(compiled);
  const { tapeBytes, imageBytes, resultBytes, minimumBytes } = bytes;
  return [
    'Bytes across the port for one image',
    `  tape ${count(tapeBytes)}, image ${count(imageBytes)}, result ${count(resultBytes)}`,
    ...transferLines(compiled),
    `  ${(movedBytes(bytes) / minimumBytes).toFixed(3)} of the minimum of ${count(minimumBytes)}`,
  ].join('\n');
}

/** Nothing where all maps stay on the chip. */
function transferLines(compiled: Compiled): string[] {
  const { integer, geometry, schedule } = compiled;
  const cost = transferCost(integer, geometry, schedule, STATED_LATENCY);
  if (!cost) return [];
  const { storedBytes, loadedBytes } = traffic(compiled);
  const { bands, banded, maps, cycles, share } = cost;
  return [
    `  maps that go out and come back: ${count(storedBytes)} out, ${count(loadedBytes)} back; ` +
      `${banded} stages run in ${bands} bands of rows`,
    ...maps.map((name) => `    ${name}`),
    cycles === undefined
      ? '  no feature memory that the tape can address holds them all'
      : `  with enough feature memory an image would take ${count(cycles)} cycles less (${percent(share!)})`,
  ];
}

function quantizerSection({ integer }: Compiled): string {
  const { accumulatorBits, notes } = integer.report;
  const bits = [...accumulatorBits].map(([name, width]) => [name, String(width)]);
  const lines = notes.map((note) => `  ${note}`);
  return [textTable([['Convolution', 'accumulator bits'], ...bits]), ...lines].join('\n');
}
