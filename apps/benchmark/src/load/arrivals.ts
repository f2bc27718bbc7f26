import type { Random } from '../workload/random.js';

/** How the arrivals of an open loop are spread. */
export const spreads = ['poisson', 'fixed'] as const;
export type Spread = (typeof spreads)[number];

/** The times, in nanoseconds, at which the operations of one member are meant to start. */
export class Arrivals {
  private readonly meanNs: number;
  private readonly spread: Spread;
  private readonly random: Random;
  private dueNs: number;

  constructor(ratePerSecond: number, spread: Spread, beginNs: number, random: Random) {
    this.meanNs = 1e9 / ratePerSecond;
    this.spread = spread;
    this.random = random;
    // Members that begin together do not send together.
    this.dueNs = beginNs + (spread === 'fixed' ? random() * this.meanNs : this.gap());
  }

  /** When the next operation is due. */
  get due(): number {
    return this.dueNs;
  }

  /** Goes on to the operation after the one that was due. */
  advance(): void {
    this.dueNs += this.gap();
  }

  /** About how many are due before a time; each of them would have to be drawn to know. */
  dueBefore(endNs: number): number {
    return Math.ceil(Math.max(0, endNs - this.dueNs) / this.meanNs);
  }

  private gap(): number {
    return this.spread === 'fixed' ? this.meanNs : -Math.log(1 - this.random()) * this.meanNs;
  }
}
