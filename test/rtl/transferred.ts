/** Schedules of what only extended engines do, made from planned ones: no planner makes them for so small maps. */
import type { Geometry } from '../../gen/geometry/geometry.ts';
import type { Prng } from '../../gen/import/prng.ts';
import { passMajorEntries } from '../../gen/schedule/blocks.ts';
import {
  type Command,
  type Region,
  type Schedule,
  type Stage,
  type Transfer,
  transferWords,
} from '../../gen/schedule/nest.ts';
import { bufferBytes } from '../../gen/schedule/result-buffer.ts';
import { WORD_BYTES } from '../../gen/tape/format.ts';

const ALIGNMENT = 64;
const aligned = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** Words of a row, padded so that the next one begins at a multiple of 64 bytes. */
function padding(rowPixels: number, vectors: number): number {
  return (4 - ((rowPixels * vectors) % 4)) % 4;
}

/** Rows of a map in up to three transfers: it is moved part by part. */
function parts(
  map: { readonly region: Region; readonly width: number; readonly height: number },
  direction: Transfer['direction'],
  offset: number,
  random: Prng,
): Transfer[] {
  const { region, width, height } = map;
  const padWords = padding(width, region.vectors);
  const cuts = [0, random.next() % height, random.next() % height, height].sort((a, b) => a - b);
  return cuts.slice(1).flatMap((to, i) => {
    const row = cuts[i];
    if (to === row) return [];
    return {
      name: `${direction} ${region.name}`,
      direction,
      result: false,
      region,
      firstPixel: row * width,
      rows: to - row,
      rowPixels: width,
      padWords,
      offset: offset + row * (width * region.vectors + padWords) * WORD_BYTES,
    };
  });
}

/** The map that a stage leaves, and its size. */
function leftBy(stage: Stage) {
  const region = stage.out ?? stage.block!;
  const { width, height } = stage.pool ?? stage;
  return { region, width, height };
}

/** Between the stages of a planned schedule every map goes into the result buffer and comes back to another place. */
export function withTransfers(schedule: Schedule, random: Prng): Schedule {
  const { stages, packed } = schedule;
  let offset = aligned(bufferBytes(schedule));
  let mapTop = schedule.mapTop;
  const commands: Command[] = [];
  const changed: Stage[] = [];
  for (const [index, stage] of stages.entries()) {
    if (index === 0) {
      changed.push(stage);
      commands.push({ stage });
      continue;
    }
    const map = leftBy(stages[index - 1]);
    const stride = map.region.stride + (random.next() % 4);
    const target: Region = { ...map.region, name: `${map.region.name} again`, base: schedule.mapTop, stride };
    const stores = parts(map, 'store', offset, random);
    const loads = parts({ ...map, region: target }, 'load', offset, random);
    const moved: Stage = { ...stage, source: { kind: 'map', region: target }, waits: true };
    changed.push(moved);
    commands.push(...[...stores, ...loads].map((transfer) => ({ transfer })), { stage: moved });
    mapTop = Math.max(mapTop, target.base + target.vectors * stride);
    const last = stores[stores.length - 1];
    offset = aligned(last.offset + transferWords(last) * WORD_BYTES);
  }
  if (mapTop > packed.base) throw new Error('the feature memory has no room for the maps that come back');
  commands.push(...schedule.commands.filter((command) => 'transfer' in command));
  return { ...schedule, stages: changed, commands, mapTop };
}

/** A planned schedule without its classifier: the map before it is the result. */
export function withMapResult(schedule: Schedule): Schedule {
  const kept = schedule.stages.slice(0, -1);
  const { region, width, height } = leftBy(kept[kept.length - 1]);
  const result: Transfer = {
    name: 'the result',
    direction: 'store',
    result: true,
    region,
    firstPixel: 0,
    rows: 1,
    rowPixels: width * height,
    padWords: 0,
    offset: 0,
  };
  const commands = kept.map((stage) => ({ stage }));
  const output = { kind: 'map', height, width, channels: 16 * region.vectors, scale: 1 } as const;
  return { ...schedule, stages: kept, commands: [...commands, { transfer: result }], output };
}

/** The result's data as the map of a stage: pixel by pixel the values of the region's lanes. */
export function resultMap(data: Uint8Array, schedule: Schedule): Map<number, number[]> {
  const stage = schedule.stages[schedule.stages.length - 1];
  const { region, width, height } = leftBy(stage);
  const row = width * region.vectors * WORD_BYTES;
  const channels = new Map<number, number[]>();
  for (const [lane, channel] of region.channels.entries()) {
    if (channel < 0) continue;
    const values: number[] = [];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) values.push(data[y * row + x * region.vectors * WORD_BYTES + lane]);
    }
    channels.set(channel, values);
  }
  return channels;
}

/** The classifier goes over parts of its map, each a stage of its own: sums are kept in between. */
export function withSplitClassifier(schedule: Schedule, geometry: Geometry): Schedule {
  const { pixelLanes, accumulatorDepth } = geometry;
  const whole = schedule.stages[schedule.stages.length - 1];
  const { width, height, source } = whole;
  // Parts begin with a pixel of the first lane.
  const cut = Array.from({ length: height - 1 }, (_, row) => row + 1).filter(
    (row) => (row * width) % pixelLanes === 0,
  );
  const cuts = [0, cut[0], cut[Math.floor(cut.length / 2)], height];
  const parts = cuts.slice(1).map((to, part): Stage => {
    const first = cuts[part];
    const region = { ...source.region, base: source.region.base + (first * width) / pixelLanes };
    const groups = Math.ceil(((to - first) * width) / pixelLanes);
    return {
      ...whole,
      index: whole.index + part,
      source: { kind: 'map', region },
      height: to - first,
      entries: passMajorEntries(groups, 0, accumulatorDepth),
      waits: true,
      sums: { continues: part > 0, goesOn: part + 2 < cuts.length },
    };
  });
  const commands = schedule.commands.filter((command) => !('stage' in command && command.stage === whole));
  return {
    ...schedule,
    stages: [...schedule.stages.slice(0, -1), ...parts],
    commands: [...commands, ...parts.map((stage) => ({ stage }))],
  };
}
