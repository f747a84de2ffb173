/** All deliberate faults, in the order in which docs/developer/faults.md lists them. */
import { COMPILER_FAULTS } from './compiler-faults.ts';
import type { Fault } from './fault.ts';
import { RECOVERY_FAULTS } from './recovery-faults.ts';
import { RTL_FAULTS } from './rtl-faults.ts';
import { WITNESS_FAULTS } from './witness-faults.ts';

export const FAULTS_BY_AREA: ReadonlyMap<string, readonly Fault[]> = new Map([
  ['RTL', RTL_FAULTS],
  ['RTL, what it does about faults', RECOVERY_FAULTS],
  ['Compiler', COMPILER_FAULTS],
  ['Witnesses', WITNESS_FAULTS],
]);

export const FAULTS: readonly Fault[] = [...FAULTS_BY_AREA.values()].flat();
