import { none, observedCell, type Program } from './program.js';
import { refusal, write, writes } from './register.js';

/** Events that cannot stand in the recorded order together, and why. */
export interface Misplacement {
  readonly reason: string;
  readonly events: readonly number[];
}

/** Whether every write surely happened and has a place in the recorded order. */
export function isOrdered({ size, kind, optional, rank }: Program): boolean {
  for (let at = 0; at < size; at += 1) {
    if (writes(kind[at] as number) && (optional[at] === 1 || rank[at] === 0)) return false;
  }
  return true;
}

/**
 * What contradicts the recorded order of all writes, in O(n log n). Program order, reads-from, write order and
 * from-read have no cycle exactly if each thread can stand somewhere in the one sequence of all writes without going
 * back: an event that sees a value stands between its write and the next one of the key, as early as it can.
 */
export function findMisplaced(program: Program): Misplacement | undefined {
  return sharedRank(program) ?? new Timeline(program).walk();
}

/** Two events that were given one place. */
export function sharedRank({ size, rank, optional }: Program): Misplacement | undefined {
  const holders = new Map<number, number>();
  for (let at = 0; at < size; at += 1) {
    const place = rank[at] as number;
    if (place === 0 || optional[at] === 1) continue;
    const holder = holders.get(place);
    if (holder !== undefined)
      return { reason: 'two operations have the same place in the order', events: [holder, at] };
    holders.set(place, at);
  }
  return undefined;
}

/** What a key held from one rank up to, not including, another. */
interface Reign {
  readonly event: number;
  readonly cell: number;
  readonly from: number;
  until: number;
}

class Timeline {
  private readonly program: Program;
  private readonly byKey: Reign[][];
  private readonly byCell = new Map<number, Reign[]>();
  /** How far each event's thread has come with it: everything up to this rank is before what follows. */
  private readonly reached: Int32Array;
  /** The event that brought a thread to where it stands. */
  private readonly mover: Int32Array;

  constructor(program: Program) {
    this.program = program;
    this.reached = new Int32Array(program.size);
    this.mover = new Int32Array(program.size).fill(none);
    this.byKey = Array.from({ length: program.keys }, (_, key) => [
      { event: none, cell: key, from: 0, until: Number.POSITIVE_INFINITY },
    ]);
    const ordered = [...program.kind.keys()].filter((at) => writes(program.kind[at] as number));
    ordered.sort((one, other) => (program.rank[one] as number) - (program.rank[other] as number));
    for (const event of ordered) this.crown(event);
    for (const reign of this.byKey.flat()) {
      const reigns = this.byCell.get(reign.cell);
      if (reigns === undefined) this.byCell.set(reign.cell, [reign]);
      else reigns.push(reign);
    }
  }

  walk(): Misplacement | undefined {
    const { size, place, parent, thread } = this.program;
    for (let event = 0; event < size; event += 1) {
      // A thread with a parent stands after its parent's.
      const before = place[event] === 0 ? (parent[thread[event] as number] as number) : event - 1;
      const reached = before === none ? 0 : (this.reached[before] as number);
      const mover = before === none ? none : (this.mover[before] as number);
      const rank = this.program.rank[event] as number;
      const misplaced = rank > 0 ? this.fixed(event, reached, rank) : this.free(event, reached);
      if (misplaced !== undefined) return this.misplacement(misplaced, event, mover);
      this.mover[event] = (this.reached[event] as number) > reached ? event : mover;
    }
    return undefined;
  }

  private crown(event: number): void {
    const { key, value, rank } = this.program;
    const reigns = this.byKey[key[event] as number] as Reign[];
    const from = rank[event] as number;
    (reigns.at(-1) as Reign).until = from;
    reigns.push({ event, cell: value[event] as number, from, until: Number.POSITIVE_INFINITY });
  }

  /** An event that has a place of its own. What contradicts it, in words. */
  private fixed(event: number, reached: number, rank: number): string | undefined {
    const { kind, key, expected } = this.program;
    if (rank <= reached) return 'the order contradicts what the session did and saw before';
    this.reached[event] = rank;
    if (kind[event] === write) return undefined;
    const held = this.reignAt(this.byKey[key[event] as number] as Reign[], rank).cell;
    if (kind[event] === refusal) {
      return held === expected[event]
        ? 'a cas was refused although it was due to find what it expected'
        : undefined;
    }
    return held === observedCell(this.program, event)
      ? undefined
      : 'an operation saw another value than the order says';
  }

  /** An event that stands wherever it fits. */
  private free(event: number, reached: number): string | undefined {
    const { kind, key, expected } = this.program;
    const reigns =
      kind[event] === refusal
        ? (this.byKey[key[event] as number] as Reign[])
        : (this.byCell.get(observedCell(this.program, event)) ?? []);
    for (let at = firstEnding(reigns, reached); at < reigns.length; at += 1) {
      const { cell, from } = reigns[at] as Reign;
      if (kind[event] === refusal && cell === expected[event]) continue;
      this.reached[event] = Math.max(reached, from);
      return undefined;
    }
    return kind[event] === refusal
      ? 'a cas was refused although the key held what it expected'
      : 'a session saw a value that had been replaced before something else that it did or saw';
  }

  /** What was held just before a rank. */
  private reignAt(reigns: readonly Reign[], rank: number): Reign {
    return reigns[firstEnding(reigns, rank - 1)] as Reign;
  }

  private misplacement(reason: string, event: number, mover: number): Misplacement {
    const { program } = this;
    const events = new Set<number>([event]);
    const cell = observedCell(program, event);
    for (const reign of this.byCell.get(cell) ?? []) {
      if (reign.event !== none) events.add(reign.event);
      const next = (this.byKey[program.key[event] as number] as Reign[]).find(
        ({ from }) => from === reign.until,
      );
      if (next !== undefined) events.add(next.event);
    }
    if (mover !== none) {
      events.add(mover);
      for (const reign of this.byCell.get(observedCell(program, mover)) ?? []) {
        if (reign.event !== none) events.add(reign.event);
      }
    }
    return { reason, events: [...events] };
  }
}

/** The place of the first reign that ends after a rank. */
function firstEnding(reigns: readonly Reign[], rank: number): number {
  let low = 0;
  let high = reigns.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((reigns[middle] as Reign).until > rank) high = middle;
    else low = middle + 1;
  }
  return low;
}
