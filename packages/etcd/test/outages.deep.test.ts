import { engineOutages } from '@dsm/conformance/engine';
import { describe } from 'vitest';
import { etcd } from '../src/index.js';
import { EtcdServer, installed } from './fixtures/etcd-server.js';

describe.skipIf(!installed)('on etcd', () => {
  engineOutages({
    engine: (port) => etcd({ hosts: `http://127.0.0.1:${port}` }),
    start: () => EtcdServer.start(),
  });
});
