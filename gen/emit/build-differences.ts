/** In what two builds differ, in words: by what they say of themselves, and by their files. */
import { lanesText } from '../geometry/geometry.ts';
import type { DesignRecord } from './design-record.ts';
import type { StageSummary } from './stage-summary.ts';

export const AREAS = ['network', 'numbers', 'schedule', 'geometry', 'cycles'] as const;
export type Area = (typeof AREAS)[number];

export interface Difference {
  readonly area: Area;
  /** What differs, and what it is in either build. */
  readonly subject: string;
  readonly a: string;
  readonly b: string;
}

/** What is compared of a build. */
export interface BuildContents {
  readonly design: DesignRecord;
  /** Of calibration.json: by layer the range of each output channel. */
  readonly ranges: ReadonlyMap<string, readonly number[]>;
  /** SHA-256 of each Verilog file, by name. */
  readonly verilog: ReadonlyMap<string, string>;
}

/** Empty if the builds are the same, wherever they lie and however their models were named. */
export function buildDifferences(a: BuildContents, b: BuildContents): Difference[] {
  const found = [
    ...networkDifferences(a, b),
    ...numberDifferences(a, b),
    ...scheduleDifferences(a.design, b.design),
    ...geometryDifferences(a, b),
    ...cycleDifferences(a.design, b.design),
  ];
  return found.length > 0 ? found : fileDifferences(a.design, b.design);
}

const NONE = 'none';
const count = (value: number) => value.toLocaleString('en-US');
const list = (items: readonly string[]) => (items.length > 0 ? items.join(', ') : NONE);

/** One subject after another: only those whose texts differ. */
class Comparison {
  readonly differences: Difference[] = [];
  readonly #area: Area;

  constructor(area: Area) {
    this.#area = area;
  }

