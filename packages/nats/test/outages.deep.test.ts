import { engineOutages } from '@dsm/conformance/engine';
import { describe } from 'vitest';
import { nats } from '../src/index.js';
import { installed, NatsServer } from './fixtures/nats-server.js';

describe.skipIf(!installed)('on nats-server', () => {
  engineOutages({
    engine: (port) => nats({ servers: `nats://127.0.0.1:${port}` }),
    start: () => NatsServer.start(),
  });
});
