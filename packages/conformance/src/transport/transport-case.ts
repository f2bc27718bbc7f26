import type { Network } from './network.js';

/** One thing that every transport must do. */
export interface TransportCase {
  readonly name: string;
  /** Rejects where it does not hold. */
  run(network: Network): Promise<void>;
}

/** A frame as text. */
export function text(frame: Uint8Array | undefined): string {
  return Buffer.from(frame ?? []).toString();
}
