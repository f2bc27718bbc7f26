import { Histogram } from './histogram.js';

/** What the clients of one member did in a measured phase. */
export class Tally {
  readonly reads = new Histogram();
  readonly writes = new Histogram();
  /** Error code → operations that failed with it, in any phase. */
  readonly failures = new Map<string, number>();
  /** Compare-and-swaps that were answered; each is among the writes. */
  swaps = 0;
  /** Those of them that found another value than they expected, and wrote nothing. */
  lostSwaps = 0;
  /** When the last measured operation ended. */
  lastEnd = 0;
  /** The first value that nobody can have written, in words. */
  mangled: string | undefined;
  /** Operations of every phase, to show that there is progress. */
  performed = 0;

  /** Begins another measured phase. */
  begin(): void {
    this.reads.reset();
    this.writes.reset();
    this.swaps = 0;
    this.lostSwaps = 0;
    this.lastEnd = 0;
  }

  swapped(ok: boolean): void {
    this.swaps += 1;
    if (!ok) this.lostSwaps += 1;
  }

  fail(code: string): void {
    this.failures.set(code, (this.failures.get(code) ?? 0) + 1);
  }

  get completed(): number {
    return this.reads.size + this.writes.size;
  }
}
