/**
 * Chance that can be replayed: numbers drawn from a seed (mulberry32). Whole-number arithmetic only, so that a seed
 * means the same in every engine and version.
 */
export class Chance {
  private state: number;

  constructor(seed: number) {
    // Seeds beyond 32 bits count whole.
    this.state = Math.imul(seed, 0x9e3779b1) ^ Math.imul(Math.floor(seed / 2 ** 32), 0x85ebca6b) ^ 0x5bd1e995;
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to, not including, the bound. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** A whole number from the first to the last, both included. */
  between(first: number, last: number): number {
    return first + this.below(last - first + 1);
  }

  happens(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  /** A strength up to the given one that is 0 half of the time: each seed has some faults only. */
  sometimes(most: number): number {
    return this.happens(0.5) ? 0 : this.next() * most;
  }
}
