import { DsmError } from '../error.js';
import type { Key, RawEntry } from '../protocol.js';
import type { Entry } from './shared-memory.js';

/** What a watcher needs of its memory. */
export interface Watched {
  /**
   * Reads for as long as it takes; rejects when the memory ends or the signal is aborted. `answered` is called at the
   * moment of the answer: of the changes told to the watcher, those before it precede what was read.
   */
  read(key: Key, signal: AbortSignal, answered: () => void): Promise<Entry>;
  /** The entry as users see it. */
  entry(key: Key, raw: RawEntry): Entry;
  /** Whether a key that could not be read is passed over, instead of ending the watch with this error. */
  passesOver(error: unknown): boolean;
  /** The watcher has ended; it is not woken any more. */
  forget(watcher: Watcher): void;
}

export interface WatcherOptions {
  readonly pattern: string;
  /** Yield every change in order, at most this many behind; otherwise the newest. */
  readonly everyMax: number | undefined;
  /** Keys whose current entry is yielded first; left out for a watcher of changes alone. */
  readonly first?: Iterable<Key> | undefined;
}

/** Why a watcher ended: done, or what its reader is thrown. */
type Ending = { readonly error: unknown } | { readonly error?: undefined };

interface Change {
  readonly key: Key;
  readonly raw: RawEntry;
}

/**
 * One `watch`. It remembers *which* keys changed and reads them when it is asked, so a slow consumer skips to the
 * newest value, is shown nothing that a read could not have returned, and costs a key's name at most. With `every`,
 * changes come with their entries and are kept in order instead.
 */
export class Watcher implements AsyncIterableIterator<Entry>, AsyncDisposable {
  readonly pattern: string;
  private readonly prefix: string | undefined;
  private readonly everyMax: number | undefined;
  private readonly watched: Watched;
  /** Keys to read, in the order of their change. */
  private readonly dirty: Set<Key>;
  /** With `every`: the changes not yet taken. */
  private changes: Change[] = [];
  /** The version of each key that was yielded last: a wake without a change yields nothing. */
  private readonly shown = new Map<Key, string>();
  /** The version of what was not yielded: who was shown all keys of a family takes the others for absent. */
  private readonly unseen: string | undefined;
  private readonly reading = new AbortController();
  private ending: Ending | undefined;
  private wakeUp: (() => void) | undefined;
  /** Calls of `next` are answered one after the other. */
  private last: Promise<unknown> = Promise.resolve();

  constructor({ pattern, everyMax, first }: WatcherOptions, watched: Watched) {
    this.pattern = pattern;
    this.prefix = pattern.endsWith('*') ? pattern.slice(0, -1) : undefined;
    this.everyMax = everyMax;
    this.dirty = new Set(first);
    this.unseen = first !== undefined && this.prefix !== undefined ? '' : undefined;
    this.watched = watched;
  }

  /** Aborted when the watch ends. */
  get ended(): AbortSignal {
    return this.reading.signal;
  }

  matches(key: Key): boolean {
    return this.prefix === undefined ? key === this.pattern : key.startsWith(this.prefix);
  }

  /** A key changed. Not called any more once the watcher has ended. */
  wake(key: Key, raw: RawEntry | undefined): void {
    if (this.everyMax !== undefined && raw !== undefined) this.keep({ key, raw }, this.everyMax);
    else this.dirty.add(key);
    this.wakeUp?.();
  }

  /** Ends the watch: `next` is done, or throws this error once. */
  end(error?: unknown): void {
    if (this.ending !== undefined) return;
    this.ending = error === undefined ? {} : { error };
    this.dirty.clear();
    this.changes = [];
    this.shown.clear();
    this.watched.forget(this);
    this.reading.abort();
    this.wakeUp?.();
  }

  next(): Promise<IteratorResult<Entry>> {
    const result = this.last.then(() => this.advance());
    this.last = result.catch(() => undefined);
    return result;
  }

  return(): Promise<IteratorResult<Entry>> {
    this.end();
    this.ending = {}; // Who breaks off is not interested in an error that nobody has seen.
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  private async advance(): Promise<IteratorResult<Entry>> {
    while (this.ending === undefined) {
      const entry = await this.take();
      if (entry !== undefined && this.ending === undefined) return { done: false, value: entry };
    }
    const { error } = this.ending as Ending;
    this.ending = {}; // An iterator throws once; afterwards it is done.
    if (error !== undefined) throw error;
    return { done: true, value: undefined };
  }

  /** The next thing to show, or nothing after a wake that turned out to be none. */
  private async take(): Promise<Entry | undefined> {
    try {
      for (const key of this.dirty) {
        this.dirty.delete(key);
        return await this.readChanged(key);
      }
      const change = this.changes.shift();
      if (change !== undefined) return this.watched.entry(change.key, change.raw);
    } catch (error) {
      if (!this.watched.passesOver(error)) this.end(error);
      return undefined;
    }
    await new Promise<void>((resolve) => {
      this.wakeUp = resolve;
    });
    this.wakeUp = undefined;
    return undefined;
  }

  private async readChanged(key: Key): Promise<Entry | undefined> {
    let told = 0;
    const entry = await this.watched.read(key, this.reading.signal, () => {
      told = this.changes.length;
    });
    if (this.everyMax !== undefined) return this.startFrom(entry, told);
    const { version } = entry;
    if (version === (this.shown.get(key) ?? this.unseen)) return undefined;
    // What is absent is not remembered where keys come and go without end.
    if (version === this.unseen) this.shown.delete(key);
    else this.shown.set(key, version);
    return entry;
  }

  /** The entry of a key was read after this many changes were told: those up to it were seen with it. */
  private startFrom(entry: Entry, told: number): Entry {
    const { key, version } = entry;
    const seen = this.changes.findLastIndex(
      (change, index) =>
        index < told && change.key === key && this.watched.entry(key, change.raw).version === version,
    );
    this.changes = this.changes.filter((change, index) => change.key !== key || index > seen);
    return entry;
  }

  private keep(change: Change, everyMax: number): void {
    this.changes.push(change);
    if (this.changes.length <= everyMax) return;
    const text = `the watcher of '${this.pattern}' is more than ${everyMax} changes behind`;
    this.end(new DsmError('DSM_OVERFLOW', text));
  }
}
