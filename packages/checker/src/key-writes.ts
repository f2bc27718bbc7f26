import type { Program } from './program.js';
import { writes } from './register.js';

const nowhere = -1;

/** The writes that happened on each key, thread by thread, each thread in its order: what is asked by bisection. */
export class KeyWrites {
  /** Runs of writes of one thread on one key; those of a key are neighbours. */
  private readonly firstRun: Int32Array;
  private readonly runThread: number[] = [];
  private readonly runFrom: number[] = [];
  private readonly events: Int32Array;
  private readonly place: Int32Array;

  constructor(program: Program) {
    const { size, key, keys, thread } = program;
    const counts = new Int32Array(keys + 1);
    const wrote = (at: number): boolean => program.optional[at] === 0 && writes(program.kind[at] as number);
    for (let at = 0; at < size; at += 1) {
      if (wrote(at)) counts[(key[at] as number) + 1] = (counts[(key[at] as number) + 1] as number) + 1;
    }
    for (let of = 0; of < keys; of += 1) counts[of + 1] = (counts[of + 1] as number) + (counts[of] as number);
    this.events = new Int32Array(counts[keys] as number);
    this.place = program.place;
    const next = counts.slice();
    for (let at = 0; at < size; at += 1) {
      if (!wrote(at)) continue;
      this.events[next[key[at] as number] as number] = at;
      next[key[at] as number] = (next[key[at] as number] as number) + 1;
    }
    this.firstRun = new Int32Array(keys + 1);
    for (let of = 0; of < keys; of += 1) {
      for (let each = counts[of] as number; each < (counts[of + 1] as number); each += 1) {
        const by = thread[this.events[each] as number] as number;
        const goesOn = this.runFrom.length > (this.firstRun[of] as number) && this.runThread.at(-1) === by;
        if (goesOn) continue;
        this.runThread.push(by);
        this.runFrom.push(each);
      }
      this.firstRun[of + 1] = this.runFrom.length;
    }
    this.runFrom.push(this.events.length);
  }

  /** The runs of a key: numbers from the first up to, not including, the second. */
  runs(key: number): readonly [from: number, to: number] {
    return [this.firstRun[key] as number, this.firstRun[key + 1] as number];
  }

  threadOf(run: number): number {
    return this.runThread[run] as number;
  }

  /** The last write of a run before a place of its thread, or -1. */
  lastBefore(run: number, place: number): number {
    const from = this.runFrom[run] as number;
    const after = this.search(from, this.endOf(run), (event) => (this.place[event] as number) >= place);
    return after > from ? (this.events[after - 1] as number) : nowhere;
  }

  /** The number of the first write of a run. */
  startOf(run: number): number {
    return this.runFrom[run] as number;
  }

  /** A number for the end of a run, which is what `first` says when nothing holds. */
  endOf(run: number): number {
    return this.runFrom[run + 1] as number;
  }

  /** The write by its number, or -1 for the end of a run. */
  write(run: number, number: number): number {
    return number < this.endOf(run) ? (this.events[number] as number) : nowhere;
  }

  /**
   * The number of the first write of a run from which on something holds, looked for backwards, in growing steps, from
   * a number at which it is known to hold.
   */
  first(run: number, known: number, holds: (event: number) => boolean): number {
    const from = this.runFrom[run] as number;
    let high = known;
    let low = from;
    for (let step = 1; high > from; step *= 2) {
      const at = Math.max(from, high - step);
      if (!holds(this.events[at] as number)) {
        low = at + 1;
        break;
      }
      high = at;
    }
    return this.search(low, high, holds);
  }

  private search(from: number, to: number, holds: (event: number) => boolean): number {
    let low = from;
    let high = to;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(this.events[middle] as number)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
