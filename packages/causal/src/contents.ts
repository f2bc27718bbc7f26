import {
  ABSENT,
  decodeValue,
  encodeValue,
  IdMap,
  type Key,
  type RawEntry,
  type Tag,
  type Value,
} from '@dsm/core';
import { named, type Origin, type Origins } from './origins.js';
import type { Past } from './past.js';
import type { Policy } from './policy.js';
import type { Update } from './update.js';
import { include, type Vector } from './vector.js';

/** What a member holds of a key: what the applied updates come to, in whatever order they were applied. */
export interface Cell {
  value: Value;
  /** The largest of the updates of this key that were applied. */
  tag: Tag;
  /** Where that update was written, and its number there. */
  origin: Origin;
  sequence: number;
  /** Of a key with a `merge`: all updates that were merged, by origin the last. */
  readonly merged: Vector | undefined;
}

/** A cell on its way to another member. */
export interface Shelved extends Readonly<Omit<Cell, 'merged'>> {
  readonly key: Key;
  readonly merged: Readonly<Vector> | undefined;
}

/** A key that an update deleted. */
export interface Tomb {
  readonly key: Key;
  readonly tag: Tag;
  readonly origin: Origin;
}

/** Merged values are bounded like written ones, by default. */
const valueBytesMax = 16 * 1024 * 1024;

/** The values of a member. The last writer wins, or all writes are merged: convergent either way. */
export class Contents {
  readonly cells = new Map<Key, Cell>();
  /** By origin and sequence, the updates that deleted a key for good, until everybody has them. */
  private readonly tombs: IdMap<Tomb>[] = [];
  private readonly policy: Policy;
  private readonly origins: Origins;

  constructor(policy: Policy, origins: Origins) {
    this.policy = policy;
    this.origins = origins;
  }

  /** Applies an update of a subscribed key. True where a reader can see a difference. */
  apply(update: Update): boolean {
    const { key, value, origin, sequence } = update;
    if (value === undefined) throw new RangeError(`the value of '${key}' is missing`);
    const tag = this.origins.tagOf(update);
    const cell = this.cells.get(key);
    if (value === ABSENT) this.entomb({ key, tag, origin }, sequence);
    const merge = this.policy.mergeOf(key);
    if (cell === undefined) {
      const merged = merge === undefined ? undefined : [];
      if (merged !== undefined) include(merged, origin, sequence);
      this.cells.set(key, { value, tag, origin, sequence, merged });
      return true;
    }
    if (merge !== undefined && cell.merged !== undefined) {
      // Those that come causally later are merged, too: merging only concurrent ones would not be associative.
      cell.value = mergedValue(merge, cell.value, value);
      include(cell.merged, origin, sequence);
    }
    const newer = this.wins(tag, cell, origin);
    if (newer) {
      cell.tag = tag;
      cell.origin = origin;
      cell.sequence = sequence;
      if (cell.merged === undefined) cell.value = value;
    }
    return newer || cell.merged !== undefined;
  }

  entry(key: Key): RawEntry {
    const cell = this.cells.get(key);
    if (cell === undefined) return { value: ABSENT, version: 0 };
    // A merged value is another one after each update, whatever its tag.
    const { value, tag, origin, merged } = cell;
    if (merged === undefined) return { value, version: this.origins.versionOf(tag, origin) };
    return { value, version: `m${named(merged, this.origins, 10)}` };
  }

  /** Makes what a reader of this key sees a part of what its session has seen. */
  see(key: Key, past: Past): void {
    const cell = this.cells.get(key);
    if (cell === undefined) return;
    if (cell.merged === undefined) past.see(cell.origin, cell.sequence);
    else for (const [origin, sequence] of cell.merged.entries()) past.see(origin, sequence);
  }

  /** Takes in a cell of another member, as if all of its updates were applied. True where a reader can tell. */
  adopt({ key, value, tag, origin, sequence, merged }: Shelved): boolean {
    const cell = this.cells.get(key);
    if (value === ABSENT) this.entomb({ key, tag, origin }, sequence);
    if (cell === undefined) {
      const own = merged === undefined ? undefined : [...merged];
      this.cells.set(key, { value, tag, origin, sequence, merged: own });
      return true;
    }
    const newer = this.wins(tag, cell, origin);
    const merge = this.policy.mergeOf(key);
    if (merge !== undefined && cell.merged !== undefined) {
      cell.value = mergedValue(merge, cell.value, value);
      for (const [origin, last] of (merged ?? []).entries()) include(cell.merged, origin, last);
    } else if (newer) cell.value = value;
    if (newer) {
      cell.tag = tag;
      cell.origin = origin;
      cell.sequence = sequence;
    }
    return newer || cell.merged !== undefined;
  }

  /** Whether updates of an origin deleted keys for good. */
  entombed(origin: Origin): boolean {
    return (this.tombs[origin]?.size ?? 0) > 0;
  }

  /** What an update deleted, if it did. It is asked for once: when everybody has the update. */
  exhume(origin: Origin, sequence: number): Tomb | undefined {
    const tomb = this.tombs[origin]?.get(sequence);
    this.tombs[origin]?.delete(sequence);
    if (tomb === undefined) return undefined;
    const cell = this.cells.get(tomb.key);
    return cell?.tag === tomb.tag && cell.origin === tomb.origin ? tomb : undefined;
  }

  /** Forgets the keys that another member has forgotten, which has this vector and only those. Says which. */
  *drop(kept: ReadonlySet<Key>, applied: Readonly<Vector>): Iterable<Key> {
    for (const [key, { origin, sequence, value }] of this.cells) {
      if (kept.has(key) || (applied[origin] ?? 0) < sequence) continue;
      this.cells.delete(key);
      if (value !== ABSENT) yield key;
    }
  }

  /** Forgets a tombstone, if the key has not been written again. */
  forget(key: Key, tag: Tag): void {
    const cell = this.cells.get(key);
    if (cell?.tag === tag && cell.value === ABSENT) this.cells.delete(key);
  }

  *keys(): Iterable<Key> {
    for (const [key, { value }] of this.cells) if (value !== ABSENT) yield key;
  }

  private entomb(tomb: Tomb, sequence: number): void {
    while (this.tombs.length <= tomb.origin) this.tombs.push(new IdMap());
    this.tombs[tomb.origin]?.set(sequence, tomb);
  }

  private wins(tag: Tag, cell: Cell, origin: Origin): boolean {
    return tag > cell.tag || (tag === cell.tag && this.origins.isLater(origin, cell.origin));
  }
}

function mergedValue(merge: (one: unknown, other: unknown) => unknown, one: Value, other: Value): Value {
  if (one === ABSENT) return other;
  if (other === ABSENT) return one;
  return encodeValue(merge(decodeValue(one), decodeValue(other)), valueBytesMax);
}
