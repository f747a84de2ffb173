import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { faulty, REPOSITORY } from './checkout.ts';
import { FAULTS } from './faults.ts';
import { faultsPage } from './page.ts';
import { judgeFaulty, judgeSound } from './verdict.ts';

describe('the deliberate faults', () => {
  it.each(FAULTS)('$name can be made', (fault) => {
    const sound = readFileSync(path.join(REPOSITORY, fault.file), 'utf8');
    expect(faulty(fault, sound)).not.toBe(sound);
    expect(existsSync(path.join(REPOSITORY, fault.test))).toBe(true);
  });

  it('have names of their own', () => {
    expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
  });

  it('are listed in docs/developer/faults.md', async () => {
    await expect(faultsPage()).toMatchFileSnapshot('../../docs/developer/faults.md');
  });
});

describe('the verdict', () => {
  const [fault] = FAULTS;
  const failing = (...failures: string[]) => ({ passed: 1, failures });

  it('asks for an assertion', () => {
    expect(judgeFaulty(fault, failing('AssertionError: expected 1 to be 2')).caught).toBe(true);
    expect(judgeFaulty(fault, failing('Error: Test timed out in 600000ms.')).caught).toBe(false);
    expect(judgeFaulty(fault, failing('Error: verilator failed:\n%Error')).caught).toBe(false);
    expect(judgeFaulty(fault, failing()).text).toBe('survived');
  });

  it('asks for the words of a witness where one finds the fault', () => {
    const spoken = { ...fault, says: /would wait for ever/ };
    expect(judgeFaulty(spoken, failing('FireforgeError: FF610: the engine would wait for ever')).caught).toBe(
      true,
    );
    expect(judgeFaulty(spoken, failing('AssertionError: expected 1 to be 2')).caught).toBe(false);
  });

  it('asks for tests that pass without the fault', () => {
    expect(judgeSound(failing()).caught).toBe(true);
    expect(judgeSound({ passed: 0, failures: [] }).text).toBe('no test of this name');
    expect(judgeSound(failing('AssertionError: expected 1 to be 2')).caught).toBe(false);
  });
});

describe('an edit', () => {
  it('whose text is not there exactly once is an error', () => {
    const edit = { ...FAULTS[0], before: 'a', after: 'b' };
    expect(faulty(edit, 'xay')).toBe('xby');
    expect(() => faulty(edit, 'xy')).toThrow(/0 times \(not once\)/);
    expect(() => faulty(edit, 'aa')).toThrow(/2 times \(not once\)/);
  });
});
