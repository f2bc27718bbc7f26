import type { Network } from './network.js';

/** One thing that every transport must do. */
export interface TransportCase {
  readonly name: string;
  /** Rejects where it does not hold. */
  run(network: Network): Promise<void>;
}

/** A text as a frame. */
export function frameOf(words: string): Uint8Array {
  return Buffer.from(words);
}

/** A frame as text. */
export function text(frame: Uint8Array | undefined): string {
  return Buffer.from(frame ?? []).toString();
}
