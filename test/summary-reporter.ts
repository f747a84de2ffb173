/**
 * A Vitest reporter: names every skipped test, and leaves one line of counts in build/test-summary.txt. A
 * file that cannot be loaded, or an error outside all tests, counts as one failed test.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

const SUMMARY = 'build/test-summary.txt';

export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const skipped = tests.filter((test) => test.result().state === 'skipped');
    const counted = (state: 'passed' | 'failed') =>
      tests.filter((test) => test.result().state === state).length;
    const broken = modules.filter((module) => module.errors().length > 0).length + errors.length;
    for (const test of skipped) console.log(`skipped: ${testName(test)}`);
    const counts = [`${counted('passed')} passed`, `${counted('failed') + broken} failed`];
    if (skipped.length > 0) counts.push(`${skipped.length} skipped`);
    mkdirSync(path.dirname(SUMMARY), { recursive: true });
    writeFileSync(SUMMARY, `${counts.join(', ')}\n`);
  }
}

const testName = (test: TestCase) => `${test.module.relativeModuleId} > ${test.fullName}`;
