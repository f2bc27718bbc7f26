import type { Key, RawEntry } from '../protocol.js';
import type { Watcher } from './watcher.js';

/** All watchers of a memory, found by the key that changed. */
export class Watchers {
  private readonly byKey = new Map<Key, Set<Watcher>>();
  private readonly patterns = new Set<Watcher>();

  get size(): number {
    let size = this.patterns.size;
    for (const watchers of this.byKey.values()) size += watchers.size;
    return size;
  }

  add(watcher: Watcher): void {
    if (watcher.pattern.endsWith('*')) {
      this.patterns.add(watcher);
      return;
    }
    const watchers = this.byKey.get(watcher.pattern) ?? new Set();
    watchers.add(watcher);
    this.byKey.set(watcher.pattern, watchers);
  }

  remove(watcher: Watcher): void {
    this.patterns.delete(watcher);
    const watchers = this.byKey.get(watcher.pattern);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.byKey.delete(watcher.pattern);
  }

  changed(key: Key, raw: RawEntry | undefined): void {
    for (const watcher of this.byKey.get(key) ?? []) watcher.wake(key, raw);
    for (const watcher of this.patterns) {
      if (watcher.matches(key)) watcher.wake(key, raw);
    }
  }

  endAll(error?: unknown): void {
    for (const watcher of [...this.patterns, ...[...this.byKey.values()].flatMap((set) => [...set])]) {
      watcher.end(error);
    }
  }
}
