/** docs/developer/faults.md, made of the list of faults. */
import type { Fault } from './fault.ts';
import { FAULTS, FAULTS_BY_AREA } from './faults.ts';

const INTRODUCTION = `# Deliberate faults

A test that has never failed has shown nothing. Each of the ${FAULTS.length} faults below is one small edit; \`make faults\` makes
them one by one in a copy of the checkout, runs the test that must notice, and demands that it fails by an
assertion, not because something does not compile or runs out of time. Before that the test must pass without the
fault. Faults by name: \`npx tsx test/faults/run.ts NAME…\`. A fault that survives is a hole in the tests.

The list stands in \`test/faults/*-faults.ts\`; this page is made of it (\`npx vitest run test/faults -u\`).
`;

export function faultsPage(): string {
  const sections = [...FAULTS_BY_AREA].map(([area, faults]) => `## ${area}\n\n${faultTable(faults)}\n`);
  return [INTRODUCTION, ...sections].join('\n');
}

function faultTable(faults: readonly Fault[]): string {
  const rows = faults.map(({ name, what, file, test, only }) => {
    const tests = only === undefined ? `\`${test}\`` : `\`${test}\` (${only.replace('.*', ' … ').trim()})`;
    return `| \`${name}\` | ${what} | \`${file}\` | ${tests} |`;
  });
  return ['| fault | what is wrong | where | caught by |', '|---|---|---|---|', ...rows].join('\n');
}
