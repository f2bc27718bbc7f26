import { fileURLToPath } from 'node:url';
import { engineExamples } from '@dsm/conformance/engine';
import { describe } from 'vitest';
import { installed, RedisServer } from './fixtures/redis-server.js';

describe.skipIf(!installed)('the examples', { timeout: 60_000 }, () => {
  engineExamples({
    folder: fileURLToPath(new URL('..', import.meta.url)),
    start: () => RedisServer.start(),
    address: 'redis://127.0.0.1:6379',
    imports: "{ join, redis } from '@dsm/redis'",
    protocol: (url) => `redis({ url: '${url}' })`,
  });
});
