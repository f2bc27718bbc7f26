import { observedValue } from './reduction.js';
import { type Register, refusal, write, writes } from './register.js';
import { absent } from './value.js';

/**
 * What must go with an operation for the rest to stay explicable: a write takes along everything that may have
 * observed it. Then whatever is wrong with the rest was wrong before, and a shrunk history accuses nobody falsely:
 * take any linearization of the whole, leave out what was removed, and each observer that is left still follows the
 * write that it follows there. For people, what observed a stale value keeps some write of it besides.
 */
export class Removal {
  private readonly register: Register;
  /** Operations by the value that they may have observed; then the refused ones, which may have observed any. */
  private readonly observers = new Map<number, number[]>();
  private readonly refusals: number[] = [];
  private readonly writers = new Map<number, number[]>();
  /** Writes by start, and for each the first end from there on: those that may not have happened never end. */
  private readonly writeStarts: Float64Array;
  private readonly firstEnds: Float64Array;

  constructor(register: Register) {
    this.register = register;
    for (let at = 0; at < register.size; at += 1) this.index(at);
    const { start, end, kind } = register;
    const places = Int32Array.from({ length: register.size }, (_, at) => at)
      .filter((at) => writes(kind[at] as number))
      .sort((one, other) => (start[one] as number) - (start[other] as number));
    this.writeStarts = Float64Array.from(places, (at) => start[at] as number);
    this.firstEnds = Float64Array.from(places, (at) => end[at] as number);
    for (let at = places.length - 2; at >= 0; at -= 1) {
      this.firstEnds[at] = Math.min(this.firstEnds[at] as number, this.firstEnds[at + 1] as number);
    }
  }

  /** Removes from the operations kept those at the places given, with all that depends on them. */
  remove(kept: Uint8Array, places: Iterable<number>): void {
    const leaving = [...places];
    while (leaving.length > 0) {
      const values = this.removeClosed(kept, leaving);
      for (const value of values) this.addOrphans(value, kept, leaving);
    }
  }

  /** Empties `leaving`. The values of which a write was removed. */
  private removeClosed(kept: Uint8Array, leaving: number[]): Set<number> {
    const values = new Set<number>();
    for (let at = leaving.pop(); at !== undefined; at = leaving.pop()) {
      if (kept[at] === 0) continue;
      kept[at] = 0;
      if (!writes(this.register.kind[at] as number)) continue;
      values.add(this.register.value[at] as number);
      this.addObservers(at, kept, leaving);
    }
    return values;
  }

  /** Observers of a value that had a write to come from, however stale, and have none any more. */
  private addOrphans(value: number, kept: Uint8Array, leaving: number[]): void {
    const { start, end } = this.register;
    const firstStart = (writers: readonly number[]): number =>
      writers.reduce((first, at) => Math.min(first, start[at] as number), Number.POSITIVE_INFINITY);
    const writers = this.writers.get(value) ?? [];
    const before = firstStart(writers);
    const now = firstStart(writers.filter((at) => kept[at] === 1));
    if (value === absent || now === before) return;
    for (const at of this.observers.get(value) ?? []) {
      const seen = end[at] as number;
      const orphan = before <= seen ? now > seen : now === Number.POSITIVE_INFINITY;
      if (orphan && kept[at] === 1) leaving.push(at);
    }
  }

  private addObservers(writer: number, kept: Uint8Array, leaving: number[]): void {
    const { start, end, value } = this.register;
    const replaced = this.replacedBy(end[writer] as number);
    for (const group of [this.observers.get(value[writer] as number) ?? [], this.refusals]) {
      for (const at of group) {
        const may = (end[at] as number) >= (start[writer] as number) && (start[at] as number) <= replaced;
        if (may && kept[at] !== 0) leaving.push(at);
      }
    }
  }

  /** When a write that ended at this moment had surely been followed by another one. */
  private replacedBy(moment: number): number {
    let low = 0;
    let high = this.writeStarts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.writeStarts[middle] as number) > moment) high = middle;
      else low = middle + 1;
    }
    return this.firstEnds[low] ?? Number.POSITIVE_INFINITY;
  }

  private index(at: number): void {
    const kind = this.register.kind[at] as number;
    if (kind === refusal) this.refusals.push(at);
    else if (kind !== write) append(this.observers, observedValue(this.register, at), at);
    if (writes(kind)) append(this.writers, this.register.value[at] as number, at);
  }
}

function append(groups: Map<number, number[]>, value: number, at: number): void {
  const group = groups.get(value);
  if (group === undefined) groups.set(value, [at]);
  else group.push(at);
}
