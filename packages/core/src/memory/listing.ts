import { DsmError, type DsmErrorCode } from '../error.js';
import type { World } from '../node/world.js';
import type { Key } from '../protocol.js';

/**
 * Asks a server for the keys with a prefix, once it answers, and only if they are awaited still by then. Ends when they
 * are listed, or nobody can answer any more: not before, since a server that has many keys takes long.
 */
export type List = (prefix: string, awaited: () => boolean) => Promise<Iterable<Key>>;

/** How long somebody waits for a list, and what it is called when that was too short. */
export interface ListingLimit {
  readonly timeoutMs: number;
  readonly timeoutCode: () => DsmErrorCode;
  readonly world: World;
}

/** The keys with a prefix, within a time limit. */
export function listedWithin(
  { timeoutMs, timeoutCode, world }: ListingLimit,
  list: List,
  prefix: string,
): Promise<Iterable<Key>> {
  return new Promise((resolve, reject) => {
    let awaited = true;
    const cancel = world.after(timeoutMs, () => {
      awaited = false;
      reject(new DsmError(timeoutCode(), `the keys were not listed within ${timeoutMs} ms`));
    });
    list(prefix, () => awaited)
      .then(resolve, reject)
      .finally(cancel);
  });
}
