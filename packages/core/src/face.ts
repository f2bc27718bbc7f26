import type { Key, RawEntry, Value } from './protocol.js';

/** Opaque, comparable for equality only; that of an absent entry is `''`. */
export type Version = string;

/** A key with its value at one moment; an absent entry has no value and the version `''`. */
export interface Entry<K extends string = string, V = unknown> {
  readonly key: K;
  readonly value: V | undefined;
  readonly version: Version;
}

export interface OperationOptions {
  /** Aborting rejects with the signal's reason; what was already sent may still happen. */
  readonly signal?: AbortSignal | undefined;
  /** The operation's limit in milliseconds. */
  readonly timeout?: number | undefined;
}

export type OperationKind = 'read' | 'write' | 'swap';

/** What a protocol's extras may do: its replica's own operations, and the values that users see. */
export interface Face {
  /** This member's name. */
  readonly id: string;
  /** Throws where nothing can be done any more, or not with this key: `DSM_CLOSED`, `DSM_INVALID_KEY`, … */
  check(key: Key): void;
  /**
   * Hands a request to `Replica.perform`; counts as an operation of this kind, with its time limit and errors, that
   * carries so many bytes (0 where nothing is said). Resolves to what it was answered.
   */
  perform(
    kind: OperationKind,
    request: unknown,
    options?: OperationOptions | undefined,
    bytes?: number | undefined,
  ): Promise<unknown>;
  /**
   * Hands a request to `Replica.perform` under no number: nobody waits for it, and it is never refused, however much is
   * under way. For what has to be given back.
   */
  tell(request: unknown): void;
  /** A value for a key, checked by the schema, as bytes. Rejects with `DSM_INVALID_VALUE`. */
  encoded(key: Key, value: unknown): Promise<Value>;
  /** An entry as users see it, theirs to change. */
  entry(key: Key, raw: RawEntry): Entry;
}
