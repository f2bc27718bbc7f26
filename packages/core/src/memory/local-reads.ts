import type { Guarantees, Key, RawEntry, RawVersion, Replica } from '../protocol.js';
import { ABSENT } from '../protocol.js';
import { decoded } from './entry.js';

/** What a replica may show without asking. */
type Local = Pick<Replica<unknown>, 'peek'>;

/** A value that was decoded, and the version of its entry. */
interface Known {
  readonly version: RawVersion;
  readonly value: unknown;
}

/**
 * Reads at once what this member holds and may show. A value that nobody can change, such as a number or a text, is
 * decoded once for all readers; an object is decoded anew for each, since it is theirs.
 */
export class LocalReads {
  /** Whether every read is answered at once. */
  readonly always: boolean;
  private readonly replica: Local;
  private readonly known = new Map<Key, Known>();

  private constructor(replica: Local, always: boolean) {
    this.replica = replica;
    this.always = always;
  }

  /** Undefined for a protocol that has none. */
  static of(replica: Local, { reads }: Guarantees): LocalReads | undefined {
    if (replica.peek === undefined || (reads !== 'local' && reads !== 'cached')) return undefined;
    return new LocalReads(replica, reads === 'local');
  }

  /** How many keys' values it keeps. */
  get size(): number {
    return this.known.size;
  }

  /** A key has changed: what was read of it is not kept, since it may have been deleted, and never be read again. */
  forget(key: Key): void {
    if (this.known.size > 0) this.known.delete(key);
  }

  /** What a read may be answered with now; undefined where it has to ask. */
  entry(key: Key): RawEntry | undefined {
    return this.replica.peek?.(key);
  }

  /** The value of an entry, or undefined. */
  value(key: Key, entry: RawEntry): unknown {
    const known = this.known.get(key);
    if (known !== undefined && known.version === entry.version) return known.value;
    const { value: bytes, version } = entry;
    if (bytes === ABSENT) {
      this.known.delete(key);
      return undefined;
    }
    const value = decoded(bytes);
    if (typeof value !== 'object') this.known.set(key, { version, value });
    else this.known.delete(key);
    return value;
  }
}
