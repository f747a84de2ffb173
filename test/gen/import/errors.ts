/** Catches the diagnostic of what must fail. */
import { type Diagnostic, FireforgeError } from '../../../gen/diagnostics/diagnostic.ts';

export async function diagnosticOf(work: () => unknown): Promise<Diagnostic> {
  try {
    await work();
  } catch (error) {
    if (error instanceof FireforgeError) return error.diagnostic;
    throw error;
  }
  throw new Error('it did not fail');
}
