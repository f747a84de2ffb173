import { defineConfig } from 'vitest/config';
import { SummaryReporter } from './test/summary-reporter.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', new SummaryReporter()],
    testTimeout: 600_000,
    // Verilator builds are the long tests; two at a time keeps both cores busy and no more.
    pool: 'forks',
    maxWorkers: 2,
  },
});
