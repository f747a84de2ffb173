import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { registerMapMarkdown, registerMapVerilog } from '../../../gen/emit/register-map.ts';
import { ERROR_CODES, REGISTERS } from '../../../gen/geometry/registers.ts';

// `UPDATE=1 npx vitest run test/gen/emit/register-map.test.ts` writes both files anew.
it.each([
  ['rtl/port/register_map.vh', registerMapVerilog],
  ['docs/reference/registers.md', registerMapMarkdown],
])('%s is what the description gives', (file, text) => {
  const path = new URL(`../../../${file}`, import.meta.url);
  if (process.env.UPDATE) writeFileSync(path, text());
  expect(readFileSync(path, 'utf8')).toBe(text());
});

it('has each word, name, bit and code once', () => {
  const offsets = REGISTERS.map(({ offset }) => offset);
  expect(offsets.every((offset) => offset % 4 === 0)).toBe(true);
  expect(new Set(offsets).size).toBe(offsets.length);
  expect(new Set(REGISTERS.map(({ name }) => name)).size).toBe(REGISTERS.length);
  expect(new Set(ERROR_CODES.map(({ code }) => code)).size).toBe(ERROR_CODES.length);
  for (const { fields = [] } of REGISTERS) {
    const bits = fields.flatMap(({ bit, width }) => Array.from({ length: width }, (_, i) => bit + i));
    expect(new Set(bits).size).toBe(bits.length);
  }
});
