import { type Key, noTag, Place, type ReplicaId, type Tag, type Value } from '@dsm/core';
import type { Serial, Vector } from './frontier.js';
import type { Write } from './phase.js';

/** What a replica holds of a key. */
export class Cell extends Place {
  readonly key: Key;
  /** What the key goes by in what this member publishes; 0 if it has published nothing of it. */
  number = 0;
  tag: Tag = noTag;
  /** A majority is known to store this tag. */
  confirmed = false;
  /** The store that brought the tag here. */
  from: ReplicaId = 0;
  serial: Serial = 0;
  /** While a read round is under way here: the reads that share the next one. */
  reading: number[] | undefined;
  /** While a write round is under way here: the writes that share the next one. */
  writing: Write[] | undefined;

  /** Holds nothing yet. */
  constructor(key: Key) {
    super();
    this.key = key;
  }
}

/** What a store brings to a key. */
export interface Pair {
  readonly serial: Serial;
  readonly tag: Tag;
  readonly value: Value;
}

/** A pair that somebody else than its bringer passes on. */
export interface Passed extends Pair {
  readonly key: Key;
  readonly from: ReplicaId;
}

/** What the next view must know of a key. */
export interface SealedCell {
  readonly key: Key;
  readonly tag: Tag;
  readonly value: Value;
}

/** A part of what is passed on ends when its pairs have so many bytes, or when so many cells were looked through. */
const passedBytesMax = 64 * 1024;
const passedCellsMax = 16 * 1024;

/** All that a replica holds. A cell that was written stays for good, be it deleted: its tag must not be forgotten. */
export class Cells {
  /** The largest tag that was ever stored, of whatever key. */
  newest: Tag = noTag;
  private readonly byKey = new Map<Key, Cell>();
  /** Those that were ever stored to, in the order in which they first were. */
  private readonly stored: Cell[] = [];

  get(key: Key): Cell | undefined {
    return this.byKey.get(key);
  }

  of(key: Key): Cell {
    let cell = this.byKey.get(key);
    if (cell === undefined) {
      cell = new Cell(key);
      this.byKey.set(key, cell);
    }
    return cell;
  }

  values(): Iterable<Cell> {
    return this.byKey.values();
  }

  [Symbol.iterator](): Iterator<[Key, Cell]> {
    return this.byKey.entries();
  }

  /** The keys of which there is a value. */
  *present(): Iterable<Key> {
    for (const [key, { absent }] of this.byKey) {
      if (!absent) yield key;
    }
  }

  seal(): readonly SealedCell[] {
    return [...this.byKey].flatMap(([key, { tag, value }]) => (tag === noTag ? [] : [{ key, tag, value }]));
  }

  /** Stores a pair that is newer than what is there. False if it is not. */
  store(cell: Cell, from: ReplicaId, { serial, tag, value }: Pair): boolean {
    if (tag <= cell.tag) return false;
    if (cell.tag === noTag) this.stored.push(cell);
    cell.tag = tag;
    cell.put(value);
    cell.confirmed = false;
    cell.from = from;
    cell.serial = serial;
    if (tag > this.newest) this.newest = tag;
    return true;
  }

  /** A key that was only ever read here leaves nothing behind. */
  forgetIfEmpty(key: Key, { tag, writing }: Cell): void {
    if (tag === noTag && writing === undefined) this.byKey.delete(key);
  }

  /** A part of the pairs that stores behind these have brought, from one place on, and where the next part begins. */
  brought(since: Vector, place: number): { readonly pairs: Passed[]; readonly next: number } {
    const pairs: Passed[] = [];
    const end = Math.min(this.stored.length, place + passedCellsMax);
    let next = place;
    for (let bytes = 0; next < end && bytes < passedBytesMax; next += 1) {
      const cell = this.stored[next] as Cell;
      const { key, tag, from, serial } = cell;
      if (serial <= (since[from] ?? 0)) continue;
      const { value } = cell;
      pairs.push({ key, from, serial, tag, value });
      bytes += key.length + (value?.length ?? 0);
    }
    return { pairs, next: next < this.stored.length ? next : 0 };
  }
}
