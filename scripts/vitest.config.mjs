import { defineConfig } from 'vitest/config';
import { exclude } from './deep-only.mjs';

export default defineConfig({ test: { include: ['test/**/*.test.mjs'], exclude } });
