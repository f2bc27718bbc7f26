import { DsmError } from '../error.js';
import { quietly } from '../node/trace.js';
import type { Key, RawEntry } from '../protocol.js';
import { onAbort } from './abort.js';
import { Catalogue } from './catalogue.js';
import { type List, type ListingLimit, listedWithin } from './listing.js';
import type { Entry } from './shared-memory.js';
import { Watcher } from './watcher.js';

/** What watching needs of its memory. */
export interface WatchingHost extends ListingLimit {
  /** Reads without a time limit; calls `answered` at the moment of the answer. */
  read(key: Key, signal: AbortSignal, answered: () => void): Promise<Entry>;
  entry(key: Key, raw: RawEntry): Entry;
  /** The keys this member knows a value of. */
  keys(): Iterable<Key>;
  /** Whether only who has read a key is sure to be told that it has changed. */
  readonly readersOnly: boolean;
  /** Where this member does not know them itself. */
  readonly list?: List | undefined;
}

/** How long a watcher waits before it reads again, when too many operations were pending. */
const rereadMs = 100;

/** All watchers and listeners of a memory, found by the key that changed. */
export class Watching {
  /** Calls of listeners that threw, and changes that they could not be told of. */
  listenerErrors = 0;
  private readonly host: WatchingHost;
  private readonly byKey = new Map<Key, Set<Watcher>>();
  private readonly families = new Set<Watcher>();
  /** Of families whose keys have to be asked for. */
  private readonly catalogues = new Map<Watcher, Catalogue>();

  constructor(host: WatchingHost) {
    this.host = host;
  }

  get size(): number {
    return this.all().length;
  }

  /** Shows the current entries first, then changes: every one, at most `everyMax` behind, or the newest. */
  watch(pattern: string, everyMax: number | undefined, signal: AbortSignal | undefined): Watcher {
    const watcher = this.add(pattern, everyMax, this.firstOf(pattern));
    void this.catalogues.get(watcher)?.renew(true);
    if (signal?.aborted) watcher.end(signal.reason);
    else if (signal !== undefined) {
      const unlisten = onAbort(signal, () => watcher.end(signal.reason));
      watcher.ended.addEventListener('abort', unlisten);
    }
    return watcher;
  }

  /** Calls the listener after each change until the returned function is called. */
  listen(pattern: string, every: boolean, listener: (entry: Entry) => void): () => void {
    const watcher = this.add(pattern, every ? Number.POSITIVE_INFINITY : undefined);
    void this.catalogues.get(watcher)?.renew(false);
    if (this.host.readersOnly) for (const key of this.firstOf(pattern)) this.readAhead(key, watcher.ended);
    void this.pump(watcher, listener);
    return () => watcher.end();
  }

  changed(key: Key, raw: RawEntry | undefined): void {
    const watchers = this.byKey.size === 0 ? undefined : this.byKey.get(key);
    if (watchers !== undefined) for (const watcher of watchers) watcher.wake(key, raw);
    if (this.families.size === 0) return;
    for (const watcher of this.families) {
      if (watcher.matches(key)) watcher.wake(key, raw);
    }
  }

  /** Of some changes nobody may have told: everything that is watched is read again. */
  renew(): void {
    for (const [key, watchers] of this.byKey) for (const watcher of watchers) watcher.wake(key, undefined);
    for (const catalogue of this.catalogues.values()) void catalogue.renew(true);
  }

  endAll(error?: unknown): void {
    for (const watcher of this.all()) watcher.end(error);
  }

  async keys(pattern: string): Promise<Key[]> {
    const { list } = this.host;
    if (list === undefined) return matching(pattern, this.host.keys());
    return matching(pattern, await listedWithin(this.host, list, pattern.replace(/\*$/, '')));
  }

  /** What a watch shows first; of a family that has to be asked for nothing, until it is known. */
  private firstOf(pattern: string): Key[] {
    if (!pattern.endsWith('*')) return [pattern];
    return this.host.list === undefined ? matching(pattern, this.host.keys()) : [];
  }

  private all(): Watcher[] {
    return [...this.families, ...[...this.byKey.values()].flatMap((watchers) => [...watchers])];
  }

  private add(pattern: string, everyMax: number | undefined, first?: readonly Key[]): Watcher {
    const watcher: Watcher = new Watcher(
      { pattern, everyMax, first },
      {
        read: (key, signal, answered) => this.readFor(watcher, key, signal, answered),
        entry: this.host.entry,
        // A listener cannot be thrown anything, and is to hear of the other keys.
        passesOver: (error) => first === undefined && this.isOfOneKey(error),
        forget: (ended) => this.forget(ended),
      },
    );
    if (pattern.endsWith('*')) this.addFamily(watcher);
    else this.byKey.set(pattern, (this.byKey.get(pattern) ?? new Set()).add(watcher));
    return watcher;
  }

  /** Whether it is about what is stored under a key, and counted then; not about the memory, which has ended. */
  private isOfOneKey(error: unknown): boolean {
    if (!DsmError.is(error) || error.code === 'DSM_CLOSED' || error.code === 'DSM_REMOVED') return false;
    this.listenerErrors += 1;
    return true;
  }

  private addFamily(watcher: Watcher): void {
    this.families.add(watcher);
    const { list } = this.host;
    if (list === undefined) return;
    this.catalogues.set(watcher, new Catalogue(watcher, { list, pause: (signal) => this.pause(signal) }));
  }

  private forget(watcher: Watcher): void {
    this.families.delete(watcher);
    this.catalogues.delete(watcher);
    const watchers = this.byKey.get(watcher.pattern);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.byKey.delete(watcher.pattern);
  }

  private async readFor(
    watcher: Watcher,
    ...[key, signal, answered]: Parameters<WatchingHost['read']>
  ): Promise<Entry> {
    const entry = await this.readPatiently(key, signal, answered);
    this.catalogues.get(watcher)?.seen(entry);
    return entry;
  }

  /** Reads for the sake of being told of what comes after. What it finds is no change, unless it is news here. */
  private readAhead(key: Key, signal: AbortSignal): void {
    this.readPatiently(key, signal, () => undefined).catch(() => undefined);
  }

  /** A watch has no time limit: while the group is out of reach, or this member overloaded, it waits. */
  private async readPatiently(key: Key, signal: AbortSignal, answered: () => void): Promise<Entry> {
    for (;;) {
      try {
        return await this.host.read(key, signal, answered);
      } catch (error) {
        if (!DsmError.is(error, 'DSM_OVERLOADED')) throw error;
      }
      await this.pause(signal);
    }
  }

  private pause(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        unlisten();
        resolve();
      };
      const cancel = this.host.world.after(rereadMs, done);
      const unlisten = onAbort(signal, done);
    });
  }

  private async pump(watcher: Watcher, listener: (entry: Entry) => void): Promise<void> {
    const failed = () => {
      this.listenerErrors += 1;
    };
    try {
      for await (const entry of watcher) {
        // It may have been unsubscribed since the entry was taken.
        if (!watcher.ended.aborted) quietly(listener, entry, failed);
      }
    } catch {
      // The watch ended with the member; `status` says why.
    }
  }
}

function matching(pattern: string, keys: Iterable<Key>): Key[] {
  const all = [...keys];
  if (!pattern.endsWith('*')) return all.filter((key) => key === pattern);
  const prefix = pattern.slice(0, -1);
  return all.filter((key) => key.startsWith(prefix));
}
