import type { ReplicaId } from '@dsm/core';

/** Numbers a store at the member that sends it: 1, 2, 3 and so on, the same to everybody. 0: no store. */
export type Serial = number;

/** By slot, for each member a store of its own. */
export type Vector = readonly Serial[];

/**
 * Which stores of each member have been taken in here: version vectors (Parker et al., IEEE TSE 9(3), 1983).
 * Invariant: of every store up to `taken`, this member stores that tag or a larger one; it has none beyond `seen`.
 */
export class Frontier {
  private readonly takenIn: Serial[] = [];
  private readonly seenSoFar: Serial[] = [];
  /** The last one that was missing when a later one arrived; all behind it, up to the last seen, are here. */
  private readonly missing: Serial[] = [];
  /** What others had seen and has not come in time. */
  private awaited: Vector = [];
  /** What of that nobody had who was asked: it is not waited for again. */
  private forsaken: Vector = [];

  /** All stores up to these have been taken in. */
  get taken(): Vector {
    return this.takenIn;
  }

  /** The last that have been taken in: beyond `taken` where some before them are missing. */
  get seen(): Vector {
    return this.seenSoFar;
  }

  /** Slots are below `size`. */
  form(size: number): void {
    for (const vector of [this.takenIn, this.seenSoFar, this.missing]) {
      for (let slot = 0; slot < size; slot += 1) vector.push(0);
    }
  }

  /** A store was taken in. True if it shows that others are missing. */
  take(from: ReplicaId, serial: Serial): boolean {
    const { takenIn, seenSoFar, missing } = this;
    const last = seenSoFar[from];
    if (last === undefined) return false;
    const skips = serial > last + 1;
    if (skips) missing[from] = serial - 1;
    if (serial > last) seenSoFar[from] = serial;
    if (serial === (takenIn[from] as Serial) + 1) takenIn[from] = serial;
    if ((takenIn[from] as Serial) >= (missing[from] as Serial)) takenIn[from] = seenSoFar[from] as Serial;
    return skips;
  }

  /** All that somebody had taken in is here now. True if some of it was missing, and not only ahead of what comes. */
  adopt(taken: Vector): boolean {
    const { takenIn, seenSoFar, missing, awaited } = this;
    let helped = false;
    for (const [slot, mine] of takenIn.entries()) {
      const theirs = taken[slot] ?? 0;
      if (theirs <= mine) continue;
      helped ||= mine < Math.max(seenSoFar[slot] as Serial, awaited[slot] ?? 0);
      seenSoFar[slot] = Math.max(seenSoFar[slot] as Serial, theirs);
      takenIn[slot] = theirs >= (missing[slot] as Serial) ? (seenSoFar[slot] as Serial) : theirs;
    }
    return helped;
  }

  /** A member of whose stores some are missing. */
  get gap(): ReplicaId | undefined {
    const slot = this.takenIn.findIndex((serial, at) => serial < (this.seenSoFar[at] as Serial));
    return slot === -1 ? undefined : slot;
  }

  /** What others had seen does not come. */
  miss(reach: Vector): void {
    this.awaited = furthest(reach, this.awaited);
  }

  /** Whether something is missing that others had seen. */
  get isAstray(): boolean {
    if (this.awaited.length > 0 && this.covers(this.awaited)) this.awaited = [];
    return this.awaited.length > 0;
  }

  /** Nobody has what is missing. */
  giveUp(): void {
    if (this.awaited.length > 0) this.forsaken = furthest(this.awaited, this.forsaken);
    this.awaited = [];
  }

  /** Whether all that is missing of what others have seen was given up: to wait for it would be for nothing. */
  isForsaken(reach: Vector): boolean {
    return reach.every(
      (serial, slot) => serial <= Math.max(this.takenIn[slot] ?? 0, this.forsaken[slot] ?? 0),
    );
  }

  /** Whether all that others have seen has been taken in here. */
  covers(reach: Vector): boolean {
    return reach.every((serial, slot) => serial <= (this.takenIn[slot] ?? 0));
  }
}

/** At each place the larger of two. */
export function furthest(one: Vector, other: Vector): Vector {
  return one.map((serial, slot) => Math.max(serial, other[slot] ?? 0));
}

/** At each place the smaller of two. */
export function nearest(one: Vector, other: Vector): Vector {
  return one.map((serial, slot) => Math.min(serial, other[slot] ?? 0));
}
