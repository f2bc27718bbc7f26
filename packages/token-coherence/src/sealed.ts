import type { Key } from '@dsm/core';
import type { Holding, Versioned } from './holding.js';

/**
 * What the next view must know of a member: every value that it has, readable or not. Tokens end with their epoch; the
 * next view makes new ones. A value that was shown and not yet let be read counts: it may have been read elsewhere.
 */
export interface Sealed {
  readonly clock: number;
  readonly entries: readonly (readonly [key: Key, entry: Versioned])[];
}

export function sealed(clock: number, holdings: Iterable<Holding>): Sealed {
  const entries = [...holdings].map(({ key, entry, prepared }) => [key, prepared ?? entry] as const);
  return { clock, entries: entries.filter(([, { version }]) => version > 0) };
}
