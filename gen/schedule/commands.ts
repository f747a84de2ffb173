/** The commands of a schedule in their order: stages, whole or in bands, and the transfers between them. */
import { type Geometry, WORD } from '../geometry/geometry.ts';
import type { NetworkOutput } from '../quantize/integer-network.ts';
import { dataBytes } from '../tape/output.ts';
import { type Band, cutBands } from './bands.ts';
import { MapBuffer } from './buffer.ts';
import type { FusedMap } from './fuse.ts';
import type { LaidStage } from './layout.ts';
import type { Command, Region, Stage, Transfer } from './nest.ts';
import type { Residency } from './residency.ts';
import { planStage } from './stage.ts';

export interface CommandPlan {
  readonly stages: readonly Stage[];
  readonly commands: readonly Command[];
  /** All but the packed pixels', not placed yet. */
  readonly regions: readonly Region[];
  /** Which laid stage a stage comes from, and the index of its command. */
  readonly stageTimes: readonly { readonly fused: number; readonly stage: Stage; readonly time: number }[];
}

export function planCommands(
  laid: readonly LaidStage[],
  residency: Residency,
  packed: Region,
  output: NetworkOutput,
  geometry: Geometry,
): CommandPlan {
  return new Planner(laid, residency, packed, output, geometry).plan();
}

/** Where a map is while the stages go by. */
interface MapState {
  readonly vectors: number;
  readonly channels: Int32Array;
  /** On the chip; else it is in the buffer. */
  region?: Region;
}

class Planner {
  private readonly laid: readonly LaidStage[];
  private readonly residency: Residency;
  private readonly packed: Region;
  private readonly geometry: Geometry;
  private readonly commands: Command[] = [];
  private readonly stages: Stage[] = [];
  private readonly regions: Region[] = [];
  private readonly stageTimes: { fused: number; stage: Stage; time: number }[] = [];
  private readonly states = new Map<FusedMap, MapState>();
  private readonly buffer: MapBuffer;

  constructor(
    laid: readonly LaidStage[],
    residency: Residency,
    packed: Region,
    output: NetworkOutput,
    geometry: Geometry,
  ) {
    this.laid = laid;
    this.residency = residency;
    this.packed = packed;
    this.geometry = geometry;
    this.buffer = new MapBuffer(dataBytes(output) + WORD);
  }

  plan(): CommandPlan {
    for (const [index, laid] of this.laid.entries()) {
      const count = this.residency.bands[index];
      const bands = cutBands(laid.fused, count);
      for (const [b, band] of bands.entries()) {
        const sums =
          laid.fused.globalPool && count > 1 ? { continues: b > 0, goesOn: b < bands.length - 1 } : undefined;
        this.band(index, laid, band, sums);
      }
    }
    const last = this.laid[this.laid.length - 1].fused.wide;
    if (last) this.result(last);
    const { stages, commands, regions, stageTimes } = this;
    return { stages, commands, regions, stageTimes };
  }

  private band(index: number, laid: LaidStage, band: Band, sums: Stage['sums']): void {
    const { fused } = laid;
    const regions = fused.sources.map((map) => this.source(map, band));
    const [region = this.packed, second] = regions;
    const time = this.commands.length;
    for (const read of regions) read.to = time;
    const stage = planStage(
      {
        ...{ laid, band, time },
        index: this.stages.length,
        source: { kind: regions.length === 0 ? 'image' : 'map', region, ...(second && { second }) },
        waits: regions.length > 0 && !this.follows(region, laid),
        depth: this.residency.depths[index],
        keepsWide: fused.wide !== undefined && this.isRead(fused.wide),
        ...(sums && { sums }),
      },
      this.geometry,
    );
    this.commands.push({ stage });
    this.stages.push(stage);
    this.stageTimes.push({ fused: index, stage, time });
    this.written(fused.wide, stage.block, band);
    this.written(fused.out, stage.out, band);
  }

  /** Whether the marks that the last command leaves are those of the map that the stage reads, from its first vector. */
  private follows(source: Region, { expand }: LaidStage): boolean {
    const last = this.commands[this.commands.length - 1];
    if ('transfer' in last || expand.passes.some(({ conv }) => conv.diagonal)) return false;
    return (last.stage.out ?? last.stage.block) === source;
  }

  /** The rows of a map that a band reads, on the chip. */
  private source(map: FusedMap, { firstRow, rows }: Pick<Band, 'firstRow' | 'rows'>): Region {
    const state = this.states.get(map)!;
    if (state.region) return state.region;
    const { vectors, channels } = state;
    const time = this.commands.length;
    const stride = Math.ceil((rows * map.width) / this.geometry.pixelLanes);
    const region = { name: `${map.name} (part)`, vectors, stride, base: 0, from: time, to: time, channels };
    this.regions.push(region);
    this.transfer(this.buffer.load(map, region, { firstRow, rows }));
    return region;
  }

  private written(map: FusedMap | undefined, region: Region | undefined, band: Band): void {
    if (!map || !region) return;
    this.regions.push(region);
    if (!this.isRead(map)) return;
    const { vectors, channels } = region;
    if (!this.leavesChip(map)) {
      this.states.set(map, { vectors, channels, region });
      return;
    }
    region.to = this.commands.length;
    this.transfer(this.buffer.store(map, region, band));
    this.states.set(map, { vectors, channels });
  }

  /** The map that is the network's output goes out as a whole. */
  private result(map: FusedMap): void {
    const region = this.source(map, { firstRow: 0, rows: map.height });
    region.to = this.commands.length;
    this.transfer({
      ...{ name: map.name, direction: 'store', result: true, region, firstPixel: 0 },
      ...{ rows: 1, rowPixels: map.width * map.height, padWords: 0, offset: 0 },
    });
  }

  private transfer(transfer: Transfer): void {
    this.commands.push({ transfer });
  }

  /** Whether another stage than the one that writes it reads a map. */
  private isRead(map: FusedMap): boolean {
    const { wide } = this.laid[this.laid.length - 1].fused;
    return map === wide || this.laid.some(({ fused }) => fused.sources.includes(map));
  }

  /** A map of which a stage reads or writes bands goes over the port. */
  private leavesChip(map: FusedMap): boolean {
    const { bands, away } = this.residency;
    const touches = ({ fused }: LaidStage) =>
      fused.sources.includes(map) || fused.wide === map || fused.out === map;
    return away.has(map) || this.laid.some((stage, i) => bands[i] > 1 && touches(stage));
  }
}
