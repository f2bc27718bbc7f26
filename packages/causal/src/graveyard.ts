import type { Key, Tag } from '@dsm/core';
import type { Contents } from './contents.js';
import type { Journal } from './journal.js';
import { covers, meet, type Vector } from './vector.js';

/** A deleted key that every member has deleted: it is forgotten when nothing older can arrive any more. */
interface Grave {
  readonly tag: Tag;
  /** How much each member had written when it was last heard of. */
  readonly until: Readonly<Vector>;
}

/** The deleted keys of a member, from when everybody has deleted them until nothing can bring them back. */
export class Graveyard {
  readonly graves = new Map<Key, Grave>();

  /** Whenever somebody has applied something: lays in what everybody has deleted, and forgets what may go. */
  bury(journal: Journal, contents: Contents): void {
    const { floors } = journal;
    for (let origin = 0; contents.entombed > 0 && origin < floors.length; origin += 1) {
      for (const { key, tag } of contents.exhume(origin, floors[origin] as number)) {
        this.graves.set(key, { tag, until: journal.announced() });
      }
    }
    if (this.graves.size === 0) return;
    const announced = journal.announced();
    for (const [key, { tag, until }] of this.graves) {
      // Of somebody who has departed since no more comes than what some member has.
      if (!covers(journal.applied, meet(until, announced))) continue;
      this.graves.delete(key);
      contents.forget(key, tag);
    }
  }
}
