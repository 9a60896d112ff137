import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/**
 * Two projects: `node` needs Node alone (this is `npm test`); `partners` needs programs of other people, which `.ci/run`
 * installs: a PostgreSQL server, the Python client, Chromium, astropy.
 */
export default defineConfig({
  test: {
    // Most tests wait for a database or a child now and then: two at a time keep two processors busy.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
          exclude: ['test/partners/**', 'test/client/**', 'test/browser/**'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          pool: 'forks',
          // A machine under load misses a deadline now and then; a defect fails twice.
          retry: 1,
        },
      },
      {
        test: {
          name: 'partners',
          include: ['test/partners/**/*.test.ts', 'test/client/**/*.test.ts', 'test/browser/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          pool: 'forks',
          // A machine under load misses a deadline now and then; a defect fails twice.
          retry: 1,
        },
      },
    ],
  },
})
