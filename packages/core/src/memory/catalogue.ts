import type { Key } from '../protocol.js';
import type { List } from './listing.js';
import type { Entry } from './shared-memory.js';
import type { Watcher } from './watcher.js';

/** What a catalogue needs of those who keep it. */
export interface CatalogueHost {
  readonly list: List;
  /** Resolves a moment later, or when the signal is aborted. */
  pause(signal: AbortSignal): Promise<void>;
}

/**
 * The keys of a family that exist at a server, for one watcher: of those that vanish while nobody can tell of it, the
 * watcher hears afterwards.
 */
export class Catalogue {
  private readonly watcher: Watcher;
  private readonly host: CatalogueHost;
  private readonly known = new Set<Key>();
  private listings = 0;

  constructor(watcher: Watcher, host: CatalogueHost) {
    this.watcher = watcher;
    this.host = host;
  }

  /** How many keys it remembers. */
  get size(): number {
    return this.known.size;
  }

  /** An entry was read: what is absent is forgotten, so that keys may come and go without end. */
  seen({ key, version }: Entry): void {
    if (version === '') this.known.delete(key);
    else this.known.add(key);
  }

  /** The watcher reads the keys there were, and those there are once that is known, however long it takes. */
  async renew(wake: boolean): Promise<void> {
    this.listings += 1;
    const listing = this.listings;
    const woken = new Set(wake ? this.known : []);
    for (const key of woken) this.watcher.wake(key, undefined);
    const listed = await this.listed(() => this.watcher.ended.aborted || listing !== this.listings);
    for (const key of listed) {
      this.known.add(key);
      // One that has become known meanwhile may have been read before the change that nobody told of.
      if (wake && !woken.has(key)) this.watcher.wake(key, undefined);
    }
  }

  /** Nothing where the answer is not waited for any more. */
  private async listed(isLate: () => boolean): Promise<readonly Key[]> {
    const prefix = this.watcher.pattern.slice(0, -1);
    while (!isLate()) {
      try {
        const listed = [...(await this.host.list(prefix, () => !isLate()))];
        return isLate() ? [] : listed;
      } catch {
        await this.host.pause(this.watcher.ended);
      }
    }
    return [];
  }
}
