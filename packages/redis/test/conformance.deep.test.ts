import { engineConformance } from '@dsm/conformance/engine';
import { afterAll, beforeAll, describe } from 'vitest';
import { redis } from '../src/index.js';
import { installed, RedisServer } from './fixtures/redis-server.js';

describe.skipIf(!installed)('on redis-server', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  afterAll(() => server.stop());

  engineConformance(
    {
      engine: (port) => redis({ url: `redis://127.0.0.1:${port}` }),
      port: () => server.port,
    },
    {
      leaveOut: {
        'status is that of a group that is complete': 'clients of a server do not know of each other',
      },
    },
  );
});
