/**
 * What every message of the program is: a code, the thing's name, the reason, and what to do. Messages
 * are made by the catalogue's functions (one file an area beside this one) and nowhere else.
 *
 * Codes by area: FF1xx models, FF2xx images, FF3xx quantizing, FF4xx boards and geometry, FF5xx schedule,
 * FF6xx tapes and builds, FF7xx simulation, FF8xx command line and output, FF9xx fetching.
 */
export interface Diagnostic {
  readonly code: `FF${number}`;
  /** The file, layer, tensor, option or board it is about. */
  readonly subject: string;
  readonly reason: string;
  readonly remedy: string;
}

/** The one error type that reaches the user; anything else is a bug. */
export class FireforgeError extends Error {
  override readonly name = 'FireforgeError';
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic) {
    super(formatDiagnostic(diagnostic));
    this.diagnostic = diagnostic;
  }
}

export function formatDiagnostic({ code, subject, reason, remedy }: Diagnostic): string {
  return `error ${code}: ${subject}: ${reason}\n  ${remedy}`;
}
