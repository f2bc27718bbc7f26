import { Blame } from './blame.js';
import { KeyWrites } from './key-writes.js';
import { initial, type Precedence, unwritten } from './precedence.js';
import { none, observedCell, type Program } from './program.js';

/** What no causally consistent memory shows, by its name in the paper. `CyclicCF` belongs to convergence alone. */
export type BadPattern = 'ThinAirRead' | 'CyclicCO' | 'WriteCOInitRead' | 'WriteCORead' | 'CyclicCF';

/** A bad pattern in a program, and the events that show it. */
export interface Finding {
  readonly pattern: BadPattern;
  readonly events: readonly number[];
}

/** What each pattern means. */
export const meanings: Readonly<Record<BadPattern, string>> = {
  ThinAirRead: 'a value was seen that was never written',
  CyclicCO: 'an operation comes causally before itself',
  WriteCOInitRead: 'a key was seen without a value after a write that came causally before',
  WriteCORead: 'a value was seen although a write that replaced it came causally before',
  CyclicCF: 'what the sessions saw can be explained by no order of the writes that all of them share',
};

/** The first bad pattern of causal consistency; the precedence of the program must not be closed yet, and is then. */
export function findInconsistent(precedence: Precedence): Finding | undefined {
  const { program, sources } = precedence;
  const unseen = sources.indexOf(unwritten);
  if (unseen >= 0) return { pattern: 'ThinAirRead', events: [unseen] };
  const cycle = precedence.close();
  if (cycle !== undefined) return { pattern: 'CyclicCO', events: cycle };
  const keyWrites = new KeyWrites(program);
  for (const read of readsOf(program)) {
    const source = sources[read] as number;
    if (source < initial) continue;
    const writer = replacement(precedence, keyWrites, read, source);
    if (writer === none) continue;
    const { events } = new Blame(precedence).path(writer, read);
    if (source === initial) return { pattern: 'WriteCOInitRead', events: [...events] };
    const both = new Blame(precedence).path(source, writer).events;
    return { pattern: 'WriteCORead', events: [...events, ...both] };
  }
  return undefined;
}

/**
 * The cycle of causality and conflicts, if there is one. A write that comes causally before a read conflicts with the
 * one that the read saw: whoever decides between the two of them must put it first. Of the writes of one session the
 * last is enough. The precedence must be closed, and has the conflicts afterwards.
 */
export function findDivergence(precedence: Precedence): Finding | undefined {
  const { program, sources } = precedence;
  const keyWrites = new KeyWrites(program);
  for (const read of readsOf(program)) {
    const source = sources[read] as number;
    if (source < 0) continue;
    const [from, to] = keyWrites.runs(program.key[read] as number);
    for (let run = from; run < to; run += 1) {
      const known = keyWrites.lastBefore(run, precedence.before(read, keyWrites.threadOf(run)));
      if (known !== none && known !== source) precedence.add(known, source);
    }
  }
  const cycle = precedence.close();
  if (cycle === undefined) return undefined;
  return { pattern: 'CyclicCF', events: [...new Blame(precedence).cycle(cycle).events] };
}

/** A write of its key that comes causally before a read and after the one that it saw, or `none`. */
function replacement(precedence: Precedence, keyWrites: KeyWrites, read: number, source: number): number {
  const [from, to] = keyWrites.runs(precedence.program.key[read] as number);
  for (let run = from; run < to; run += 1) {
    const known = keyWrites.lastBefore(run, precedence.before(read, keyWrites.threadOf(run)));
    if (known === none || known === source) continue;
    if (source === initial || precedence.precedes(source, known)) return known;
  }
  return none;
}

function* readsOf(program: Program): Generator<number> {
  for (let at = 0; at < program.size; at += 1) {
    if (observedCell(program, at) !== none) yield at;
  }
}
