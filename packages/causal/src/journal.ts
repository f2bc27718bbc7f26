import { IdMap, type ReplicaId } from '@dsm/core';
import { tagOfUpdate, type Update } from './update.js';
import { include, type Vector, zeros } from './vector.js';

/**
 * The updates that a member has applied and somebody may lack, by origin, and what each member is known to have. Every
 * member keeps those of every origin: whoever has an update can pass it on.
 */
export class Journal {
  readonly self: ReplicaId;
  /** What this member has applied. */
  readonly applied: Vector;
  /** By member, what it has said that it has applied; of this member nothing. */
  readonly known: readonly Vector[];
  /** By origin, the updates behind `floors` and `cuts`, up to `applied`. */
  readonly logs: readonly IdMap<Update>[];
  /** What every member is known to have applied, and nobody will ask for again. */
  readonly floors: Vector;
  /** What was too long ago to be kept: who lacks some of it is given the contents instead. */
  readonly cuts: Vector;
  private readonly logMax: number;

  /** Keeps at most so many updates of each origin. */
  constructor(self: ReplicaId, size: number, logMax: number) {
    this.self = self;
    this.logMax = logMax;
    this.applied = zeros(size);
    this.known = Array.from({ length: size }, () => zeros(size));
    this.logs = Array.from({ length: size }, () => new IdMap<Update>());
    this.floors = zeros(size);
    this.cuts = zeros(size);
  }

  get size(): number {
    return this.applied.length;
  }

  /** Whether an update was applied here already. */
  has(origin: ReplicaId, sequence: number): boolean {
    return sequence <= (this.applied[origin] as number);
  }

  /** Whether an update is the next of its origin, and all that it depends on is here. Time plays no part in it. */
  admits({ origin, sequence, dependencies }: Update): boolean {
    return sequence === (this.applied[origin] as number) + 1 && this.hasAll(dependencies, origin);
  }

  /** Keeps an update that is applied now. */
  append(update: Update): void {
    const { origin, sequence } = update;
    this.applied[origin] = sequence;
    this.logs[origin]?.set(sequence, update);
    const oldest = sequence - this.logMax;
    if (oldest > (this.floors[origin] as number) && include(this.cuts, origin, oldest)) {
      this.logs[origin]?.delete(oldest);
    }
    this.prune(origin);
  }

  /** Takes over all that another member has applied, without the updates themselves. */
  adopt(applied: Readonly<Vector>): void {
    for (const [origin, last] of applied.entries()) {
      if (!include(this.applied, origin, last)) continue;
      include(this.cuts, origin, last);
      this.logs[origin]?.clear();
      this.prune(origin);
    }
  }

  /** Whether a member lacks updates that are not kept any more. */
  isBehind(member: ReplicaId): boolean {
    const known = this.known[member] as Vector;
    return this.cuts.some((cut, origin) => origin !== member && cut > (known[origin] as number));
  }

  /** A member has said what it has applied. */
  learn(member: ReplicaId, vector: Readonly<Vector>): void {
    const known = this.known[member] as Vector;
    for (let origin = 0; origin < this.size; origin += 1) {
      if (include(known, origin, vector[origin] ?? 0)) this.prune(origin);
    }
  }

  /** How many others have said that they have an update of this member. */
  holders(sequence: number): number {
    let holders = 0;
    for (const known of this.known) if ((known[this.self] as number) >= sequence) holders += 1;
    return holders;
  }

  /** What a member lacks of what is here, each update behind those that it depends on. */
  missingAt(member: ReplicaId): Update[] {
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
    return missing.sort((one, other) => tagOfUpdate(one) - tagOfUpdate(other));
  }

  /** How many updates of each member the others have heard of from itself. */
  announced(): Vector {
    return this.known.map((vector, member) => (member === this.self ? 0 : (vector[member] as number)));
  }

  private hasAll(dependencies: Readonly<Vector>, origin: ReplicaId): boolean {
    for (let other = 0; other < dependencies.length; other += 1) {
      if (other !== origin && !this.has(other, dependencies[other] as number)) return false;
    }
    return true;
  }

  /** Forgets the updates that everybody is known to have. */
  private prune(origin: ReplicaId): void {
    const floor = this.heldByAll(origin);
    const log = this.logs[origin];
    for (let sequence = (this.floors[origin] as number) + 1; sequence <= floor; sequence += 1) {
      log?.delete(sequence);
    }
    this.floors[origin] = floor;
  }

  private heldByAll(origin: ReplicaId): number {
    let floor = this.applied[origin] as number;
    for (let member = 0; member < this.size; member += 1) {
      const known = this.known[member]?.[origin] as number;
      if (member !== this.self && known < floor) floor = known;
    }
    return floor;
  }
}
