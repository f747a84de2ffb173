/** Cuts a list into at most `groups` contiguous groups, none empty, whose lengths differ by one at most. */
export function splitEvenly<T>(items: readonly T[], groups: number): T[][] {
  const count = Math.min(groups, items.length);
  const start = (group: number) => Math.ceil((group * items.length) / count);
  return Array.from({ length: count }, (_, group) => items.slice(start(group), start(group + 1)));
}
