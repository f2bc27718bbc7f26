import type { Key } from '@dsm/core';
import { Log } from './log.js';
import type { Origin, Origins } from './origins.js';
import type { Update } from './update.js';
import { covers, include, type Vector, zeros } from './vector.js';

/**
 * The updates that a member has applied and somebody may lack, by origin, and what each member is known to have. Every
 * member keeps those of every origin: whoever has an update can pass it on.
 */
export class Journal {
  /** What this member has applied. */
  readonly applied: Vector;
  /** By member, what it has said that it has applied; of this member nothing. */
  readonly known: Vector[];
  /** By origin, the updates behind `floors` and `cuts`, up to `applied`. */
  readonly logs: Log[];
  /** What every member is known to have applied, and nobody will ask for again. */
  readonly floors: Vector;
  /** What was too long ago to be kept: who lacks some of it is given the contents instead. */
  readonly cuts: Vector;
  private readonly origins: Origins;
  private readonly logMax: number;

  /** Keeps at most so many updates of each origin. */
  constructor(origins: Origins, logMax: number) {
    this.origins = origins;
    this.logMax = logMax;
    const { size } = origins;
    this.applied = zeros(size);
    this.known = Array.from({ length: size }, () => zeros(size));
    this.logs = Array.from({ length: size }, (_, origin) => new Log(origin));
    this.floors = zeros(size);
    this.cuts = zeros(size);
  }

  get self(): Origin {
    return this.origins.self;
  }

  get size(): number {
    return this.applied.length;
  }

  /** Makes room for origins that were heard of. */
  grow(): void {
    while (this.size < this.origins.size) {
      for (const vector of [this.applied, this.floors, this.cuts, ...this.known]) vector.push(0);
      this.known.push(zeros(this.size));
      this.logs.push(new Log(this.logs.length));
    }
  }

  /** Others are members now: what those who departed lack is kept for them no longer. */
  pruneAll(): void {
    for (let origin = 0; origin < this.size; origin += 1) this.prune(origin);
  }

  /** Whether an update was applied here already. */
  has(origin: Origin, sequence: number): boolean {
    return sequence <= (this.applied[origin] as number);
  }

  /** Whether an update is the next of its origin, and all that it depends on is here. Time plays no part in it. */
  admits({ origin, sequence, dependencies }: Update): boolean {
    return sequence === (this.applied[origin] as number) + 1 && this.hasAll(dependencies, origin);
  }

  /** Keeps an update of this key that is applied now. */
  append(update: Update, key: Key): void {
    const { origin, sequence } = update;
    const before = this.applied[origin] as number;
    this.applied[origin] = sequence;
    this.logs[origin]?.append(update, key);
    const oldest = sequence - this.logMax;
    if (oldest > (this.floors[origin] as number) && include(this.cuts, origin, oldest)) {
      this.logs[origin]?.forget(oldest);
    }
    this.heldUpTo(origin, before);
  }

  /** Takes over all that another member has applied, without the updates themselves. Says of whom it had more. */
  adopt(applied: Readonly<Vector>): Set<Origin> {
    const news = new Set<Origin>();
    for (const [origin, last] of applied.entries()) {
      if (!include(this.applied, origin, last)) continue;
      news.add(origin);
      include(this.cuts, origin, last);
      this.logs[origin]?.clear();
      this.prune(origin);
    }
    return news;
  }

  /** Whether a member lacks updates that are not kept any more. */
  isBehind(member: Origin): boolean {
    const known = this.known[member] as Vector;
    for (let origin = 0; origin < this.size; origin += 1) {
      const gone = Math.max(this.cuts[origin] as number, this.floors[origin] as number);
      if (origin !== member && gone > (known[origin] as number)) return true;
    }
    return false;
  }

  /** A member has said what it has applied. */
  learn(member: Origin, vector: Readonly<Vector>): void {
    const known = this.known[member] as Vector;
    for (let origin = 0; origin < this.size; origin += 1) {
      const before = known[origin] as number;
      if (include(known, origin, vector[origin] ?? 0)) this.heldUpTo(origin, before);
    }
  }

  /** A member has applied its own updates up to this one. */
  learnOf(member: Origin, sequence: number): void {
    const known = this.known[member] as Vector;
    const before = known[member] as number;
    if (include(known, member, sequence)) this.heldUpTo(member, before);
  }

  /** How many other members have said that they have an update of this member. */
  holders(sequence: number): number {
    return this.origins.others.filter((other) => (this.known[other]?.[this.self] as number) >= sequence)
      .length;
  }

  /** How many of some members have said that they have all of this. */
  holdersOf(vector: Readonly<Vector>, members: readonly Origin[]): number {
    return members.filter((member) => covers(this.known[member] ?? [], vector)).length;
  }

  /** What a member lacks of what is here, each update behind those that it depends on. */
  missingAt(member: Origin): Update[] {
    const known = this.known[member] as Vector;
    const missing: Update[] = [];
    for (const [origin, log] of this.logs.entries()) {
      if (origin === member) continue;
      const last = this.applied[origin] as number;
      for (let sequence = (known[origin] as number) + 1; sequence <= last; sequence += 1) {
        const update = log.get(sequence);
        if (update !== undefined) missing.push(update);
      }
    }
    return missing.sort((one, other) => one.time - other.time || one.origin - other.origin);
  }

  /** How many updates of each origin somebody may have: what a member has said of itself; of others what any has. */
  announced(): Vector {
    const { others } = this.origins;
    return this.known.map((vector, origin) => {
      if (origin === this.self) return 0;
      if (others.includes(origin)) return vector[origin] as number;
      return others.reduce((most, other) => Math.max(most, this.known[other]?.[origin] as number), 0);
    });
  }

  private hasAll(dependencies: Readonly<Vector>, origin: Origin): boolean {
    for (let other = 0; other < dependencies.length; other += 1) {
      if (other !== origin && !this.has(other, dependencies[other] as number)) return false;
    }
    return true;
  }

  /** Somebody has more than this now, which is no news of all unless it had the least. */
  private heldUpTo(origin: Origin, before: number): void {
    if (before <= (this.floors[origin] as number)) this.prune(origin);
  }

  /** Forgets the updates that everybody is known to have. */
  private prune(origin: Origin): void {
    const floor = this.heldByAll(origin);
    // Who came later may lack what everybody had before.
    if (floor <= (this.floors[origin] as number)) return;
    this.logs[origin]?.forget(floor);
    this.floors[origin] = floor;
  }

  private heldByAll(origin: Origin): number {
    let floor = this.applied[origin] as number;
    for (const member of this.origins.others) {
      const known = this.known[member]?.[origin] as number;
      if (known < floor) floor = known;
    }
    return floor;
  }
}
