/** Messages about simulating the RTL: FF70x while the model is built, FF71x while it or the comparison runs. */
import { FireforgeError } from './diagnostic.ts';

export function simulatorMissing(command: string): FireforgeError {
  return new FireforgeError({
    code: 'FF701',
    subject: command,
    reason: 'the program is not installed, and simulating RTL needs it',
    remedy:
      'Install Verilator 5 with a C++17 compiler and make (Debian: apt install verilator g++ make), or choose another --engine.',
  });
}

export function simulatorFailed(command: string, top: string, output: string): FireforgeError {
  return new FireforgeError({
    code: 'FF702',
    subject: `${command}, design ${top}`,
    reason: `the simulation model cannot be built:\n${output}`,
    remedy: 'Compile the build directory again; if it stays so, report it with these lines.',
  });
}

export function rtlFolderUnreadable(folder: string): FireforgeError {
  return new FireforgeError({
    code: 'FF703',
    subject: folder,
    reason: 'the folder holds no Verilog (.v)',
    remedy: 'Give a build directory that `fireforge compile` wrote.',
  });
}

export function simulationCacheNotWritable(folder: string, cause: string): FireforgeError {
  return new FireforgeError({
    code: 'FF704',
    subject: folder,
    reason: `the cache of simulation models cannot be written (${cause})`,
    remedy: 'Make the folder writable, or set XDG_CACHE_HOME to one that is.',
  });
}

/** The design broke a rule of its memory port, or hangs; `view` is the engine's own. */
export function simulationFault(top: string, cycle: number, text: string, view: string): FireforgeError {
  return new FireforgeError({
    code: 'FF710',
    subject: `${top}, cycle ${cycle}`,
    reason: text,
    remedy: `Repeat with --trace FILE to see the waveforms. The engine says: ${view}.`,
  });
}

export function simulationCrashed(top: string, output: string): FireforgeError {
  return new FireforgeError({
    code: 'FF711',
    subject: top,
    reason: `the simulation ended without a result:\n${output}`,
    remedy: 'Report it with these lines.',
  });
}

/** A thread of `verify` is gone without having said why. */
export function workerEnded(cause: string): FireforgeError {
  return new FireforgeError({
    code: 'FF712',
    subject: 'worker thread',
    reason: `it ended without a result (${cause})`,
    remedy: 'Repeat with --workers 1, which also needs the least memory; if it stays so, report it.',
  });
}
