import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 600_000,
    // Verilator builds are the long tests; two at a time keeps both cores busy and no more.
    pool: 'forks',
    maxWorkers: 2,
  },
});
