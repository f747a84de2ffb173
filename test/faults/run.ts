/**
 * Makes each deliberate fault in a copy of the checkout and demands that its test fails by an assertion.
 *
 *     npx tsx test/faults/run.ts [NAME…]
 *
 * The status is 1 when a fault survives.
 */
import { textTable } from '../../gen/emit/text-table.ts';
import { Checkout } from './checkout.ts';
import type { Fault } from './fault.ts';
import { FAULTS } from './faults.ts';
import { judgeFaulty, judgeSound, type Verdict } from './verdict.ts';

/** As many as the tests' own workers. */
const COPIES = 2;

interface Outcome extends Verdict {
  readonly fault: Fault;
  readonly seconds: number;
}

function chosenFaults(names: readonly string[]): readonly Fault[] {
  const unknown = names.find((name) => !FAULTS.some((fault) => fault.name === name));
  if (unknown !== undefined) {
    console.error(`no fault is named ${unknown}; docs/developer/faults.md lists them`);
    process.exit(1);
  }
  return names.length === 0 ? FAULTS : FAULTS.filter(({ name }) => names.includes(name));
}

/** Faults that the same tests catch go one after the other in one copy: what stays sound is built once. */
function byTest(faults: readonly Fault[]): Fault[][] {
  const groups = new Map<string, Fault[]>();
  for (const fault of faults) {
    const key = `${fault.test} ${fault.only}`;
    groups.set(key, [...(groups.get(key) ?? []), fault]);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length);
}

async function tryGroup(checkout: Checkout, faults: readonly Fault[]): Promise<Outcome[]> {
  const [{ test, only }] = faults;
  const sound = judgeSound(await checkout.runTest(test, only));
  const outcomes: Outcome[] = [];
  for (const fault of faults) {
    const start = performance.now();
    const verdict = sound.caught
      ? judgeFaulty(fault, await checkout.withFault(fault, () => checkout.runTest(test, only)))
      : sound;
    const seconds = (performance.now() - start) / 1000;
    console.error(`${verdict.caught ? 'caught' : 'NOT CAUGHT'} ${fault.name}, ${seconds.toFixed(0)} s`);
    outcomes.push({ ...verdict, fault, seconds });
  }
  return outcomes;
}

async function worker(queue: Fault[][]): Promise<Outcome[]> {
  const checkout = new Checkout();
  const outcomes: Outcome[] = [];
  for (let group = queue.shift(); group !== undefined; group = queue.shift()) {
    outcomes.push(...(await tryGroup(checkout, group)));
  }
  return outcomes;
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const faults = chosenFaults(process.argv.slice(2));
const queue = byTest(faults);
const copies = Math.min(COPIES, queue.length);
const outcomes = (await Promise.all(Array.from({ length: copies }, () => worker(queue)))).flat();
outcomes.sort((a, b) => FAULTS.indexOf(a.fault) - FAULTS.indexOf(b.fault));

const rows = outcomes.map(({ fault, caught, text }) => [fault.name, caught ? 'caught' : 'NOT CAUGHT', text]);
console.log(textTable([['fault', 'verdict', 'by'], ...rows]));
const missed = outcomes.filter(({ caught }) => !caught).length;
console.log(`${outcomes.length - missed} of ${outcomes.length} faults caught`);
process.exitCode = missed === 0 ? 0 : 1;
