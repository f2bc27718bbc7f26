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
