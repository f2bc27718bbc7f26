/// <reference lib="esnext.disposable" preserve="true" />
import type { Entry, OperationKind, OperationOptions, Version } from '../face.js';
import type { Guarantees } from '../protocol.js';
import type { KeyOf } from './schema.js';

export type { Entry, OperationKind, OperationOptions, Version } from '../face.js';

export interface WatchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Every change in order instead of the newest: `DSM_OVERFLOW` past `limits.watchPendingMax` unread ones. */
  readonly every?: boolean | undefined;
}

/** A key, the keys with a prefix (`'user:*'`), or all (`'*'`). */
export type KeyPattern<S> = KeyOf<S> | `${string}*`;

/** The keys among these that begin with a prefix; of a wider family, those of it that do. */
type Beginning<K extends string, Prefix extends string> = K extends `${Prefix}${string}`
  ? K
  : `${Prefix}${string}` extends K
    ? `${Prefix}${string}`
    : never;

/** The keys that a pattern stands for. */
export type KeysMatching<S, P extends string> = P extends `${infer Prefix}*`
  ? Beginning<KeyOf<S>, Prefix>
  : never;

/** The values that a pattern stands for. */
export type ValuesMatching<S, P extends string> =
  KeysMatching<S, P> extends infer K extends keyof S ? S[K] : never;

/** What a compare-and-swap did. A lost race is a result, not an error. */
export type Swap<K extends string = string, V = unknown> =
  | { readonly ok: true; readonly version: Version }
  | { readonly ok: false; readonly current: Entry<K, V> };

export type Watch<K extends string, V> = AsyncIterableIterator<Entry<K, V>> & AsyncDisposable;

/** The shared variables of a group, as every protocol offers them. */
export interface Variables<S> extends AsyncDisposable {
  /** This member's name. */
  readonly id: string;
  readonly protocol: string;
  readonly guarantees: Guarantees;
  read<K extends KeyOf<S>>(key: K, options?: OperationOptions): Promise<S[K] | undefined>;
  entry<K extends KeyOf<S>>(key: K, options?: OperationOptions): Promise<Entry<K, S[K]>>;
  write<K extends KeyOf<S>>(key: K, value: S[K], options?: OperationOptions): Promise<Version>;
  delete(key: KeyOf<S>, options?: OperationOptions): Promise<Version>;
  /** The current entry, then the newest after each change. Subscribes at once; ends by break, abort or close. */
  watch<P extends `${string}*`>(
    pattern: P,
    options?: WatchOptions,
  ): Watch<KeysMatching<S, P>, ValuesMatching<S, P>>;
  watch<K extends KeyOf<S>>(key: K, options?: WatchOptions): Watch<K, S[K]>;
  /** Calls the listener after each change, in the protocol's order, until the returned function is called. */
  onChange<P extends `${string}*`>(
    pattern: P,
    listener: (entry: Entry<KeysMatching<S, P>, ValuesMatching<S, P>>) => void,
  ): () => void;
  onChange<K extends KeyOf<S>>(key: K, listener: (entry: Entry<K, S[K]>) => void): () => void;
  /** The keys this member knows a value of. */
  keys(pattern?: KeyPattern<S>): Promise<string[]>;
  status(): Status;
  metrics(): Metrics;
  /**
   * Lets the group go on without a member that does not come back; if it lives, it ends with `DSM_REMOVED`. Resolves
   * once this member does so. Only for protocols whose groups change, such as `causal`.
   */
  remove(name: string): Promise<void>;
  /**
   * Ends pending operations with `DSM_CLOSED` and frees everything. Where members can leave, it leaves first, unless
   * `leave` is false: once others in reach hold what this one holds and know that it goes; where they cannot, it tells
   * the others that they need not wait for it, as far as the protocol can. Waits for that and for the
   * transport no longer than `timeout` (default: that of operations). Never rejects; may be called again.
   */
  close(options?: CloseOptions): Promise<void>;
}

export interface CloseOptions {
  readonly leave?: boolean | undefined;
  readonly timeout?: number | undefined;
}

export interface CompareAndSwap<S> {
  compareAndSwap<K extends KeyOf<S>>(
    key: K,
    expected: S[K] | undefined,
    value: S[K],
    options?: OperationOptions,
  ): Promise<Swap<K, S[K]>>;
  writeIf<K extends KeyOf<S>>(
    key: K,
    version: Version,
    value: S[K],
    options?: OperationOptions,
  ): Promise<Swap<K, S[K]>>;
  deleteIf<K extends KeyOf<S>>(key: K, version: Version, options?: OperationOptions): Promise<Swap<K, S[K]>>;
  /** Reads, applies the function and writes if nobody came between, until it succeeds. */
  update<K extends KeyOf<S>>(
    key: K,
    fn: (value: S[K] | undefined) => S[K] | Promise<S[K]>,
    options?: OperationOptions,
  ): Promise<Entry<K, S[K]>>;
}

export interface LocalReads<S> {
  /** The local value at once, or `undefined`. */
  peek<K extends KeyOf<S>>(key: K): S[K] | undefined;
}

/** Shared variables with the methods that the guarantees allow. */
export type SharedMemory<S, G extends Guarantees> = Variables<S> & { readonly guarantees: G } & (G extends {
    compareAndSwap: true;
  }
    ? CompareAndSwap<S>
    : unknown) &
  (G extends { reads: 'local' } ? LocalReads<S> : unknown);

export interface Status {
  /** `suspended`: the promised consistency cannot be given right now. */
  readonly state: 'joining' | 'ready' | 'suspended' | 'removed' | 'closed';
  readonly since: Date;
  readonly reason?: string | undefined;
  readonly view?: { readonly epoch: number; readonly members: readonly string[] } | undefined;
  readonly peers: Readonly<Record<string, PeerStatus>>;
}

export interface PeerStatus {
  readonly connected: boolean;
  readonly suspected: boolean;
  readonly lastSeenMs: number;
}

/** Latencies of completed operations in microseconds. */
export interface Latencies {
  readonly count: number;
  readonly meanUs: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
}

/** Counted since the member joined. */
export interface Metrics {
  readonly operations: Readonly<Record<OperationKind, OperationCounts>>;
  /** Protocol messages to and from other members, by the kind of operation that caused them. */
  readonly messages: {
    readonly out: Readonly<Record<'read' | 'write', number>>;
    readonly in: number;
  };
  readonly frames: { readonly out: number; readonly in: number };
  readonly bytes: { readonly out: number; readonly in: number };
  /** Frames sent again because no acknowledgement came. */
  readonly retransmissions: number;
  /** Frames dropped, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly viewChanges: number;
  readonly operationsPending: number;
  /** Bytes sent and not yet acknowledged, over all peers. */
  readonly bytesInFlight: number;
  readonly watchers: number;
  /** Calls of `onChange` listeners and of `trace` that threw, and changes of values that could not be read for them. */
  readonly listenerErrors: number;
}

export interface OperationCounts {
  readonly ok: number;
  readonly failed: number;
  readonly unknown: number;
  readonly latency: Latencies;
}
