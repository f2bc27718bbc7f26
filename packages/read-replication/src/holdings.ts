import { ABSENT, type Key, type RawEntry } from '@dsm/core';

/** A variable as this member holds it. */
export interface Holding {
  entry: RawEntry;
  /** Whether a read may be answered with it at this moment. */
  valid: boolean;
  /** `copy`: dropped when it is halted. The others hold the value whatever happens. */
  readonly as: 'home' | 'backup' | 'copy';
}

export const absent: RawEntry = { value: ABSENT, version: 0 };

/** So many copies of absence are kept: names of what is not there have no end. */
const absencesMax = 1_024;

/** What this member holds, and the names of all keys that have a value. */
export class Holdings {
  readonly names = new Set<Key>();
  private readonly held = new Map<Key, Holding>();
  /** Copies of absence, the oldest first. */
  private readonly absences = new Set<Key>();

  get(key: Key): Holding | undefined {
    return this.held.get(key);
  }

  [Symbol.iterator](): Iterator<readonly [Key, Holding]> {
    return this.held[Symbol.iterator]();
  }

  /** Holds this from now on, and knows whether the key has a value. */
  hold(key: Key, entry: RawEntry, valid: boolean, as: Holding['as']): void {
    const present = entry.value !== ABSENT;
    const known = this.held.get(key);
    // What is held already may have been there before a change of which this member has learnt by its name alone.
    this.name(key, present);
    if (known === undefined) this.held.set(key, { entry, valid, as });
    else {
      known.entry = entry;
      known.valid = valid;
    }
    if (as !== 'copy') return;
    if (!present) this.absences.add(key);
    else if (this.absences.size > 0) this.absences.delete(key);
  }

  drop(key: Key): void {
    this.held.delete(key);
    this.absences.delete(key);
  }

  /** A copy that is one too many: to be dropped. */
  get surplus(): Key | undefined {
    if (this.absences.size <= absencesMax) return undefined;
    for (const key of this.absences) return key;
    return undefined;
  }

  /** A key has a value now, or has none. */
  name(key: Key, present: boolean): void {
    if (present) this.names.add(key);
    else this.names.delete(key);
  }
}
