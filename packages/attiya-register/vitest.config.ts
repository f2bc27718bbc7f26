import { defineConfig } from 'vitest/config';
import { exclude } from '../../scripts/deep-only.mjs';

export default defineConfig({
  test: { include: ['test/**/*.test.ts'], exclude, setupFiles: ['../../scripts/property-seed.mjs'] },
});
