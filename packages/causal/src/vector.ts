import type { Origin } from './origins.js';

/**
 * By origin, a number of its updates: the first so many, since those of one origin are numbered from 1
 * and applied without a gap. So a vector stands for a set of updates.
 */
export type Vector = number[];

/** The empty set, for all who have nothing to say: one object, so that saying nothing costs nothing. */
export const nothing: Readonly<Vector> = Object.freeze([]);

export function zeros(size: number): Vector {
  return new Array<number>(size).fill(0);
}

/** Whether every update of the other set is in this one. */
export function covers(vector: Readonly<Vector>, other: Readonly<Vector>): boolean {
  for (let origin = 0; origin < other.length; origin += 1) {
    if ((vector[origin] ?? 0) < (other[origin] as number)) return false;
  }
  return true;
}

/** Takes in the updates of an origin up to this one. False where they were in the set. */
export function include(vector: Vector, origin: Origin, sequence: number): boolean {
  while (vector.length <= origin) vector.push(0);
  if ((vector[origin] as number) >= sequence) return false;
  vector[origin] = sequence;
  return true;
}

/** By place, the smaller of both. */
export function meet(one: Readonly<Vector>, other: Readonly<Vector>): Vector {
  return one.map((sequence, origin) => Math.min(sequence, other[origin] ?? 0));
}
