import { engineConformance } from '@dsm/conformance/engine';
import { afterAll, beforeAll, describe } from 'vitest';
import { etcd } from '../src/index.js';
import { EtcdServer, installed } from './fixtures/etcd-server.js';

describe.skipIf(!installed)('on etcd', () => {
  let server: EtcdServer;

  beforeAll(async () => {
    server = await EtcdServer.start();
  });

  afterAll(() => server.stop());

  engineConformance(
    {
      engine: (port) => etcd({ hosts: `http://127.0.0.1:${port}` }),
      port: () => server.port,
    },
    {
      leaveOut: {
        'status is that of a group that is complete': 'clients of a server do not know of each other',
      },
    },
  );
});
