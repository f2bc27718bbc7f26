import type { Key } from '../protocol.js';
import type { Entry } from './shared-memory.js';
import type { Watcher } from './watcher.js';

/** What a catalogue needs of those who keep it. */
export interface CatalogueHost {
  /** Rejects where nobody answers. */
  list(prefix: string): Promise<Iterable<Key>>;
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

  /** Asks which keys there are, for as long as it takes; then the watcher reads them and those there were before. */
  async renew(wake: boolean): Promise<void> {
    this.listings += 1;
    const listing = this.listings;
    const listed = await this.listed(() => this.watcher.ended.aborted || listing !== this.listings);
    for (const key of listed) this.known.add(key);
    if (listed.length === 0 && this.watcher.ended.aborted) return;
    if (wake) for (const key of this.known) this.watcher.wake(key, undefined);
  }

  /** Nothing where the answer is not waited for any more. */
  private async listed(isLate: () => boolean): Promise<readonly Key[]> {
    const prefix = this.watcher.pattern.slice(0, -1);
    while (!isLate()) {
      try {
        const listed = [...(await this.host.list(prefix))];
        return isLate() ? [] : listed;
      } catch {
        await this.host.pause(this.watcher.ended);
      }
    }
    return [];
  }
}
