import type { Key, Tag } from '@dsm/core';
import type { Contents } from './contents.js';
import type { Journal } from './journal.js';
import type { Origin } from './origins.js';
import { covers, type Vector } from './vector.js';

/** A deleted key that every member has deleted: it is forgotten when nothing older can arrive any more. */
interface Grave {
  readonly tag: Tag;
  /** How much each member had written when it was last heard of. */
  readonly until: Readonly<Vector>;
}

/** The deleted keys of a member, from when everybody has deleted them until nothing can bring them back. */
export class Graveyard {
  readonly graves = new Map<Key, Grave>();
  /** By origin, how many of its updates everybody is known to have, and what they deleted lies here. */
  private buried: Vector = [];

  /** Whenever somebody has applied something: lays in what everybody has deleted, and forgets what may go. */
  bury(journal: Journal, contents: Contents): void {
    const { floors } = journal;
    for (let origin = 0; origin < floors.length; origin += 1) {
      const floor = floors[origin] as number;
      if (contents.entombed(origin)) this.take(origin, floor, journal, contents);
      this.buried[origin] = floor;
    }
    if (this.graves.size === 0) return;
    for (const [key, { tag, until }] of this.graves) {
      if (!covers(journal.applied, until)) continue;
      this.graves.delete(key);
      contents.forget(key, tag);
    }
  }

  private take(origin: Origin, floor: number, journal: Journal, contents: Contents): void {
    for (let sequence = (this.buried[origin] ?? 0) + 1; sequence <= floor; sequence += 1) {
      const tomb = contents.exhume(origin, sequence);
      if (tomb !== undefined) this.graves.set(tomb.key, { tag: tomb.tag, until: journal.announced() });
    }
  }
}
