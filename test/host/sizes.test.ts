/** Engines at the small end and with odd numbers of pixel lanes, through all witnesses, RTL included. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runCli } from './run-cli.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'fireforge-sizes-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  { lanes: '16x1x3', model: 'squeezenet1.0', port: '32' },
  { lanes: '16x2x5', model: 'squeezenet1.1', port: '128' },
])('$model on $lanes lanes, a port of $port bits', async ({ lanes, model, port }) => {
  const build = path.join(folder, lanes);
  const network = [model, '--weights', 'none', '--side', '49', '--classes', '11', '--seed', '4'];
  const compiled = await runCli(
    ...['compile', ...network, '--board', 'sim', '--lanes', lanes, '--port', port, '-o', build],
  );
  expect(compiled.status, compiled.notes).toBe(0);
  const { status, out, notes } = await runCli('verify', build, '--json', '--limit', '1', '--latency', '30');
  expect([status, notes]).toEqual([0, '']);
  expect(JSON.parse(out)).toMatchObject({ images: 1, mismatches: 0 });
});
