import { fileURLToPath } from 'node:url';
import { engineExamples } from '@dsm/conformance/engine';
import { describe } from 'vitest';
import { installed, NatsServer } from './fixtures/nats-server.js';

describe.skipIf(!installed)('the examples', { timeout: 60_000 }, () => {
  engineExamples({
    folder: fileURLToPath(new URL('..', import.meta.url)),
    start: () => NatsServer.start(),
    address: 'nats://127.0.0.1:4222',
    imports: "{ join, nats } from '@dsm/nats'",
    protocol: (url) => `nats({ servers: '${url}' })`,
  });
});
