import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import ofPackage from './vitest.package.config.ts';

/**
 * The tests of everything, as one project: with one for each package, workers would start and load what packages share
 * once for each, which is an eighth of all. Not named vitest.config.ts: that name would be found from inside a package
 * and break `vitest run` there.
 */
export default defineConfig({
  test: {
    ...ofPackage.test,
    // By itself vitest leaves a core free, which of two is half; and some tests mostly wait.
    maxWorkers: availableParallelism() + 1,
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'scripts/test/**/*.test.mjs'],
    reporters: ['default', './scripts/closing-line.mjs'],
  },
});
