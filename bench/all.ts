/**
 * Measures what docs/reference/performance.md states, and puts the new tables there in place of the old:
 *
 *     npx tsx bench/all.ts [engines | larger | accuracy | compile | synth | fmax]…
 *
 * Without a name all but synth and fmax, which fetch their tools and take minutes and half an hour.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { measureAccuracies } from './accuracy.ts';
import { measureCompiling } from './compile-time.ts';
import { measureEngines } from './engines.ts';
import { BUILDS } from './fireforge.ts';
import { measureLarger } from './larger.ts';
import { measureClock } from './physical/fmax.ts';
import { measureArea } from './physical/synth.ts';

const PAGE = fileURLToPath(new URL('../docs/reference/performance.md', import.meta.url));
const BENCHES = new Map<string, () => Promise<string | undefined>>([
  ['compile', measureCompiling],
  ['accuracy', measureAccuracies],
  ['engines', measureEngines],
  ['larger', measureLarger],
  ['synth', measureArea],
  ['fmax', measureClock],
]);

const SLOW = ['synth', 'fmax'];

const asked = process.argv.slice(2);
mkdirSync(BUILDS, { recursive: true });
for (const [name, measure] of BENCHES) {
  if (asked.length > 0 ? !asked.includes(name) : SLOW.includes(name)) continue;
  const table = await measure();
  if (table === undefined) {
    console.log(`${name}: skipped, it needs the photographs of ../shared/images\n`);
    continue;
  }
  console.log(`${name}:\n${table}\n`);
  replaceSection(name, table);
}

/** The page holds each table between two comments that name it. */
function replaceSection(name: string, table: string): void {
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`];
  const from = page.indexOf(begin) + begin.length;
  writeFileSync(PAGE, `${page.slice(0, from)}${table}\n${page.slice(page.indexOf(end))}`);
}
