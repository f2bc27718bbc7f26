import { defineConfig } from 'vitest/config';

// Not named vitest.config.ts: that name would be found from inside a package and break `vitest run` there.
export default defineConfig({
  test: {
    projects: ['packages/*', 'apps/*', 'scripts'],
    reporters: ['default', './scripts/closing-line.mjs'],
  },
});
