import type { Budget } from './budget.js';
import { attempt, type Register, read, refusal, swap, write } from './register.js';
import { Ticks } from './ticks.js';
import { absent } from './value.js';
import type { Verdict } from './verdict.js';

/** Of a JavaScript Set, which throws at 2^24. */
const cacheMax = 16_000_000;
const nothing = -1;

/**
 * Looks for a linearization of a register: Wing and Gong (Journal of Parallel and Distributed Computing 17, 1993) with
 * the cache of Lowe (Concurrency and Computation 29, 2017). Exponential at worst in the number of operations that
 * overlap; it ends as `unknown` when the budget does.
 */
export function searchLinearization(register: Register, budget: Budget): Verdict {
  return new Search(register, budget).run();
}

class Search {
  private readonly register: Register;
  private readonly budget: Budget;
  /** Calls are events 0 to size - 1, returns follow; the ring of events not yet passed starts after `head`. */
  private readonly next: Int32Array;
  private readonly previous: Int32Array;
  private readonly head: number;
  /** The place of an operation among the finished ones, by start; or among the unknown ones. */
  private readonly ordinal: Int32Array;
  private readonly finished: Ticks;
  private readonly unknown: Ticks;
  /** Finished operations not yet linearized. The unknown ones may stay out for ever. */
  private remaining = 0;
  private state = absent;
  /** The linearized operations, the states that they met, and whether another choice was possible. */
  private readonly taken: number[] = [];
  private readonly statesBefore: number[] = [];
  private readonly chosen: boolean[] = [];
  private readonly seen = new Set<string>();

  constructor(register: Register, budget: Budget) {
    this.register = register;
    this.budget = budget;
    this.head = 2 * register.size;
    this.next = new Int32Array(this.head + 1);
    this.previous = new Int32Array(this.head + 1);
    this.ordinal = new Int32Array(register.size);
    this.finished = new Ticks(register.size);
    this.unknown = new Ticks(register.size);
    this.enlist();
  }

  run(): Verdict {
    this.takeObservers();
    let event = this.next[this.head] as number;
    while (this.remaining > 0) {
      if (!this.budget.allows(1)) return 'unknown';
      if (event < this.register.size) {
        event = this.choose(event) ? (this.next[this.head] as number) : (this.next[event] as number);
      } else {
        // The return of an operation that fits nowhere before it: the last choice was wrong.
        event = this.retreat();
        if (event === nothing) return 'illegal';
      }
    }
    return 'legal';
  }

  /** Linearizes an operation that changes the state, unless it cannot be next or all that follows is known to fail. */
  private choose(call: number): boolean {
    const state = this.stateAfter(call);
    if (state === nothing) return false;
    this.take(call, state, true);
    this.takeObservers();
    const configuration = this.configuration();
    const enough = this.budget.allows(2 + (configuration.length >> 3)) && this.seen.size < cacheMax;
    if (!enough) this.budget.spent ??= 'undecided, and too many configurations to remember';
    if (!enough || !this.seen.has(configuration)) {
      this.seen.add(configuration);
      return true;
    }
    this.retreat();
    return false;
  }

  /**
   * The state that an operation would leave, or `nothing` when it cannot be next, or needs not: an unknown one that
   * changes nothing can as well stay out.
   */
  private stateAfter(call: number): number {
    const { kind, value, expected, end } = this.register;
    const written = value[call] as number;
    if (kind[call] === write) {
      return end[call] === Number.POSITIVE_INFINITY && written === this.state ? nothing : written;
    }
    if (kind[call] === swap) return expected[call] === this.state ? written : nothing;
    return kind[call] === attempt && expected[call] === this.state && written !== this.state
      ? written
      : nothing;
  }

  /** Takes what agrees with the state and leaves it alone: if it can be next, then it need not be tried later. */
  private takeObservers(): void {
    const { kind, value, expected, size } = this.register;
    let before = this.head;
    for (let event = this.next[before] as number; event < size; event = this.next[before] as number) {
      this.budget.allows(1);
      const agrees =
        (kind[event] === read && value[event] === this.state) ||
        (kind[event] === refusal && expected[event] !== this.state);
      if (agrees) this.take(event, this.state, false);
      else before = event;
    }
  }

  private take(call: number, state: number, chosen: boolean): void {
    this.taken.push(call);
    this.statesBefore.push(this.state);
    this.chosen.push(chosen);
    this.state = state;
    this.unlink(call);
    if (this.register.end[call] === Number.POSITIVE_INFINITY) {
      this.unknown.add(this.ordinal[call] as number);
      return;
    }
    this.unlink(call + this.register.size);
    this.finished.add(this.ordinal[call] as number);
    this.remaining -= 1;
  }

  /** Undoes everything down to the last choice. The event after that choice, or `nothing`. */
  private retreat(): number {
    for (let call = this.taken.pop(); call !== undefined; call = this.taken.pop()) {
      this.state = this.statesBefore.pop() as number;
      if (this.register.end[call] === Number.POSITIVE_INFINITY) {
        this.unknown.remove(this.ordinal[call] as number);
      } else {
        this.relink(call + this.register.size);
        this.finished.remove(this.ordinal[call] as number);
        this.remaining += 1;
      }
      this.relink(call);
      if (this.chosen.pop() === true) return this.next[call] as number;
    }
    return nothing;
  }

  private configuration(): string {
    const state = String.fromCharCode(this.state & 0xffff, this.state >>> 16);
    return state + this.finished.text() + this.unknown.text();
  }

  /** Events by time, calls before returns on ties: operations that touch in time are concurrent. */
  private enlist(): void {
    const { size, start, end } = this.register;
    const calls = Int32Array.from({ length: size }, (_, at) => at);
    calls.sort((one, other) => (start[one] as number) - (start[other] as number));
    const returns = calls.filter((call) => end[call] !== Number.POSITIVE_INFINITY);
    returns.forEach((call, place) => {
      this.ordinal[call] = place;
    });
    let unknowns = 0;
    for (const call of calls) {
      if (end[call] !== Number.POSITIVE_INFINITY) continue;
      this.ordinal[call] = unknowns;
      unknowns += 1;
    }
    this.remaining = returns.length;
    returns.sort((one, other) => (end[one] as number) - (end[other] as number));
    this.link(calls, returns);
  }

  private link(calls: Int32Array, returns: Int32Array): void {
    const { size, start, end } = this.register;
    let tail = this.head;
    let returned = 0;
    const append = (event: number): void => {
      this.next[tail] = event;
      this.previous[event] = tail;
      tail = event;
    };
    for (const call of calls) {
      while (
        returned < returns.length &&
        (end[returns[returned] as number] as number) < (start[call] as number)
      ) {
        append((returns[returned] as number) + size);
        returned += 1;
      }
      append(call);
    }
    for (const call of returns.subarray(returned)) append(call + size);
    append(this.head);
  }

  private unlink(event: number): void {
    const before = this.previous[event] as number;
    const after = this.next[event] as number;
    this.next[before] = after;
    this.previous[after] = before;
  }

  private relink(event: number): void {
    this.next[this.previous[event] as number] = event;
    this.previous[this.next[event] as number] = event;
  }
}
