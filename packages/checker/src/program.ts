import type { History } from './history.js';
import { ranksOf } from './ranks.js';
import { attempt, kindOf, read, refusal, swap, write, writes } from './register.js';
import type { Sessions } from './sessions.js';

export const none = -1;

/**
 * What the sessions of a history did to all keys together, in columns. An *event* is an operation by its place here; a
 * *cell* is a key together with a value, so that events that name one cell speak of the same value of the same key.
 * The first cells, one for each key, are those of absent, which every key holds at first.
 *
 * A *thread* is a session, one event after another. An operation of unknown outcome may have happened long after the
 * next one of its session: it is a thread of its own, whose parent is what surely came before it.
 */
export interface Program {
  readonly size: number;
  readonly kind: Uint8Array;
  readonly key: Int32Array;
  /** The cell that was read or written; of a refused cas, the one that it would have written. */
  readonly value: Int32Array;
  /** The cell that a cas compared with. */
  readonly expected: Int32Array;
  readonly keys: number;
  readonly cells: number;
  /** 1 for what may never have happened. */
  readonly optional: Uint8Array;
  readonly thread: Int32Array;
  /** The place in its thread, from 0. */
  readonly place: Int32Array;
  /** The first event of each thread, and the end of the last. Events stand thread by thread. */
  readonly firsts: Int32Array;
  /** By thread: the event before its first one, or `none`. */
  readonly parent: Int32Array;
  /** The place in the recorded total order, from 1 without gaps; 0 where none was recorded. */
  readonly rank: Int32Array;
  /** Where the events stand in the history. */
  readonly row: Int32Array;
  /** When they started. */
  readonly start: Float64Array;
}

/** The cell that an event surely or possibly saw, or `none` when it saw nothing that it can name. */
export function observedCell({ kind, value, expected }: Program | Draft, at: number): number {
  if (kind[at] === read) return value[at] as number;
  return kind[at] === swap || kind[at] === attempt ? (expected[at] as number) : none;
}

/** Events as they were recorded, session by session, before anything was concluded. */
export interface Draft {
  readonly size: number;
  readonly kind: Uint8Array;
  readonly key: Int32Array;
  readonly value: Int32Array;
  readonly expected: Int32Array;
  readonly keys: number;
  readonly cells: number;
  readonly unknown: Uint8Array;
  readonly session: Int32Array;
  readonly row: Int32Array;
}

/** The events of some rows of a history, which must stand in the order of its sessions. */
export function draftOf(history: History, sessions: Sessions, rows: Int32Array): Draft {
  const { columns, keys } = history;
  const cells = new CellTable(keys.length, history.values.size);
  const kind = Uint8Array.from(rows, (row) => kindOf(columns, row));
  const key = Int32Array.from(rows, (row) => columns.key[row] as number);
  const cellsOf = (column: Int32Array): Int32Array =>
    Int32Array.from(rows, (row) => cells.numberOf(columns.key[row] as number, column[row] as number));
  return {
    size: rows.length,
    kind,
    key,
    value: cellsOf(columns.value),
    expected: cellsOf(columns.expected),
    keys: keys.length,
    cells: cells.count,
    unknown: Uint8Array.from(rows, (row) => (columns.outcome[row] === 2 ? 1 : 0)),
    session: Int32Array.from(rows, (row) => sessions.session[row] as number),
    row: rows,
  };
}

/**
 * The program of some rows of a history, which must stand in the order of its sessions. What is certain of unknown
 * operations is concluded: one that nobody may have observed is left out, one that was observed and is the only one
 * of its value happened.
 */
export function programOf(history: History, sessions: Sessions, rows: Int32Array): Program {
  const draft = draftOf(history, sessions, rows);
  const kept = observable(draft);
  const { kind, happened } = concluded(draft, kept);
  const laid = layOut(draft, kept, happened);
  const column = (from: Int32Array): Int32Array => Int32Array.from(laid.places, (at) => from[at] as number);
  const row = column(draft.row);
  return {
    size: laid.places.length,
    kind: Uint8Array.from(laid.places, (at) => kind[at] as number),
    key: column(draft.key),
    value: column(draft.value),
    expected: column(draft.expected),
    keys: draft.keys,
    cells: draft.cells,
    optional: Uint8Array.from(laid.places, (at) => 1 - (happened[at] as number)),
    ...threaded(laid),
    rank: ranksOf(history.columns, row),
    row,
    start: Float64Array.from(row, (each) => sessions.start[each] as number),
  };
}

/** Numbers cells: absent of each key first, then the others in the order in which they are met. */
class CellTable {
  count: number;
  private readonly numbers = new Map<number, number>();
  private readonly values: number;

