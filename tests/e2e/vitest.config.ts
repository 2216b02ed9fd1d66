import { defineConfig } from 'vitest/config'

/** Browser journeys: each file starts a server of its own on a free port and a database of its own. */
export default defineConfig({
  test: {
    include: ['tests/e2e/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
