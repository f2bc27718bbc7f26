import type { Origin } from './origins.js';

/**
 * Who has departed, and which members are known to know of it. Until all do, one of them may still take something from
 * it that the others have never heard of; afterwards what it has written is what some member has said that it has.
 */
export class Departures {
  /** By who has departed, the members that have said that they know. */
  private readonly known = new Map<Origin, Set<Origin>>();

  get origins(): Iterable<Origin> {
    return this.known.keys();
  }

  /** Somebody has departed, as this member knows now. False where it knew. */
  add(origin: Origin): boolean {
    if (this.known.has(origin)) return false;
    this.known.set(origin, new Set());
    return true;
  }

  /** A member has said who has departed. */
  learn(member: Origin, departed: readonly Origin[]): void {
    for (const origin of departed) this.known.get(origin)?.add(member);
  }

  /** Whether every member knows of everybody who has departed. */
  areKnownTo(members: readonly Origin[]): boolean {
    for (const knowing of this.known.values()) {
      if (!members.every((member) => knowing.has(member))) return false;
    }
    return true;
  }
}
