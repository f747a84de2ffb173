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
  /** Where there are several reasons, each on a line of its own. */
  readonly list?: readonly string[];
  readonly remedy: string;
}

/** The one error type that reaches the user; anything else is a bug. */
export class FireforgeError extends Error {
  override readonly name = 'FireforgeError';
  readonly diagnostic: Diagnostic;

  constructor({ code, subject, reason, list, remedy }: Diagnostic) {
    const texts = { subject: printable(subject), reason: printable(reason) };
    const diagnostic = { code, ...texts, ...(list && { list: list.map(printable) }), remedy };
    super(formatDiagnostic(diagnostic));
    this.diagnostic = diagnostic;
  }
}

/** Names and values out of files can be of any length. */
const MAX_LENGTH = 600;

/** Text that comes from files in part: cut where it is long, without characters that control a terminal. */
function printable(text: string): string {
  const cut = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
  return cut.replace(/\p{Cc}/gu, '\u{fffd}');
}

function formatDiagnostic({ code, subject, reason, list = [], remedy }: Diagnostic): string {
  const items = list.map((item) => `    ${item}\n`).join('');
  return `error ${code}: ${subject}: ${reason}\n${items}  ${remedy}`;
}
