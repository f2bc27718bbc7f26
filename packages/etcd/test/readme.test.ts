import { fileURLToPath } from 'node:url';
import { engineExamples } from '@dsm/conformance/engine';
import { describe } from 'vitest';
import { EtcdServer, installed } from './fixtures/etcd-server.js';

describe.skipIf(!installed)('the examples', { timeout: 60_000 }, () => {
  engineExamples({
    folder: fileURLToPath(new URL('..', import.meta.url)),
    start: () => EtcdServer.start(),
    address: 'http://127.0.0.1:2379',
    imports: "{ etcd, join } from '@dsm/etcd'",
    protocol: (url) => `etcd({ hosts: ['${url}'] })`,
  });
});
