import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Transport } from '@dsm/core';

/** A transport that is to be tried. */
export interface TransportSubject {
  /** For members in the process of the test. */
  transport(): Transport;
  /** For members in processes of their own: the URL or name of a module, and its export that makes it. */
  readonly module: string;
  readonly factory: string;
  /** An address of this machine that nobody listens on. Default `tcp://127.0.0.1:…`. */
  readonly freeAddress?: (() => Promise<string>) | undefined;
}

/** `tcp://127.0.0.1:…` with a port that nobody listens on. */
export async function freeTcpAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  await once(server.close(), 'close');
  if (bound === null || typeof bound === 'string') throw new Error('there is no free port');
  return `tcp://127.0.0.1:${bound.port}`;
}
