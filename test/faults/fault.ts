/** A deliberate fault: one small edit, and the test that must notice it. */
export interface Fault {
  /** Names it on the command line of run.ts. */
  readonly name: string;
  /** What is wrong, for docs/developer/faults.md. */
  readonly what: string;
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly before: string;
  readonly after: string;
  /** The test file that catches it. */
  readonly test: string;
  /** Limits the file to the tests whose full name matches (vitest's -t), where all would take long. */
  readonly only?: string;
  /** What the failure says, where the assertion is made by a witness and not by the test. */
  readonly says?: RegExp;
}
