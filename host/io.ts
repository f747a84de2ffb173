/** Where a command's words go, so that commands can run inside another process. */
export interface Io {
  /** Results: a text of whole lines. */
  out(text: string): void;
  /** Notes and errors: a text of whole lines. */
  note(text: string): void;
  /** Whether someone watches the notes: progress bars make sense. */
  readonly interactive: boolean;
}

export const processIo: Io = {
  out: (text) => {
    process.stdout.write(`${text}\n`);
  },
  note: (text) => {
    process.stderr.write(`${text}\n`);
  },
  interactive: process.stderr.isTTY === true,
};

/** Exit statuses. */
export const STATUS = { ok: 0, failed: 1, usage: 2 } as const;

/** What a command is given: where to write, and where to leave its exit status. */
export interface CommandContext extends Io {
  status: number;
}
