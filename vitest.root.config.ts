import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Not named vitest.config.ts: that name would be found from inside a package and break `vitest run` there.
export default defineConfig({
  test: {
    // By itself vitest leaves a core free, which of two is half; and some tests mostly wait.
    maxWorkers: availableParallelism() + 1,
    projects: ['packages/*', 'apps/*', 'scripts'],
    reporters: ['default', './scripts/closing-line.mjs'],
  },
});
