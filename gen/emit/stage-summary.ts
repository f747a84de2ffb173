/** The schedule in a few numbers a stage. */
import type { Compiled } from '../compiled.ts';
import { WORD } from '../geometry/geometry.ts';
import { passTiles } from '../schedule/nest.ts';
import { weightWords } from '../schedule/sections.ts';

export interface StageSummary {
  readonly name: string;
  readonly order: 'block-major' | 'pass-major';
  readonly blocks: number;
  readonly expandPasses: number;
  readonly squeezePasses: number;
  /** Weight tiles of all passes. */
  readonly tiles: number;
  readonly weightBytes: number;
}

export function stageSummaries({ schedule, geometry }: Compiled): StageSummary[] {
  return schedule.stages.map(({ name, order, entries, expandPasses, squeezePasses }) => {
    const passes = [...expandPasses, ...squeezePasses];
    return {
      name,
      order,
      blocks: entries.filter(({ groups }) => groups > 0).length,
      expandPasses: expandPasses.length,
      squeezePasses: squeezePasses.length,
      tiles: passes.reduce((sum, pass) => sum + passTiles(pass), 0),
      weightBytes: weightWords(passes, geometry) * WORD,
    };
  });
}
