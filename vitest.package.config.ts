import { defineConfig } from 'vitest/config';

// A limit ends what hangs, and says nothing about speed: a machine that others share may be twenty times slower.
const hangsAfterMs = 120_000;

/** How the tests of every package and app are run; their `vitest.config.ts` is this one. */
export default defineConfig({
  test: {
    // The files of a worker share what they import: to load it anew for each is a fifth of all.
    isolate: false,
    include: ['test/**/*.test.ts'],
    exclude: process.env.DSM_DEEP ? [] : ['**/*.deep.test.ts'],
    setupFiles: [new URL('scripts/property-seed.mjs', import.meta.url).pathname],
    testTimeout: hangsAfterMs,
    hookTimeout: hangsAfterMs,
    expect: { poll: { timeout: hangsAfterMs / 4 } },
  },
});
