import type { Guarantees, Key, RawEntry, RawVersion, Value } from '../protocol.js';

/** What a server says of itself, for people: `{ software: 'redis 7.0.15', durability: 'append-only file, …' }`. */
export interface ServerReport {
  readonly software: string;
  /** What a completed write survives, as the server is set up. */
  readonly durability: string;
}

/** How a swap ended at the server: with the new entry, or with the one that was in its way. */
export interface Swapped {
  readonly ok: boolean;
  readonly entry: RawEntry;
}

/**
 * One connection to a server, which answers everything. A call that rejects with a `DsmError` was answered so. Any
 * other rejection says that the answer is missing: a read is asked again, a write is reported as of unknown outcome.
 */
export interface Connection {
  readonly report: ServerReport;
  read(key: Key): Promise<RawEntry>;
  /** Stores the value, or for `ABSENT` deletes. Resolves to the version that names this very write. */
  write(key: Key, value: Value): Promise<RawVersion>;
  /** Writes if the key has this version, `''` for an absent one. */
  swap(key: Key, version: string, value: Value): Promise<Swapped>;
  /** Every key with the prefix that there was all the time, and of the others some. */
  keys(prefix: string): Promise<Iterable<Key>>;
  /** Asks the server whether it could answer a read now. Rejects where it says that it cannot. */
  ping(): Promise<unknown>;
  /** Ends what is pending, and frees everything. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** The variables of one group are apart from those of another. */
  readonly group: string;
  /** The name of this member, for the server's list of clients. */
  readonly id: string;
  /** Whether a server of another machine may be spoken to without encryption. */
  readonly insecure: boolean;
  /** Aborted when the connection is not wanted any more before it is made: `connect` then rejects. */
  readonly signal: AbortSignal;
  /** A key may have changed; undefined: any may. From the moment that `connect` resolves no change goes untold. */
  changed(key?: Key): void;
  /** The connection is broken, once it was made. Nothing comes over it any more. */
  lost(reason: unknown): void;
}

/** An existing store behind the same interface: all that an adapter has to say. */
export interface Engine<G extends Guarantees = Guarantees> {
  readonly name: string;
  readonly guarantees: G;
  /** The longest value, encoded, that the server takes. */
  readonly valueBytesMax: number;
  /**
   * Connects once; resolves when the server has answered. A `DsmError` says that trying again is of no use until
   * somebody changes something.
   */
  connect(options: ConnectOptions): Promise<Connection>;
}
