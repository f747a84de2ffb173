/** Executes one stage: its runs in order, each from operands through sums to what becomes of them. */
import { type Geometry, INPUT_LANES } from '../../gen/geometry/geometry.ts';
import { requantize } from '../../gen/quantize/numerics.ts';
import { accumulateTile, addBias } from './accumulate.ts';
import { MaxPool } from './max-pool.ts';
import type { FeatureMemory, Marks } from './memory.ts';
import { fetchOperands, type RunPixels, type SourceMap } from './operands.ts';
import { type Run, stageRuns } from './order.ts';
import type { Packer } from './packer.ts';
import type { StageDescriptor, TapeStage } from './tape.ts';
import { CENTRE, type Coordinates, type Tap, taps3x3, walkCoordinates } from './taps.ts';
import { type DestinationMap, WriteBack } from './write-back.ts';

/** One write to the feature memory, in the order of the drain. */
export interface MapWrite {
  readonly stage: number;
  readonly kind: 'expand' | 'squeeze';
  /** Index among the stage's expand or squeeze passes. */
  readonly pass: number;
  readonly entry: number;
  readonly slot: number;
  readonly sub: number;
  /** Group of the destination map, not wrapped. */
  readonly position: number;
  /** Bit g: lane g was written. Lanes behind the map's last pixel are, too, when no pool stands between. */
  readonly lanes: number;
  /** G × TM bytes, lane outside; those of unwritten lanes are old. Valid only during the call. */
  readonly data: Uint8Array;
}

export type Probe = (write: MapWrite) => void;

/** What all stages of a job share. */
export interface Machine {
  readonly geometry: Geometry;
  readonly memory: FeatureMemory;
  readonly marks: Marks;
  readonly packer: Packer;
  /** A global pool's sums that a stage kept for the next, expand passes × TM. */
  keptSums?: Float64Array;
}

export class StageRunner {
  private readonly machine: Machine;
  private readonly stage: TapeStage;
  private readonly probe: Probe | undefined;
  private readonly taps: Tap[];
  private readonly coordinates: Coordinates;
  private readonly pools: MaxPool[];
  private readonly expandWriters: WriteBack[];
  private readonly squeezeWriters: WriteBack[];
  private readonly operands: Int8Array;
  private readonly sums: Int32Array;
  private readonly pixels: Uint8Array;
  /** Sums per output channel of the global pool, expand passes × TM. */
  readonly globalSums: Float64Array;

  constructor(machine: Machine, stage: TapeStage, probe: Probe | undefined) {
    this.machine = machine;
    this.stage = stage;
    this.probe = probe;
    const { descriptor, expandPasses, squeezePasses } = stage;
    const { pixelLanes, outputLanes, accumulatorDepth } = machine.geometry;
    this.taps = taps3x3(descriptor, pixelLanes);
    this.coordinates = walkCoordinates(descriptor, pixelLanes, walkedGroups(stage));
    this.pools = descriptor.pool ? expandPasses.map(() => new MaxPool(descriptor, outputLanes)) : [];
    const { block, out } = destinations(stage);
    const writer = (map: DestinationMap) => (pass: TapeStage['expandPasses'][number]) =>
      new WriteBack(machine.memory, machine.marks, map, pass, pixelLanes, outputLanes);
    this.expandWriters = expandPasses.map(writer(block));
    this.squeezeWriters = squeezePasses.map(writer(out));
    this.operands = new Int8Array(accumulatorDepth * pixelLanes * INPUT_LANES);
    this.sums = new Int32Array(accumulatorDepth * pixelLanes * outputLanes);
    this.pixels = new Uint8Array(this.sums.length);
    const sums = descriptor.globalPool ? expandPasses.length * outputLanes : 0;
    const kept = descriptor.sumsContinue ? machine.keptSums : undefined;
    this.globalSums = kept?.slice() ?? new Float64Array(sums);
  }

  run(): void {
    const { descriptor } = this.stage;
    if (!descriptor.globalPool) this.machine.marks.clear(descriptor.blockSet);
    if (descriptor.squeezePasses > 0) this.machine.marks.clear(descriptor.outSet);
    for (const run of stageRuns(this.stage)) this.execute(run);
    if (descriptor.sumsGoOn) this.machine.keptSums = this.globalSums;
  }

  private execute(run: Run): void {
    const { descriptor } = this.stage;
    const part = `stage ${this.stage.index}, ${run.kind} pass ${run.passIndex}, entry ${run.entry}`;
    const source = run.kind === 'expand' ? this.expandSource(run) : this.squeezeSource(run);
    const fromFirst = run.kind === 'expand' ? descriptor.firstGroup : 0;
    this.accumulate(
      run,
      source,
      {
        firstGroup: fromFirst + run.firstGroup,
        groups: run.groups,
        firstPixel: run.firstGroup * this.machine.geometry.pixelLanes,
        coordinates: this.coordinates,
        width: descriptor.width,
        height: descriptor.height,
        masksBelow: this.machine.geometry.extended === 1,
      },
      part,
    );
    if (descriptor.globalPool) this.sumGlobally(run);
    else this.writeBack(run);
  }

