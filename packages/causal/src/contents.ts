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
import { Names } from './names.js';
import { named, type Origin, type Origins } from './origins.js';
import type { Past } from './past.js';
import type { Merge, Policy } from './policy.js';
import type { Update } from './update.js';
import { include, type Vector } from './vector.js';

/** A cell on its way to another member. */
export interface Shelved extends Readonly<Pick<Cell, 'key' | 'tag' | 'origin' | 'sequence'>> {
  readonly value: Value;
  readonly merged: Readonly<Vector> | undefined;
}

/** What a number of an origin stands for, on its way to another member. */
export interface Named {
  readonly origin: Origin;
  readonly number: number;
  readonly key: Key;
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
  /** By origin, what its numbers stand for once what is applied here is applied. */
  private readonly names: Names[] = [];
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

  /** The number that a key has in the updates of this member; 0: none. */
  numberOf(key: Key): number {
    const cell = this.cells.get(key);
    if (cell === undefined || cell.number === 0) return 0;
    return this.namesOf(this.origins.self).at(cell.number) === cell ? cell.number : 0;
  }

  /** The number for the next key without one. */
  get nextNumber(): number {
    return this.namesOf(this.origins.self).next;
  }

  /** The key of an update that is the next of its origin to be applied here. */
  keyOf({ origin, key, number }: Update): Key {
    if (key !== '') return key;
    const named = this.names[origin]?.at(number);
    if (named === undefined) throw new RangeError(`the number ${number} of ${origin} stands for no key`);
    return named.key;
  }

  /** The cell that an update of a subscribed key is about, which is the next of its origin to be applied here. */
  cellOf(update: Update): Cell {
    const { origin, key, number } = update;
    if (number === 0) return this.cellUnder(key);
    const names = this.namesOf(origin);
    const named = key === '' ? names.at(number) : undefined;
    if (named?.forgotten === false) return named;
    const cell = this.cellUnder(this.keyOf(update));
    names.give(number, cell);
    if (origin === this.origins.self) cell.number = number;
    return cell;
  }

  /** Applies an update to its cell. True where a reader can see a difference. */
  apply(update: Update, cell: Cell): boolean {
    const { value, origin, sequence } = update;
    const { key, merged } = cell;
    if (value === undefined) throw new RangeError(`the value of '${key}' is missing`);
    const tag = this.origins.tagOf(update);
    if (value === ABSENT) this.entomb({ key, tag, origin }, sequence);
    if (merged !== undefined) {
      // Those that come causally later are merged, too: merging only concurrent ones would not be associative.
      cell.put(mergedValue(this.policy.mergeOf(key) as Merge, cell.value, value));
      include(merged, origin, sequence);
    }
    return this.replace(cell, tag, origin, sequence, value);
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
    const cell = this.cellUnder(key);
    if (value === ABSENT) this.entomb({ key, tag, origin }, sequence);
    if (cell.merged !== undefined) {
      cell.put(mergedValue(this.policy.mergeOf(key) as Merge, cell.value, value));
      for (const [origin, last] of (merged ?? []).entries()) include(cell.merged, origin, last);
    }
    return this.replace(cell, tag, origin, sequence, value);
  }

  /** Takes over what the numbers of some origins stand for where so much of theirs is applied as will be here. */
  adoptNames(origins: ReadonlySet<Origin>, named: Iterable<Named>): void {
    for (const origin of origins) this.namesOf(origin).clear();
    for (const { origin, number, key } of named) {
      if (origins.has(origin)) this.namesOf(origin).give(number, this.cells.get(key) ?? forgotten(key));
    }
  }

  /** What the numbers of some origins stand for. */
  *named(speaks: (origin: Origin) => boolean): Iterable<Named> {
    for (const [origin, names] of this.names.entries()) {
      if (speaks(origin)) for (const [number, { key }] of names) yield { origin, number, key };
    }
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
      this.remove(key);
      if (!absent) yield key;
    }
  }

  /** Forgets a tombstone, if the key has not been written again. */
  forget(key: Key, tag: Tag): void {
    const cell = this.cells.get(key);
    if (cell?.tag === tag && cell.absent) this.remove(key);
  }

  *keys(): Iterable<Key> {
    for (const [key, { absent }] of this.cells) if (!absent) yield key;
  }

  /** The cell of a key, if need be one that holds nothing yet. */
  private cellUnder(key: Key): Cell {
    const known = this.cells.get(key);
    if (known !== undefined) return known;
    const cell = new Cell(key, this.policy.mergeOf(key) === undefined ? undefined : []);
    this.cells.set(key, cell);
    return cell;
  }

  private remove(key: Key): void {
    const cell = this.cells.get(key);
    if (cell === undefined) return;
    cell.forgotten = true;
    // A number may stand for it still.
    cell.put(ABSENT);
    this.cells.delete(key);
  }

  private namesOf(origin: Origin): Names {
    while (this.names.length <= origin) this.names.push(new Names());
    return this.names[origin] as Names;
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

  /** Puts a larger update in the place of what a cell has; merged values stay. True where a reader can tell. */
  private replace(cell: Cell, tag: Tag, origin: Origin, sequence: number, value: Value): boolean {
    if (!this.wins(tag, cell, origin)) return cell.merged !== undefined;
    cell.tag = tag;
    cell.origin = origin;
    cell.sequence = sequence;
    if (cell.merged === undefined) cell.put(value);
    return true;
  }

  private wins(tag: Tag, cell: Cell, origin: Origin): boolean {
    return tag > cell.tag || (tag === cell.tag && this.origins.isLater(origin, cell.origin));
  }
}

/** What stands for a key that is not held here. */
function forgotten(key: Key): Cell {
  const cell = new Cell(key, undefined);
  cell.forgotten = true;
  return cell;
}

function mergedValue(merge: (one: unknown, other: unknown) => unknown, one: Value, other: Value): Value {
  if (one === ABSENT) return other;
  if (other === ABSENT) return one;
  return encodeValue(merge(decodeValue(one), decodeValue(other)), valueBytesMax);
}
