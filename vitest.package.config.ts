import { configDefaults, defineConfig } from 'vitest/config';

// A limit ends what hangs, and says nothing about speed: a machine that others share may be twenty times slower.
const hangsAfterMs = 120_000;

/** What takes long and tries the same in both runs: the deep one, which comes after the other, leaves it out. */
const sameInBoth = [
  '**/{compare,counts,end-to-end,example,readme}.test.ts',
  'apps/node/test/{check,simulate}.test.ts',
  'packages/{etcd,nats,redis}/test/server.test.ts',
  'packages/transport-{tcp,zeromq}/test/{answers,close,conformance,frames,peers,reconnecting,strangers}.test.ts',
];

/** How the tests of every package and app are run; their `vitest.config.ts` is this one. */
export default defineConfig({
  test: {
    // The files of a worker share what they import: to load it anew for each is a fifth of all.
    isolate: false,
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(process.env.DSM_DEEP ? sameInBoth : ['**/*.deep.test.ts'])],
    setupFiles: [new URL('scripts/property-seed.mjs', import.meta.url).pathname],
    testTimeout: hangsAfterMs,
    hookTimeout: hangsAfterMs,
    expect: { poll: { timeout: hangsAfterMs / 4 } },
  },
});
