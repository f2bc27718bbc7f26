import { engineOutages } from '@dsm/conformance/engine';
import { describe } from 'vitest';
import { redis } from '../src/index.js';
import { installed, RedisServer } from './fixtures/redis-server.js';

describe.skipIf(!installed)('on redis-server', () => {
  engineOutages({
    engine: (port) => redis({ url: `redis://127.0.0.1:${port}` }),
    // So that it keeps what it has acknowledged.
    start: () => RedisServer.start('--appendonly', 'yes', '--appendfsync', 'always'),
  });
});
