/** How the channels of each map lie in its vectors, so that the two maps of an addition lie alike. */
import { type Geometry, INPUT_LANES } from '../geometry/geometry.ts';
import { mapVectors } from '../tape/output.ts';
import { copies, type FusedMap, type FusedStage, identity, type Slice, wholly } from './fuse.ts';
import { arrange, type LaidPasses, layPasses, type PassSource } from './passes.ts';

/** A stage with its passes. */
export interface LaidStage {
  readonly fused: FusedStage;
  readonly expand: LaidPasses;
  readonly squeeze?: LaidPasses;
}

/**
 * Lays all stages. A term of an addition is laid as the map that is added to it; where that is impossible, for
 * their convolutions are cut at other channels, the other map is copied first.
 */
export function layStages(stages: readonly FusedStage[], geometry: Geometry): LaidStage[] {
  const laid: LaidStage[] = [];
  const maps = new Map<FusedMap, PassSource>();
  const add = (fused: FusedStage, expand: LaidPasses) => {
    const wide = { vectors: expand.vectors, packed: false, channels: expand.channels };
    const squeeze = fused.squeeze && layPasses('squeeze', squeezeSlices(fused), wide, geometry);
    if (fused.wide) maps.set(fused.wide, wide);
    if (fused.out && squeeze) maps.set(fused.out, { ...squeeze, packed: false });
    laid.push({ fused, expand, ...(squeeze && { squeeze }) });
  };
  const expandOf = (fused: FusedStage) => {
    const [source] = fused.sources;
    return layPasses('expand', fused.slices, source ? maps.get(source)! : packedSource(fused), geometry);
  };
  for (const [index, stage] of stages.entries()) {
    let fused = stage;
    if (fused.sources.length === 2) {
      const [own, added] = fused.sources;
      const target = maps.get(own)!;
      if (!sameLayout(target, maps.get(added)!)) {
        const copy = copyStage(added, fused.slices);
        add(copy, expandOf(copy));
        fused = { ...fused, sources: [own, copy.wide!] };
      }
    }
    let expand = expandOf(fused);
    // What the map is added to was written before it.
    const addition = stages
      .slice(index + 1)
      .find(({ sources }) => sources[0] === stage.wide && sources.length === 2);
    if (addition && addition.sources[1] !== stage.wide) {
      const other = maps.get(addition.sources[1]);
      expand = (other && arrange(expand, other.channels)) ?? expand;
    }
    add(fused, expand);
  }
  layResult(laid, expandOf, add);
  return laid;
}

/** The map that is the network's output lies in the order of its channels; if need be it is copied once more. */
function layResult(
  laid: LaidStage[],
  expandOf: (fused: FusedStage) => LaidPasses,
  add: (fused: FusedStage, expand: LaidPasses) => void,
): void {
  const last = laid[laid.length - 1];
  const { wide, slices } = last.fused;
  if (!wide) return;
  const channels = slices.reduce((sum, slice) => sum + slice.channels, 0);
  const arranged = arrange(last.expand, inOrder(channels));
  if (arranged) laid[laid.length - 1] = { ...last, expand: arranged };
  else {
    const copy = copyStage(wide, wholly([identity(`${wide.name} (copy)`, channels)]));
    add(copy, expandOf(copy));
  }
}

/** The packed pixels of the first convolution: its taps in their order. */
export function packedSource({ slices }: FusedStage): PassSource {
  const [{ conv }] = slices;
  const taps = conv.kernel ** 2 * conv.inChannels;
  return { vectors: mapVectors(taps), packed: true, channels: inOrder(taps) };
}

/** Channels (or taps) in their own order, the last vector filled up with padding. */
function inOrder(channels: number): Int32Array {
  const lanes = mapVectors(channels) * INPUT_LANES;
  return Int32Array.from({ length: lanes }, (_, lane) => (lane < channels ? lane : -1));
}

function squeezeSlices({ squeeze }: FusedStage): Slice[] {
  return [{ conv: squeeze!, firstChannel: 0, channels: squeeze!.outChannels, turn: 0 }];
}

function sameLayout(a: PassSource, b: PassSource): boolean {
  return (
    a.channels.length === b.channels.length && a.channels.every((channel, i) => channel === b.channels[i])
  );
}

/** A stage that copies a map to one laid out as `slices`. */
function copyStage(map: FusedMap, slices: readonly Slice[]): FusedStage {
  const { width, height } = map;
  const name = `${map.name} (copy)`;
  const moved = copies(slices).map((slice) => ({ ...slice, conv: { ...slice.conv, name } }));
  return { name, sources: [map], slices: moved, width, height, border: 0, wide: { name, width, height } };
}
