import type { Budget } from './budget.js';
import { KeyWrites } from './key-writes.js';
import { initial, type Precedence } from './precedence.js';
import { none, observedCell } from './program.js';

/** Each pass concludes from what the one before concluded. Stopping early is safe, only slower afterwards. */
const passesMax = 24;

/**
 * Adds what every order of a program must keep, besides its threads and what each event saw: with `r` seeing the value
 * of `w`, another write of the key that comes before `r` comes before `w`, and one that comes after `w` comes after `r`.
 * The cycle that this leads to, if it does; otherwise the precedence is closed, unless the budget has ended.
 */
export function saturate(precedence: Precedence, budget: Budget): readonly number[] | undefined {
  const saturation = new Saturation(precedence);
  for (let pass = 0; budget.allows(precedence.program.size >> 3); pass += 1) {
    const cycle = precedence.close();
    if (cycle !== undefined) return cycle;
    if (pass === passesMax || !budget.allows((precedence.vectors * precedence.threads) >> 3))
      return undefined;
    if (!saturation.pass()) return saturation.stale;
  }
  return undefined;
}

class Saturation {
  /** An event that saw what its key held at first, after a write of it. */
  stale: readonly number[] | undefined;
  private readonly precedence: Precedence;
  private readonly keyWrites: KeyWrites;

  constructor(precedence: Precedence) {
    this.precedence = precedence;
    this.keyWrites = new KeyWrites(precedence.program);
  }

  /** Whether anything was added. Stops at a stale event. */
  pass(): boolean {
    const { program, sources } = this.precedence;
    let added = false;
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
    let added = false;
    for (let run = from; run < to; run += 1) {
      const known = keyWrites.lastBefore(run, precedence.before(event, keyWrites.threadOf(run)));
      if (known !== none && source === initial) this.stale = [known, event];
      if (known !== none && source >= 0 && known !== source && precedence.add(known, source)) added = true;
      const next = keyWrites.first(run, (write) => source === initial || precedence.precedes(source, write));
      if (next !== none && next !== event && precedence.add(event, next)) added = true;
    }
    return added;
  }
}
