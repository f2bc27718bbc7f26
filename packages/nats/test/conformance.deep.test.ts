import { engineConformance } from '@dsm/conformance/engine';
import { afterAll, beforeAll, describe } from 'vitest';
import { nats } from '../src/index.js';
import { installed, NatsServer } from './fixtures/nats-server.js';

describe.skipIf(!installed)('on nats-server', () => {
  let server: NatsServer;

  beforeAll(async () => {
    server = await NatsServer.start();
  });

  afterAll(() => server.stop());

  engineConformance(
    {
      engine: (port) => nats({ servers: `nats://127.0.0.1:${port}` }),
      port: () => server.port,
    },
    {
      leaveOut: {
        'status is that of a group that is complete': 'clients of a server do not know of each other',
      },
    },
  );
});
