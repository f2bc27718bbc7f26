import { Histogram } from './histogram.js';

/** What the clients of one member did in a measured phase. */
export class Tally {
  readonly reads = new Histogram();
  readonly writes = new Histogram();
  /** Error code → operations that failed with it, in any phase. */
  readonly failures = new Map<string, number>();
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
    this.lastEnd = 0;
  }

  fail(code: string): void {
    this.failures.set(code, (this.failures.get(code) ?? 0) + 1);
  }

  get completed(): number {
    return this.reads.size + this.writes.size;
  }
}