  compare(subject: string, a: string | number, b: string | number): void {
    if (a !== b) this.differences.push({ area: this.#area, subject, a: text(a), b: text(b) });
  }

  /** Names that only one of them has. */
  compareNames(subject: string, a: Iterable<string>, b: Iterable<string>): void {
    const [inA, inB] = [new Set(a), new Set(b)];
    const only = (some: Set<string>, others: Set<string>) => [...some].filter((name) => !others.has(name));
    this.compare(subject, list(only(inA, inB)), list(only(inB, inA)));
  }
}

const text = (value: string | number) =>
  typeof value === 'string' ? value : Number.isInteger(value) ? count(value) : String(value);

function networkDifferences(a: BuildContents, b: BuildContents): Difference[] {
  const found = new Comparison('network');
  const both = (subject: string, of: (build: BuildContents) => string | number) =>
    found.compare(subject, of(a), of(b));
  both('image', ({ design: { network } }) => `${network.input.width}x${network.input.height} pixels`);
  both('classes', ({ design }) => design.network.classes);
  both('output', ({ design: { output } }) =>
    output.kind === 'logits' ? 'logits' : `a map of ${output.width}x${output.height} pixels`,
  );
  both('MACs of an image', ({ design }) => design.network.macs);
  found.compareNames('layers that only one has', a.ranges.keys(), b.ranges.keys());
  for (const [layer, rangesA] of a.ranges) {
    const rangesB = b.ranges.get(layer);
    if (rangesB) found.compare(`output channels of ${layer}`, rangesA.length, rangesB.length);
  }
  both('colours', ({ design }) => design.preprocess.order);
  both('mean', ({ design }) => design.preprocess.mean.join(' '));
  both('scale', ({ design }) => design.preprocess.scale.join(' '));
  both('resized to', ({ design }) => `${design.preprocess.resize} pixels`);
  if (found.differences.length === 0) {
    both('weights, of the same shapes, by hash', ({ design }) => design.network.hash.slice(0, SHOWN));
  }
  both('name', ({ design }) => design.network.name);
  return found.differences;
}

/** Digits of a hash in words. */
const SHOWN = 12;

function numberDifferences(a: BuildContents, b: BuildContents): Difference[] {
  const found = new Comparison('numbers');
  const both = (subject: string, of: (design: DesignRecord) => string | number) =>
    found.compare(subject, of(a.design), of(b.design));
  both('ranges by', ({ calibration }) => calibration.method);
  both('images that they were measured on', ({ calibration }) => calibration.images);
  both('one step of the output', ({ output }) => output.scale);
  compareRanges(found, a.ranges, b.ranges);
  return found.differences;
}

/** Of layers with as many channels in both: the largest change stands for all. */
function compareRanges(found: Comparison, a: BuildContents['ranges'], b: BuildContents['ranges']): void {
  let layers = 0;
  let changed = 0;
  let most = { layer: '', channel: 0, a: 0, b: 0, change: 0 };
  for (const [layer, rangesA] of a) {
    const rangesB = b.get(layer);
    if (rangesB?.length !== rangesA.length) continue;
    layers++;
    if (rangesA.some((range, channel) => range !== rangesB[channel])) changed++;
    for (const [channel, range] of rangesA.entries()) {
      const other = rangesB[channel];
      const change = Math.abs(range - other);
      if (change > most.change) most = { layer, channel, a: range, b: other, change };
    }
  }
  if (changed === 0) return;
  const subject = `ranges of ${changed} of ${layers} layers, most of ${most.layer} channel ${most.channel}`;
  found.compare(subject, `to ${most.a}`, `to ${most.b}`);
}

function scheduleDifferences(a: DesignRecord, b: DesignRecord): Difference[] {
  const found = new Comparison('schedule');
  const names = ({ stages }: DesignRecord) => stages.map(({ name }) => name);
  found.compareNames('stages that only one has', names(a), names(b));
  const [inA, inB] = [stageTexts(a), stageTexts(b)];
  for (const [name, text] of inA) found.compare(name, text, inB.get(name) ?? text);
  found.compare('transfers of maps', a.transfers, b.transfers);
  found.compare('bytes of tape', a.tapeBytes, b.tapeBytes);
  return found.differences;
}

/** By name; a stage that runs in bands has an entry for each of them. */
function stageTexts({ stages }: DesignRecord): Map<string, string> {
  const texts = new Map<string, string[]>();
  for (const stage of stages) texts.set(stage.name, [...(texts.get(stage.name) ?? []), stageText(stage)]);
  return new Map(
    [...texts].map(([name, bands]) => {
      const distinct = [...new Set(bands)].join('; ');
      return [name, bands.length > 1 ? `${bands.length} bands (${distinct})` : distinct];
    }),
  );
}

const stageText = ({ order, blocks, expandPasses, squeezePasses, tiles, weightBytes }: StageSummary) =>
  `${order}, ${blocks} block(s), ${expandPasses}+${squeezePasses} passes, ${count(tiles)} tiles, ` +
  `${count(weightBytes)} bytes of weights`;

/** What the geometry's fields are in words; `lanes` stands for the two that make it. */
const FIELDS = {
  multiplierBits: 'bits of a multiplier',
  accumulatorDepth: 'pixel groups of an accumulator bank',
  portBits: 'bits of the AXI port',
  burstBeats: 'beats of a burst',
  ringWords: 'words of the weight ring',
  mapWords: 'words of the feature memory, a bank',
  commandWords: 'words of the command memory',
  poolWords: 'words of the pool row buffer',
  poolPasses: 'passes of a pooled stage',
  packLanes: 'packing lanes',
  imageRows: 'image rows buffered',
  maxSide: 'pixels of the largest image side',
  maxKernel: 'pixels of the largest first kernel',
  extended: 'transfers (1: extended)',
} as const satisfies Readonly<Partial<Record<keyof DesignRecord['geometry'], string>>>;

function geometryDifferences(a: BuildContents, b: BuildContents): Difference[] {
  const found = new Comparison('geometry');
  found.compare('lanes', lanesText(a.design.geometry), lanesText(b.design.geometry));
  for (const [field, words] of Object.entries(FIELDS) as [keyof typeof FIELDS, string][]) {
    found.compare(words, a.design.geometry[field], b.design.geometry[field]);
  }
  found.compare('board', a.design.board.name, b.design.board.name);
  found.compare('MHz', a.design.board.clockMHz, b.design.board.clockMHz);
  found.compareNames('Verilog that only one has', a.verilog.keys(), b.verilog.keys());
  const changed = [...a.verilog].filter(([name, hash]) => (b.verilog.get(name) ?? hash) !== hash);
  for (const [name, hash] of changed) {
    found.compare(`${name}, by hash`, hash.slice(0, SHOWN), b.verilog.get(name)!.slice(0, SHOWN));
  }
  return found.differences;
}

function cycleDifferences(a: DesignRecord, b: DesignRecord): Difference[] {
  const found = new Comparison('cycles');
  const { latency } = a.cycles;
  found.compare('memory latency that they are predicted for', latency, b.cycles.latency);
  found.compare('of a single image', a.cycles.single, b.cycles.single);
  found.compare('of an image behind another', a.cycles.following, b.cycles.following);
  return found.differences;
}

/** Bytes that differ where nothing above does. */
function fileDifferences(a: DesignRecord, b: DesignRecord): Difference[] {
  const found = new Comparison('numbers');
  for (const [name, hash] of a.files) {
    found.compare(`${name}, by hash`, hash.slice(0, SHOWN), b.files.get(name)!.slice(0, SHOWN));
  }
  return found.differences;
}