  private expandSource(run: Run): SourceMap {
    const {
      sourceBase: base,
      sourceStride: stride,
      sourceSet,
      packedSource,
      waits,
      vectorStep,
    } = this.stage.descriptor;
    const { marks, packer, geometry } = this.machine;
    if (!packedSource) {
      return {
        base: base + run.pass.firstVector * stride,
        step: vectorStep || stride,
        circle: mapGroups(this.stage.descriptor, geometry.pixelLanes),
        written: waits ? Number.POSITIVE_INFINITY : marks.complete(sourceSet, run.pass.vectors),
      };
    }
    packer.advance(this.freedGroups(run));
    return { base, step: stride, circle: stride, written: packer.packed };
  }

  /** Packed groups that neither this run nor a later one reads. */
  private freedGroups(run: Run): number {
    const { passMajor, firstGroup, expandPasses } = this.stage.descriptor;
    if (passMajor && run.passIndex < expandPasses - 1) return firstGroup;
    return firstGroup + run.firstGroup;
  }

  private squeezeSource(run: Run): SourceMap {
    const { blockBase: base, blockStride: stride, blockSet } = this.stage.descriptor;
    return {
      base,
      step: stride,
      circle: stride,
      written: this.machine.marks.complete(blockSet, run.pass.vectors),
    };
  }

  /** acc + bias of the run, groups × lanes × TM, to `sums`. */
  private accumulate({ pass }: Run, source: SourceMap, pixels: RunPixels, part: string): void {
    const { memory, geometry } = this.machine;
    const { pixelLanes, outputLanes } = geometry;
    const { weights, bias } = pass.section;
    const count = pixels.groups * pixelLanes;
    this.sums.fill(0, 0, count * outputLanes);
    let tile = 0;
    for (let vector = 0; vector < pass.vectors; vector++) {
      for (const tap of pass.taps === 9 ? this.taps : CENTRE) {
        fetchOperands(memory, pixelLanes, source, vector, tap, pixels, this.operands, part);
        accumulateTile(this.sums, this.operands, count, weights, tile, outputLanes);
        tile += INPUT_LANES * outputLanes;
      }
    }
    addBias(this.sums, count * outputLanes, bias);
  }

  private sumGlobally(run: Run): void {
    const { relu, firstGroup, lastLanes } = this.stage.descriptor;
    const { pixelLanes, outputLanes } = this.machine.geometry;
    const end = firstGroup + run.firstGroup + run.groups;
    const atEnd = end === walkedGroups(this.stage) + firstGroup;
    const count = run.groups * pixelLanes - (atEnd ? pixelLanes - lastLanes : 0);
    for (let i = 0; i < count * outputLanes; i++) {
      const sum = relu ? Math.max(0, this.sums[i]) : this.sums[i];
      this.globalSums[run.passIndex * outputLanes + (i % outputLanes)] += sum;
    }
  }

  private writeBack(run: Run): void {
    const { outputLanes, pixelLanes } = this.machine.geometry;
    const { m, s } = run.pass.section;
    const count = run.groups * pixelLanes;
    for (let i = 0; i < count * outputLanes; i++) {
      const c = i % outputLanes;
      this.pixels[i] = requantize(this.sums[i], m[c], s[c]);
    }
    const expand = run.kind === 'expand';
    const writer = (expand ? this.expandWriters : this.squeezeWriters)[run.passIndex];
    const pool = expand ? this.pools[run.passIndex] : undefined;
    const written = (position: number, lanes: number, data: Uint8Array) => {
      const { slot, sub } = run.pass;
      const { kind, passIndex: pass, entry } = run;
      this.probe?.({ stage: this.stage.index, kind, pass, entry, slot, sub, position, lanes, data });
    };
    for (let at = 0; at < count * outputLanes; at += outputLanes) {
      if (pool === undefined) writer.push(this.pixels, at, written);
      else {
        const pooled = pool.push(this.pixels, at);
        if (pooled !== undefined) writer.push(pooled, 0, written);
      }
    }
    writer.flush(written);
  }
}

/** Groups of the map that the expand passes read. */
function mapGroups({ width, height }: StageDescriptor, lanes: number): number {
  return Math.ceil((width * height) / lanes);
}

/** Groups that they walk: a padded classifier's more than the map's. */
function walkedGroups({ entries }: TapeStage): number {
  return entries.reduce((sum, entry) => sum + entry.groups, 0);
}

/** Where the expand passes (through the pool) and the squeeze passes of a stage write. */
function destinations({ descriptor: d }: TapeStage): { block: DestinationMap; out: DestinationMap } {
  const pixels = d.pool ? d.pooledWidth * d.pooledHeight : d.width * d.height;
  const circle = d.blockStride;
  return {
    block: { base: d.blockBase, stride: d.blockStride, circle, pixels, markSet: d.blockSet },
    out: { base: d.outBase, stride: d.outStride, circle: d.outStride, pixels, markSet: d.outSet },
  };
}