  constructor(keys: number, values: number) {
    this.count = keys;
    this.values = values;
  }

  numberOf(key: number, value: number): number {
    if (value === 0) return key;
    const name = key * this.values + value;
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    this.numbers.set(name, this.count);
    this.count += 1;
    return this.count - 1;
  }
}

/** 1 for what stays: all but writes of unknown outcome whose value nobody may have observed. */
function observable(draft: Draft): Uint8Array {
  const { size, kind, key, value, unknown } = draft;
  const kept = new Uint8Array(size).fill(1);
  const observers = new Int32Array(draft.cells);
  const refusals = new Uint8Array(draft.keys);
  for (let at = 0; at < size; at += 1) {
    // A refused cas saw something of which it only tells what it was not.
    if (kind[at] === refusal) refusals[key[at] as number] = 1;
    const cell = observedCell(draft, at);
    if (cell !== none) observers[cell] = (observers[cell] as number) + 1;
  }
  const leaves = (at: number): boolean =>
    kept[at] === 1 &&
    unknown[at] === 1 &&
    observers[value[at] as number] === 0 &&
    refusals[key[at] as number] === 0;
  for (let changed = true; changed; ) {
    changed = false;
    for (let at = size - 1; at >= 0; at -= 1) {
      if (!leaves(at)) continue;
      kept[at] = 0;
      const cell = observedCell(draft, at);
      if (cell === none) continue;
      observers[cell] = (observers[cell] as number) - 1;
      changed = true;
    }
  }
  return kept;
}

/** What happened, the unknown that must have included; an unknown cas among that found what it expected. */
function concluded(draft: Draft, kept: Uint8Array): { kind: Uint8Array; happened: Uint8Array } {
  const kind = draft.kind.slice();
  const happened = Uint8Array.from(draft.unknown, (unknown) => 1 - unknown);
  /** The only writer of each cell; `none` when there are several. */
  const writer = new Int32Array(draft.cells).fill(draft.size).fill(none, 0, draft.keys);
  for (let at = 0; at < draft.size; at += 1) {
    const cell = draft.value[at] as number;
    if (kept[at] === 1 && writes(kind[at] as number)) writer[cell] = writer[cell] === draft.size ? at : none;
  }
  const observed: number[] = [];
  for (let at = 0; at < draft.size; at += 1) {
    if (happened[at] === 1) observed.push(observedCell(draft, at));
  }
  for (let cell = observed.pop(); cell !== undefined; cell = observed.pop()) {
    const at = cell === none ? none : (writer[cell] as number);
    if (at === none || at === draft.size || happened[at] === 1) continue;
    happened[at] = 1;
    kind[at] = kind[at] === attempt ? swap : write;
    observed.push(observedCell({ ...draft, kind }, at));
  }
  return { kind, happened };
}

interface Layout {
  /** Thread by thread, places of the draft. */
  readonly places: readonly number[];
  readonly firsts: readonly number[];
  /** Counted in events. */
  readonly parents: readonly number[];
}

function layOut(draft: Draft, kept: Uint8Array, happened: Uint8Array): Layout {
  const { size, session, unknown } = draft;
  const layout = { places: [] as number[], firsts: [] as number[], parents: [] as number[] };
  const begin = (parent: number): void => {
    layout.firsts.push(layout.places.length);
    layout.parents.push(parent);
  };
  for (let from = 0, to = 0; from < size; from = to) {
    to = from + 1;
    while (to < size && session[to] === session[from]) to += 1;
    begin(none);
    const late: { at: number; parent: number }[] = [];
    const beginning = layout.places.length;
    for (let at = from; at < to; at += 1) {
      if (kept[at] === 0) continue;
      // Nothing of the session comes after its last operation, so that it may stand in its place.
      const inPlace = unknown[at] === 0 || (at === to - 1 && happened[at] === 1);
      const last = layout.places.length - 1;
      if (inPlace) layout.places.push(at);
      else late.push({ at, parent: last < beginning ? none : last });
    }
    for (const { at, parent } of late) {
      begin(parent);
      layout.places.push(at);
    }
  }
  layout.firsts.push(layout.places.length);
  return layout;
}

function threaded({
  places,
  firsts,
  parents,
}: Layout): Pick<Program, 'thread' | 'place' | 'firsts' | 'parent'> {
  const thread = new Int32Array(places.length);
  const place = new Int32Array(places.length);
  for (let number = 0; number < parents.length; number += 1) {
    const first = firsts[number] as number;
    for (let at = first; at < (firsts[number + 1] as number); at += 1) {
      thread[at] = number;
      place[at] = at - first;
    }
  }
  return { thread, place, firsts: Int32Array.from(firsts), parent: Int32Array.from(parents) };
}
