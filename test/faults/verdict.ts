/** Whether a test has caught a fault, and by what. */
import type { TestRun } from './checkout.ts';
import type { Fault } from './fault.ts';

export interface Verdict {
  readonly caught: boolean;
  /** The failed assertion, or why there is none. */
  readonly text: string;
}

/** A test whose tools fail, or which only runs out of time, has noticed nothing. */
const ASSERTION = /^AssertionError\b/;
/** Escape sequences for colours. */
const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g');

/** The run of a test without any fault: it must pass, and not for want of tests. */
export function judgeSound({ passed, failures }: TestRun): Verdict {
  if (failures.length > 0) return { caught: false, text: `fails without a fault: ${summary(failures[0])}` };
  if (passed === 0) return { caught: false, text: 'no test of this name' };
  return { caught: true, text: '' };
}

/** The run of the same test with the fault in place. */
export function judgeFaulty(fault: Fault, { failures }: TestRun): Verdict {
  if (failures.length === 0) return { caught: false, text: 'survived' };
  const expected = fault.says ?? ASSERTION;
  const found = failures.find((failure) => expected.test(failure));
  if (found === undefined) return { caught: false, text: `fails otherwise: ${summary(failures[0])}` };
  return { caught: true, text: summary(found) };
}

const WIDTH = 90;

function summary(failure: string): string {
  const [message] = failure.replace(COLOURS, '').split(/\n\s+at /);
  const text = message.replace(ASSERTION, '').replace(/^: /, '').replace(/\s+/g, ' ');
  return text.length > WIDTH ? `${text.slice(0, WIDTH)}…` : text;
}
