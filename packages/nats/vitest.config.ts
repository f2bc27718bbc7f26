import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/**/*.test.ts'], exclude: process.env.DSM_DEEP ? [] : ['**/*.deep.test.ts'] },
});
