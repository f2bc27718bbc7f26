import type { Budget } from './budget.js';
import type { Precedence } from './precedence.js';
import { none, observedCell, type Program } from './program.js';
import { attempt, read, refusal, swap, writes } from './register.js';
import type { Verdict } from './verdict.js';

/** Of a JavaScript Set, which throws at 2^24. */
const failedMax = 16_000_000;
const textMax = 4096;

/**
 * Looks for one order of all events of a program, over all keys, that explains what each of them saw: depth first over
 * the frontier, which says how far each thread has come. What only observes is placed as soon as it can be, a write
 * only when nobody waits for the value that it replaces, and earlier starts are tried first. Frontiers that led
 * nowhere are remembered with what the keys held. The precedence must be closed.
 */
export function searchOrder(precedence: Precedence, budget: Budget): Verdict {
  return new OrderSearch(precedence, budget).run();
}

class OrderSearch {
  private readonly program: Program;
  private readonly precedence: Precedence;
  private readonly budget: Budget;
  private readonly threads: number;
  private readonly frontier: Int32Array;
  /** A thread that each head waits for, and how far that has to come; it need not be looked at before. */
  private readonly waitsFor: Int32Array;
  private readonly waitsUntil: Int32Array;
  private readonly held: Int32Array;
  /** By cell: events that surely saw it and are not placed, and writes of it that are not placed. */
  private readonly observers: Int32Array;
  private readonly writers: Int32Array;
  private readonly observed: Int32Array;
  /** The order of starts: the hint that says what to try first. */
  private readonly hint: Int32Array;
  private readonly ranksMayStayOut: boolean;
  private remaining = 0;
  /** The largest rank among what is placed. */
  private rank = 0;
  private readonly placed: number[] = [];
  private readonly heldBefore: number[] = [];
  private readonly rankBefore: number[] = [];
  private readonly chosen: boolean[] = [];
  private readonly failed = new Set<string>();

  constructor(precedence: Precedence, budget: Budget) {
    const { program } = precedence;
    this.program = program;
    this.precedence = precedence;
    this.budget = budget;
    this.threads = precedence.threads;
    this.frontier = new Int32Array(this.threads);
    this.waitsFor = new Int32Array(this.threads).fill(none);
    this.waitsUntil = new Int32Array(this.threads);
    this.held = Int32Array.from({ length: program.keys }, (_, key) => key);
    this.observers = new Int32Array(program.cells);
    this.writers = new Int32Array(program.cells);
    this.observed = Int32Array.from({ length: program.size }, (_, at) => observedCell(program, at));
    this.hint = hintOf(program);
    this.ranksMayStayOut = program.rank.some((rank, at) => rank > 0 && program.optional[at] === 1);
    for (let at = 0; at < program.size; at += 1) this.account(at, 1);
  }

  run(): Verdict {
    for (let after = none; ; ) {
      if (after === none) this.placeObservers();
      if (this.remaining === 0) return 'legal';
      if (!this.budget.allows(1 + (this.threads >> 2))) return 'unknown';
      const fails = after === none && this.knownToFail();
      const next = fails ? none : this.choice(after);
      if (next !== none) {
        this.put(next, true);
        after = none;
        continue;
      }
      if (!fails) this.failed.add(this.configuration());
      if (this.failed.size > failedMax) return 'unknown';
      const undone = this.retreat();
      if (undone === none) return 'illegal';
      after = this.hint[undone] as number;
    }
  }

  /** Events that change nothing are placed as soon as they can be: later they could not do more. */
  private placeObservers(): void {
    for (let changed = true; changed; ) {
      changed = false;
      for (let thread = 0; thread < this.threads; thread += 1) {
        for (let head = this.head(thread); head !== none; head = this.head(thread)) {
          if (!this.settles(head) || !this.observes(head) || !this.ready(head, thread)) break;
          this.put(head, false);
          changed = true;
        }
      }
    }
  }

  /** Whether nothing is lost by placing an observer. One with a rank bars what may have happened before it. */
  private settles(event: number): boolean {
    return !this.ranksMayStayOut || this.program.rank[event] === 0;
  }

  private observes(event: number): boolean {
    const kind = this.program.kind[event];
    const held = this.held[this.program.key[event] as number];
    return kind === read
      ? held === this.observed[event]
      : kind === refusal && held !== this.program.expected[event];
  }

