import type { Key, RawEntry, Replica, Value } from '../protocol.js';
import { ABSENT } from '../protocol.js';
import { decoded } from './entry.js';

/** Bytes, and what they stand for. */
interface Known {
  readonly bytes: Value;
  readonly value: unknown;
}

/**
 * Reads at once what this member holds. A value that nobody can change, such as a number or a text, is decoded once for
 * all readers; an object is decoded anew for each, since it is theirs.
 */
export class LocalReads {
  private readonly peekAt: (key: Key) => RawEntry;
  private readonly known = new Map<Key, Known>();

  private constructor(peekAt: (key: Key) => RawEntry) {
    this.peekAt = peekAt;
  }

  /** Undefined for a replica that has none. */
  static of(replica: Replica<unknown>): LocalReads | undefined {
    return replica.peek === undefined ? undefined : new LocalReads((key) => replica.peek?.(key) as RawEntry);
  }

  /** The value of a key, or undefined. */
  value(key: Key): unknown {
    const bytes = this.peekAt(key).value;
    const known = this.known.get(key);
    if (known !== undefined && known.bytes === bytes) return known.value;
    if (bytes === ABSENT) {
      this.known.delete(key);
      return undefined;
    }
    const value = decoded(bytes);
    if (typeof value !== 'object') this.known.set(key, { bytes, value });
    else this.known.delete(key);
    return value;
  }
}
