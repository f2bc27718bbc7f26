import type { Guarantees, Key, RawEntry, RawVersion } from '../protocol.js';
import { ABSENT } from '../protocol.js';
import { decoded } from './entry.js';
import type { Lifecycle } from './lifecycle.js';
import type { Operations } from './operations.js';
import { delay } from './options.js';
import type { Seat } from './seat.js';
import type { OperationOptions } from './shared-memory.js';

/** The member whose reads they are. */
interface Local<Message> {
  readonly node: Pick<Seat<Message>, 'replica' | 'leased' | 'trace'>;
  readonly operations: Operations;
  readonly lifecycle: Lifecycle;
  /** Whether somebody is told of each read. */
  readonly traced: boolean;
  /** Throws where nothing can be done any more, or not with this key. */
  usable(key: Key): void;
}

/** A value that was decoded, and the version of its entry. */
interface Known {
  readonly version: RawVersion;
  readonly value: unknown;
}

/**
 * Reads at once what this member holds and may show. A value that nobody can change, such as a number or a text, is
 * decoded once for all readers; an object is decoded anew for each, since it is theirs.
 */
export class LocalReads<Message = unknown> {
  /** Whether every read is answered at once. */
  readonly always: boolean;
  private readonly local: Local<Message>;
  private readonly known = new Map<Key, Known>();

  private constructor(local: Local<Message>, always: boolean) {
    this.local = local;
    this.always = always;
  }

  /** Undefined for a protocol that has none. */
  static of<Message>({ reads }: Guarantees, local: Local<Message>): LocalReads<Message> | undefined {
    if (local.node.replica.peek === undefined || (reads !== 'local' && reads !== 'cached')) return undefined;
    return new LocalReads(local, reads === 'local');
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
    return this.local.node.replica.peek?.(key);
  }

  /** The way of most reads, made of as few calls as can be: the value; undefined where it asks or is traced. */
  read(key: Key): Promise<unknown> | undefined {
    const { local } = this;
    try {
      local.usable(key);
      const may = this.mayShow && !local.traced;
      const held = may ? this.entry(key) : undefined;
      if (held === undefined) return undefined;
      return local.operations.answered(this.value(key, held), held.value?.length ?? 0);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** What a call may be answered with at once, whatever else is pending; undefined where it has to ask, or fails. */
  held(key: Key, options: OperationOptions | undefined): RawEntry | undefined {
    if (options !== undefined) {
      delay('timeout', options.timeout, 1);
      if (options.signal?.aborted) return undefined;
    }
    return this.mayShow && !this.local.lifecycle.ended ? this.entry(key) : undefined;
  }

  /** Without a lease what a member holds may be out of date: the others may have gone on without it. */
  private get mayShow(): boolean {
    return this.always || this.local.node.leased;
  }

  /** Answers a read with what was held. */
  show<T>(key: Key, shown: T, { value }: RawEntry): Promise<T> {
    const { node, operations, traced } = this.local;
    if (traced) {
      const operation = operations.nextId();
      node.trace({ kind: 'invoke', operation, key, detail: 'read' });
      node.trace({ kind: 'return', operation, detail: 'read' });
    }
    return operations.answered(shown, value?.length ?? 0);
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
