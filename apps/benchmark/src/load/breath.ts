import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long clients may go on without letting the event loop turn. */
const turnMs = 10;
/** Looking at the clock costs as much as a quick operation: it is looked at once in so many. */
const stepsPerLook = 16;

/**
 * Lets the event loop turn now and then, however quickly operations end: reads that are answered at once would
 * otherwise keep the process from receiving anything.
 */
export class Breath {
  private since = performance.now();
  private next: Promise<void> | undefined;
  private left = stepsPerLook;

  /** What all clients wait for before they go on, if it is time. */
  taken(): Promise<void> | undefined {
    this.left -= 1;
    if (this.next === undefined) {
      if (this.left > 0) return undefined;
      this.left = stepsPerLook;
      if (performance.now() - this.since < turnMs) return undefined;
    }
    this.next ??= nextTurn().then(() => {
      this.since = performance.now();
      this.next = undefined;
    });
    return this.next;
  }
}
