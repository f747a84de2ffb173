/** What the documentation promises of files and options. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCli } from '../host/run-cli.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const pages = [
  'README.md',
  'models/README.md',
  'rtl/README.md',
  ...readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => path.join('docs', file)),
];

/** What backticks hold that looks like a file of this repository. */
const FILE = /`((?:gen|sim|rtl|host|test|bench|models|constraints|docs)\/[\w./-]*)`/g;

describe.each(pages)('%s', (page) => {
  const text = read(page);
  const folder = path.dirname(page);

  it('links to what exists', () => {
    const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link]) => link);
    const local = links.filter((link) => !/^https?:/.test(link));
    expect(local.filter((link) => !existsSync(path.join(ROOT, folder, link)))).toEqual([]);
  });

  it('names files that exist', () => {
    const names = [...text.matchAll(FILE)].map(([, name]) => name);
    expect(names.filter((name) => !name.includes('NAME') && !existsSync(path.join(ROOT, name)))).toEqual([]);
  });
});

it('every page is in the index', () => {
  const index = read('docs/README.md');
  const inside = pages.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md');
  expect(inside.filter((page) => !index.includes(`(${path.relative('docs', page)})`))).toEqual([]);
});

it('rtl/README.md lists every file of the engine', () => {
  const index = read('rtl/README.md');
  const files = readdirSync(path.join(ROOT, 'rtl'), { recursive: true, encoding: 'utf8' });
  const modules = files.filter((file) => /\.(vh?|hbs)$/.test(file)).map((file) => path.basename(file));
  expect(modules.length).toBeGreaterThan(50);
  expect(modules.filter((name) => !index.includes(`\`${name}\``))).toEqual([]);
  const named = [...index.matchAll(/`([\w.]+\.(?:vh?|v\.hbs))`/g)].map(([, name]) => name);
  expect(named.filter((name) => !modules.includes(name))).toEqual([]);
});

describe('docs/reference/cli.md', () => {
  const sections = read('docs/reference/cli.md').split(/^## /m);
  const COMMANDS = ['fetch', 'inspect', 'compile', 'diff', 'run', 'verify', 'accuracy', 'estimate', 'boards'];
  /** The same for every command, or described once at the page's end. */
  const COMMON = ['--help', '--model', '--json'];

  it('has a section for every command', async () => {
    const { out } = await runCli('--help');
    const listed = out.slice(out.indexOf('Commands:')).match(/^ {2}(\w+)/gm)!;
    expect(listed.map((name) => name.trim()).filter((name) => name !== 'help')).toEqual(COMMANDS);
    expect(sections.slice(1).map((text) => /^\w+/.exec(text)![0])).toEqual(COMMANDS);
  });

  it.each(COMMANDS)('names the options of %s', async (command) => {
    const { out } = await runCli(command, '--help');
    const options = out.match(/(?<=^ {2}(?:-\w, )?)--[a-z]+/gm)!.filter((name) => !COMMON.includes(name));
    const section = sections.find((text) => text.startsWith(command))!;
    const known = command === 'inspect' ? sections.join('') : section;
    const shown = (option: string) => known.includes(option === '--output' ? '-o BUILD' : option);
    expect(options.filter((option) => !shown(option))).toEqual([]);
  });
});
