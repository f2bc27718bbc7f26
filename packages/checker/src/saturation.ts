import type { Budget } from './budget.js';
import { KeyWrites } from './key-writes.js';
import { initial, type Precedence } from './precedence.js';
import { none, observedCell } from './program.js';

/**
 * Adds what every order of a program must keep, besides its threads and what each event saw: with `r` seeing the value
 * of `w`, another write of the key that comes before `r` comes before `w`, and one that comes after `w` comes after
 * `r`. Each pass concludes from what the one before concluded; to stop early is safe.
 */
export class Saturation {
  /** Whether nothing more can be concluded. */
  complete = false;
  /** Whether the precedence has what the last pass added. */
  private closed = false;
  /** An event that saw what its key held at first, after a write of it. */
  private stale: readonly number[] | undefined;
  private readonly precedence: Precedence;
  private readonly keyWrites: KeyWrites;
  /** By write that was seen: the first write of each run that comes after it. It only moves to earlier ones. */
  private readonly nexts: (Int32Array | undefined)[];
  /** By write: the pass that last looked for those, and the one that last moved any. */
  private readonly looked: Uint16Array;
  private readonly moved: Uint16Array;
  private passes = 0;

  constructor(precedence: Precedence) {
    this.precedence = precedence;
    this.keyWrites = new KeyWrites(precedence.program);
    this.nexts = new Array<Int32Array | undefined>(precedence.program.size).fill(undefined);
    this.looked = new Uint16Array(precedence.program.size);
    this.moved = new Uint16Array(precedence.program.size);
  }

  /**
   * Some passes. The cycle that they lead to, if they do: events of which each must come before the next. Otherwise the
   * precedence is closed, unless the budget has ended.
   */
  advance(passes: number, budget: Budget): readonly number[] | undefined {
    const { precedence } = this;
    for (let pass = 0; budget.allows(precedence.program.size >> 3); pass += 1) {
      const cycle = this.closed ? undefined : precedence.close();
      if (cycle !== undefined) return cycle;
      this.closed = true;
      const steps = (precedence.vectors * precedence.threads) >> 3;
      if (this.complete || pass === passes || !budget.allows(steps)) return undefined;
      this.complete = !this.pass();
      this.closed = this.complete;
      if (this.complete) return this.stale;
    }
    return undefined;
  }

  /** Whether anything was added. Stops at a stale event. */
  private pass(): boolean {
    const { program, sources } = this.precedence;
    let added = false;
    this.passes += 1;
    for (let event = 0; event < program.size && this.stale === undefined; event += 1) {
      const source = sources[event] as number;
      if (source < initial || program.optional[event] === 1 || observedCell(program, event) === none)
        continue;
      if (this.tighten(event, source)) added = true;
    }
    return added && this.stale === undefined;
  }

  private tighten(event: number, source: number): boolean {
    const { precedence, keyWrites } = this;
    const [from, to] = keyWrites.runs(precedence.program.key[event] as number);
    const nexts = source === initial ? undefined : this.nextsOf(source, from, to);
    const learned = precedence.learned(event);
    const moved = nexts === undefined ? this.passes === 1 : this.moved[source] === this.passes;
    let added = false;
    for (let run = from; run < to && (learned || moved); run += 1) {
      if (learned && this.replaced(event, source, run)) added = true;
      const next = keyWrites.write(
        run,
        nexts === undefined ? keyWrites.startOf(run) : (nexts[run - from] as number),
      );
      if (moved && next !== none && next !== event && precedence.add(event, next)) added = true;
    }
    return added;
  }

  /** What an event knew of a run was replaced by what it saw. Whether that is news. */
  private replaced(event: number, source: number, run: number): boolean {
    const { precedence, keyWrites } = this;
    const known = keyWrites.lastBefore(run, precedence.before(event, keyWrites.threadOf(run)));
    if (known === none || known === source) return false;
    if (source === initial) this.stale = [known, event];
    return source >= 0 && precedence.add(known, source);
  }

  /** The first writes of the runs of a key that come after one write of it, as the closure stands. */
  private nextsOf(source: number, from: number, to: number): Int32Array {
    const { precedence, keyWrites } = this;
    const nexts =
      this.nexts[source] ?? Int32Array.from({ length: to - from }, (_, at) => keyWrites.endOf(from + at));
    this.nexts[source] = nexts;
    if (this.looked[source] === this.passes) return nexts;
    this.looked[source] = this.passes;
    for (let run = from; run < to; run += 1) {
      const known = nexts[run - from] as number;
      const next = keyWrites.first(run, known, (write) => precedence.precedes(source, write));
      if (next !== known) this.moved[source] = this.passes;
      nexts[run - from] = next;
    }
    return nexts;
  }
}
