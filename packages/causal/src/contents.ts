import {
  ABSENT,
  decodeValue,
  encodeValue,
  IdMap,
  type Key,
  type RawEntry,
  type RawVersion,
  type Tag,
  type Value,
} from '@dsm/core';
import { Cell } from './cell.js';
import { named, type Origin, type Origins } from './origins.js';
import type { Past } from './past.js';
import type { Policy } from './policy.js';
import type { Update } from './update.js';
import { include, type Vector } from './vector.js';

/** A cell on its way to another member. */
export interface Shelved extends Readonly<Pick<Cell, 'tag' | 'origin' | 'sequence'>> {
  readonly key: Key;
  readonly value: Value;
  readonly merged: Readonly<Vector> | undefined;
}

/** A key that an update deleted. */
export interface Tomb {
  readonly key: Key;
  readonly tag: Tag;
  readonly origin: Origin;
}

/** The entry of a key that nothing is held of. */
const nowhere: RawEntry = { value: ABSENT, version: 0 };

/** An entry whose value is copied out of its cell when it is asked for. */
class Glimpse implements RawEntry {
  readonly version: RawVersion;
  private readonly cell: Cell;

  constructor(cell: Cell, version: RawVersion) {
    this.cell = cell;
    this.version = version;
  }

  get value(): Value {
    return this.cell.value;
  }
}

/** Merged values are bounded like written ones, by default. */
const valueBytesMax = 16 * 1024 * 1024;

/** The values of a member. The last writer wins, or all writes are merged: convergent either way. */
export class Contents {
  readonly cells = new Map<Key, Cell>();
  /** By origin and sequence, the updates that deleted a key for good, until everybody has them. */
  private readonly tombs: IdMap<Tomb>[] = [];
  /** By origin, a sequence that none of them is before. */
  private readonly oldest: Vector = [];
  /** How many of them there are. */
  entombed = 0;
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
      this.cells.set(key, new Cell(value, tag, origin, sequence, merged));
      return true;
    }
    if (merge !== undefined && cell.merged !== undefined) {
      // Those that come causally later are merged, too: merging only concurrent ones would not be associative.
      cell.put(mergedValue(merge, cell.value, value));
      include(cell.merged, origin, sequence);
    }
    const newer = this.wins(tag, cell, origin);
    if (newer) {
      cell.tag = tag;
      cell.origin = origin;
      cell.sequence = sequence;
      if (cell.merged === undefined) cell.put(value);
    }
    return newer || cell.merged !== undefined;
  }

  entry(key: Key): RawEntry {
    const { value, version } = this.glimpse(key);
    return { value, version };
  }

  /** An entry that shows its value until the next one is applied: who knows the version has no need of it. */
  glimpse(key: Key): RawEntry {
    const cell = this.cells.get(key);
    return cell === undefined ? nowhere : new Glimpse(cell, this.versionOf(cell));
  }

  private versionOf({ tag, origin, merged }: Cell): RawVersion {
    // A merged value is another one after each update, whatever its tag.
    return merged === undefined ? this.origins.versionOf(tag, origin) : `m${named(merged, this.origins, 10)}`;
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
      this.cells.set(key, new Cell(value, tag, origin, sequence, own));
      return true;
    }
    const newer = this.wins(tag, cell, origin);
    const merge = this.policy.mergeOf(key);
    if (merge !== undefined && cell.merged !== undefined) {
      cell.put(mergedValue(merge, cell.value, value));
      for (const [origin, last] of (merged ?? []).entries()) include(cell.merged, origin, last);
    } else if (newer) cell.put(value);
    if (newer) {
      cell.tag = tag;
      cell.origin = origin;
      cell.sequence = sequence;
    }
    return newer || cell.merged !== undefined;
  }

  /** What updates up to this one deleted. It is asked for once: when everybody has them. */
  *exhume(origin: Origin, last: number): Iterable<Tomb> {
    const tombs = this.tombs[origin];
    if (tombs === undefined || tombs.size === 0) return;
    let sequence = this.oldest[origin] as number;
    for (; sequence <= last && tombs.size > 0; sequence += 1) {
      const tomb = tombs.get(sequence);
      if (tomb === undefined) continue;
      tombs.delete(sequence);
      this.entombed -= 1;
      const cell = this.cells.get(tomb.key);
      if (cell?.tag === tomb.tag && cell.origin === tomb.origin) yield tomb;
    }
    this.oldest[origin] = tombs.size > 0 ? sequence : 0;
  }

  /** Forgets the keys that another member has forgotten, which has this vector and only those. Says which. */
  *drop(kept: ReadonlySet<Key>, applied: Readonly<Vector>): Iterable<Key> {
    for (const [key, { origin, sequence, absent }] of this.cells) {
      if (kept.has(key) || (applied[origin] ?? 0) < sequence) continue;
      this.cells.delete(key);
      if (!absent) yield key;
    }
  }

  /** Forgets a tombstone, if the key has not been written again. */
  forget(key: Key, tag: Tag): void {
    const cell = this.cells.get(key);
    if (cell?.tag === tag && cell.absent) this.cells.delete(key);
  }

  *keys(): Iterable<Key> {
    for (const [key, { absent }] of this.cells) if (!absent) yield key;
  }

  private entomb(tomb: Tomb, sequence: number): void {
    const { origin } = tomb;
    while (this.tombs.length <= origin) {
      this.tombs.push(new IdMap());
      this.oldest.push(0);
    }
    const tombs = this.tombs[origin] as IdMap<Tomb>;
    const oldest = this.oldest[origin] as number;
    this.oldest[origin] = tombs.size === 0 ? sequence : Math.min(oldest, sequence);
    if (!tombs.has(sequence)) this.entombed += 1;
    tombs.set(sequence, tomb);
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