  /** The event with the smallest hint beyond one that can be placed, or `none`. */
  private choice(after: number): number {
    let best = none;
    let least = Number.POSITIVE_INFINITY;
    for (let thread = 0; thread < this.threads; thread += 1) {
      const head = this.head(thread);
      if (head === none) continue;
      const hint = this.hint[head] as number;
      if (hint <= after || hint >= least) continue;
      if (!(this.mayReplace(head) || this.observes(head)) || !this.ready(head, thread)) continue;
      best = head;
      least = hint;
    }
    return best;
  }

  /** Whether a write finds what it must, and takes from nobody what cannot be had again. */
  private mayReplace(event: number): boolean {
    const kind = this.program.kind[event] as number;
    if (!writes(kind)) return false;
    const held = this.held[this.program.key[event] as number] as number;
    const conditional = kind === swap || kind === attempt;
    if (conditional && this.observed[event] !== held) return false;
    if (this.program.value[event] === held) return true;
    const waiting = (this.observers[held] as number) - (kind === swap ? 1 : 0);
    return waiting === 0 || (this.writers[held] as number) > 0;
  }

  /** Whether everything that must come before a head is placed. */
  private ready(head: number, thread: number): boolean {
    const other = this.waitsFor[thread] as number;
    if (other !== none && (this.frontier[other] as number) < (this.waitsUntil[thread] as number))
      return false;
    const rank = this.program.rank[head] as number;
    if (rank > 0 && rank <= this.rank) return false;
    for (let each = 0; each < this.threads; each += 1) {
      const needed = this.precedence.before(head, each);
      if ((this.frontier[each] as number) >= needed) continue;
      this.waitsFor[thread] = each;
      this.waitsUntil[thread] = needed;
      return false;
    }
    this.waitsFor[thread] = none;
    return true;
  }

  private head(thread: number): number {
    const { firsts } = this.program;
    const at = (firsts[thread] as number) + (this.frontier[thread] as number);
    return at < (firsts[thread + 1] as number) ? at : none;
  }

  private put(event: number, chosen: boolean): void {
    const { thread, key, kind, value, rank } = this.program;
    const on = key[event] as number;
    this.placed.push(event);
    this.heldBefore.push(this.held[on] as number);
    this.rankBefore.push(this.rank);
    this.chosen.push(chosen);
    if (writes(kind[event] as number)) this.held[on] = value[event] as number;
    this.rank = Math.max(this.rank, rank[event] as number);
    this.move(event, thread[event] as number, 1);
  }

  private move(event: number, thread: number, by: 1 | -1): void {
    this.frontier[thread] = (this.frontier[thread] as number) + by;
    // Who waits is a note on the head, and there is another one now.
    this.waitsFor[thread] = none;
    this.account(event, -by);
  }

  private account(event: number, by: number): void {
    const { kind, value, optional } = this.program;
    const seen = this.observed[event] as number;
    const certain = optional[event] === 0;
    if (certain) this.remaining += by;
    if (certain && seen !== none) this.observers[seen] = (this.observers[seen] as number) + by;
    if (!writes(kind[event] as number)) return;
    const cell = value[event] as number;
    this.writers[cell] = (this.writers[cell] as number) + by;
  }

  /** Undoes everything down to the last choice, which it returns, or `none`. */
  private retreat(): number {
    const { thread, key } = this.program;
    for (let event = this.placed.pop(); event !== undefined; event = this.placed.pop()) {
      this.held[key[event] as number] = this.heldBefore.pop() as number;
      this.rank = this.rankBefore.pop() as number;
      this.move(event, thread[event] as number, -1);
      if (this.chosen.pop() === true) return event;
    }
    return none;
  }

  private knownToFail(): boolean {
    return this.failed.size > 0 && this.failed.has(this.configuration());
  }

  /** Equal for equal frontiers and contents of the keys alone. */
  private configuration(): string {
    this.budget.allows((this.threads + this.held.length) >> 4);
    return textOf(this.frontier) + textOf(this.held);
  }
}

function hintOf({ size, start }: Program): Int32Array {
  const events = Int32Array.from({ length: size }, (_, at) => at);
  events.sort((one, other) => (start[one] as number) - (start[other] as number) || one - other);
  const hint = new Int32Array(size);
  events.forEach((event, at) => {
    hint[event] = at;
  });
  return hint;
}

function textOf(numbers: Int32Array): string {
  const halves = new Uint16Array(numbers.buffer, numbers.byteOffset, 2 * numbers.length);
  let text = '';
  for (let from = 0; from < halves.length; from += textMax) {
    text += String.fromCharCode(...halves.subarray(from, from + textMax));
  }
  return text;
}
