/** Random schedules in small: odd maps, uneven blocks, circular buffers, both orders. */
import type { Geometry } from '../../gen/geometry/geometry.ts';
import type { Prng } from '../../gen/import/prng.ts';
import type { Entry, Pass, Region, Schedule, Stage } from '../../gen/schedule/nest.ts';
import type { StageVariant } from './run-records.ts';

export interface RandomStage {
  readonly stage: Stage;
  readonly variant: StageVariant;
}

/** Stages of one job; they say which pixels are read when, not what a network would compute. */
export function randomSchedule(
  random: Prng,
  geometry: Geometry,
  stages: number,
  /** Most pixels behind a map that are read too. */
  mostBorder = 0,
): { schedule: Schedule; stages: RandomStage[] } {
  const between = (low: number, high: number) => low + (random.next() % (high - low + 1));
  const { accumulatorDepth, mapWords, pixelLanes } = geometry;

  function region(name: string, vectors: number, stride: number): Region {
    const base = between(0, mapWords - vectors * stride - 1);
    return { name, vectors, stride, base, from: 0, to: stages, channels: new Int32Array() };
  }

  function passes(kind: Pass['kind'], count: number, vectors: number, onMap: boolean): Pass[] {
    return Array.from({ length: count }, (_, p) => ({
      kind,
      conv: undefined as never,
      firstChannel: 0,
      channels: geometry.outputLanes,
      taps: onMap && kind === 'expand' && between(0, 2) > 0 ? 9 : 1,
      vectors,
      firstVector: 0,
      slot: p,
      sub: 0,
      completes: true,
    }));
  }

  /** Cuts a map into blocks of any size up to the banks' depth. */
  function blocks(groups: number): number[] {
    const cut: number[] = [];
    for (let left = groups; left > 0; left -= cut[cut.length - 1]) {
      cut.push(Math.min(left, between(1, accumulatorDepth)));
    }
    return cut;
  }

  const made: RandomStage[] = [];
  let source = region('packed', between(1, 3), between(accumulatorDepth, 2 * accumulatorDepth + 3));
  const packed = source;
  for (let index = 0; index < stages; index++) {
    const [width, height] = [between(2, 9), between(1, 8)];
    const border = index > 0 && mostBorder > 0 ? between(0, mostBorder) : 0;
    const groups = Math.ceil((width * height + border) / pixelLanes);
    // Packed pixels are read once: all passes go over a block before the next.
    const order = index === 0 || between(0, 1) === 0 ? 'block-major' : 'pass-major';
    const firstGroup = index > 0 && between(0, 2) === 0 ? between(0, groups - 1) : 0;
    const expandBlocks = blocks(groups - firstGroup);
    const block = region(
      'block',
      between(1, 4),
      between(accumulatorDepth, Math.max(accumulatorDepth, groups)),
    );
    const out = region('out', between(1, 3), groups);
    const squeezePasses = passes('squeeze', between(0, 2), block.vectors, true);
    const expandPasses = passes('expand', between(1, 3), source.vectors, index > 0);
    const squeezeBlocks = squeezePasses.length > 0 ? blocks(groups) : [];
    // Block-major squeezes run one entry late, some in entries of their own.
    const late = order === 'block-major' ? 1 : 0;
    const entries: Entry[] = Array.from(
      { length: Math.max(expandBlocks.length, squeezeBlocks.length + late) },
      (_, e) => ({ groups: expandBlocks[e] ?? 0, squeezeGroups: squeezeBlocks[e - late] ?? 0 }),
    );
    made.push({
      stage: {
        index,
        name: `stage ${index}`,
        order,
        source: { kind: index === 0 ? 'image' : 'map', region: source },
        width,
        height,
        block,
        ...(squeezePasses.length > 0 && { out }),
        expandPasses,
        squeezePasses,
        entries: entries.filter((entry) => entry.groups + entry.squeezeGroups > 0),
        squeezeDelay: between(1, expandPasses.length),
        waits: false,
        border,
        part: { skip: 0, first: 0, rows: height, height },
      },
      variant: {
        keepSections: false,
        firstGroup,
        firstX: (firstGroup * pixelLanes) % width,
        firstY: Math.floor((firstGroup * pixelLanes) / width),
      },
    });
    source = region('source', between(1, 3), groups);
  }
  return {
    schedule: {
      stages: made.map(({ stage }) => stage),
      commands: made.map(({ stage }) => ({ stage })),
      image: { width: 1, height: 1 },
      packed,
      mapTop: mapWords,
      output: { kind: 'logits', channels: 1, scale: 1 },
    },
    stages: made,
  };
}
