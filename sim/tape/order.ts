/** The runs of a stage in the order of docs/reference/tape.md: a run is one pass over one entry's groups. */
import type { TapePass, TapeStage } from './tape.ts';

export interface Run {
  readonly kind: 'expand' | 'squeeze';
  readonly passIndex: number;
  readonly pass: TapePass;
  readonly entry: number;
  /** Groups, counted from the stage's first; a squeeze's are those of the block map. */
  readonly firstGroup: number;
  readonly groups: number;
}

/** First group of each entry, when the entries' groups follow one another. */
function starts(groups: readonly number[]): number[] {
  let next = 0;
  return groups.map((count) => {
    next += count;
    return next - count;
  });
}

/** All runs of `stage` in order. */
export function* stageRuns(stage: TapeStage): Generator<Run> {
  const { descriptor, entries, expandPasses, squeezePasses } = stage;
  const expandStart = starts(entries.map((entry) => entry.groups));
  const squeezeStart = starts(entries.map((entry) => entry.squeezeGroups));
  const expand = (passIndex: number, entry: number): Run => ({
    kind: 'expand',
    passIndex,
    pass: expandPasses[passIndex],
    entry,
    firstGroup: expandStart[entry],
    groups: entries[entry].groups,
  });
  const squeeze = (passIndex: number, entry: number): Run => ({
    kind: 'squeeze',
    passIndex,
    pass: squeezePasses[passIndex],
    entry,
    firstGroup: squeezeStart[entry],
    groups: entries[entry].squeezeGroups,
  });
  const withGroups = entries.flatMap((entry, i) => (entry.groups > 0 ? [i] : []));
  const withSqueeze = entries.flatMap((entry, i) => (entry.squeezeGroups > 0 ? [i] : []));

  if (descriptor.passMajor) {
    for (const pass of expandPasses.keys()) for (const entry of withGroups) yield expand(pass, entry);
    for (const pass of squeezePasses.keys()) for (const entry of withSqueeze) yield squeeze(pass, entry);
    return;
  }
  for (const [entry, { groups, squeezeGroups }] of entries.entries()) {
    // The squeeze of an earlier block waits until some passes of this one hide its drain.
    const before = groups > 0 ? descriptor.squeezeDelay : 0;
    const after = groups > 0 ? expandPasses.length : 0;
    for (let pass = 0; pass < before; pass++) yield expand(pass, entry);
    if (squeezeGroups > 0) for (const pass of squeezePasses.keys()) yield squeeze(pass, entry);
    for (let pass = before; pass < after; pass++) yield expand(pass, entry);
  }
}
