import type { Columns } from './columns.js';
import { type History, outcomes } from './history.js';
import { absent } from './value.js';

/** Returned `value`. */
export const read = 0;
/** Made the register hold `value`; a delete writes absent. */
export const write = 1;
/** A cas that found `expected` and wrote `value`. */
export const swap = 2;
/** A cas that found something else than `expected`, and changed nothing. */
export const refusal = 3;
/** A cas of unknown outcome: a swap if it ever meets `expected`. */
export const attempt = 4;

/**
 * What happened to one key, in columns: linearizability is local (Herlihy and Wing 1990, theorem 1), so that each key
 * is checked alone. Reads of unknown outcome say nothing and are left out.
 */
export interface Register {
  readonly size: number;
  readonly kind: Uint8Array;
  /** Less than `values`; 0 is absent, which is also what the register holds at first. */
  readonly value: Int32Array;
  readonly expected: Int32Array;
  readonly values: number;
  /** In the order of the recorded times; one operation precedes another when it ends before the other starts. */
  readonly start: Float64Array;
  /** Infinity for an unknown outcome. */
  readonly end: Float64Array;
  /** Where the operations stand in the history. */
  readonly row: Int32Array;
}

/** The registers of a history, one for each key, in the order of its keys, and how many operations each key had. */
export function* registersOf(
  history: History,
): Generator<{ key: string; operations: number; register: Register }> {
  const { columns, keys } = history;
  const times = timesOf(columns);
  const numbers = new LocalNumbers(history.values.size);
  const { rows, firsts } = rowsByKey(columns, keys.length);
  for (let number = 0; number < keys.length; number += 1) {
    const keyRows = rows.subarray(firsts[number], firsts[number + 1]);
    const telling = keyRows.filter((row) => says(columns, row));
    const register = registerOf(columns, times, telling, numbers);
    yield { key: keys[number] as string, operations: keyRows.length, register };
  }
}

/** The register with only some of its operations. */
export function select(register: Register, kept: ArrayLike<number>): Register {
  const selection = blankRegister(kept.length, register.values);
  for (let at = 0; at < kept.length; at += 1) {
    const from = kept[at] as number;
    selection.kind[at] = register.kind[from] as number;
    selection.value[at] = register.value[from] as number;
    selection.expected[at] = register.expected[from] as number;
    selection.start[at] = register.start[from] as number;
    selection.end[at] = register.end[from] as number;
    selection.row[at] = register.row[from] as number;
  }
  return selection;
}

function registerOf(columns: Columns, times: Times, rows: Int32Array, numbers: LocalNumbers): Register {
  const register = blankRegister(rows.length, 0);
  numbers.restart();
  for (let at = 0; at < rows.length; at += 1) {
    const row = rows[at] as number;
    register.kind[at] = kindOf(columns, row);
    register.value[at] = numbers.of(columns.value[row] as number);
    register.expected[at] = numbers.of(columns.expected[row] as number);
    register.start[at] = times.start[row] as number;
    register.end[at] = times.end[row] as number;
    register.row[at] = row;
  }
  return { ...register, values: numbers.count };
}

/** Numbers the values of one key after another, densely, without a map: absent is 0 for each. */
class LocalNumbers {
  count = 1;
  private readonly numbers: Int32Array;
  /** The value that has each number. A number is valid when it was given since the restart, by this table. */
  private readonly holders: Int32Array;

  constructor(values: number) {
    this.numbers = new Int32Array(values);
    this.holders = new Int32Array(values);
  }

  restart(): void {
    this.count = 1;
  }

  of(value: number): number {
    if (value === absent) return absent;
    const known = this.numbers[value] as number;
    if (known > 0 && known < this.count && this.holders[known] === value) return known;
    this.numbers[value] = this.count;
    this.holders[this.count] = value;
    this.count += 1;
    return this.count - 1;
  }
}

export function writes(kind: number): boolean {
  return kind === write || kind === swap || kind === attempt;
}

/** By row; Infinity for the end of an unknown operation. */
export interface Times {
  readonly start: Float64Array;
  readonly end: Float64Array;
}

function blankRegister(size: number, values: number): Register {
  return {
    size,
    kind: new Uint8Array(size),
    value: new Int32Array(size),
    expected: new Int32Array(size),
    values,
    start: new Float64Array(size),
    end: new Float64Array(size),
    row: new Int32Array(size),
  };
}

function rowsByKey(columns: Columns, keys: number): { rows: Int32Array; firsts: Int32Array } {
  const firsts = new Int32Array(keys + 1);
  for (let row = 0; row < columns.length; row += 1) {
    firsts[(columns.key[row] as number) + 1] = (firsts[(columns.key[row] as number) + 1] as number) + 1;
  }
  for (let key = 0; key < keys; key += 1) {
    firsts[key + 1] = (firsts[key + 1] as number) + (firsts[key] as number);
  }
  const rows = new Int32Array(columns.length);
  const places = firsts.slice();
  for (let row = 0; row < columns.length; row += 1) {
    const key = columns.key[row] as number;
    rows[places[key] as number] = row;
    places[key] = (places[key] as number) + 1;
  }
  return { rows, firsts };
}

/**
 * All times as doubles that compare as the exact ones do. Seconds are counted from the earliest; when that leaves
 * too many for a double (104 days), only the order of the different seconds is kept.
 */
export function timesOf(columns: Columns): Times {
  const { length, startHigh, endHigh, startLow, endLow, outcome } = columns;
  let earliest = Number.POSITIVE_INFINITY;
  let latest = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < length; row += 1) {
    earliest = Math.min(earliest, startHigh[row] as number);
    latest = Math.max(latest, endHigh[row] as number);
  }
  const fits = (latest - earliest + 1) * 1e9 <= Number.MAX_SAFE_INTEGER;
  const ranks = fits ? undefined : secondRanks(columns);
  const second = (high: number): number =>
    ranks === undefined ? high - earliest : (ranks.get(high) as number);
  const start = new Float64Array(length);
  const end = new Float64Array(length);
  for (let row = 0; row < length; row += 1) {
    start[row] = second(startHigh[row] as number) * 1e9 + (startLow[row] as number);
    end[row] =
      outcome[row] === outcomes.unknown
        ? Number.POSITIVE_INFINITY
        : second(endHigh[row] as number) * 1e9 + (endLow[row] as number);
  }
  return { start, end };
}

function secondRanks({ length, startHigh, endHigh }: Columns): Map<number, number> {
  const seconds = new Set([...startHigh.subarray(0, length), ...endHigh.subarray(0, length)]);
  return new Map([...seconds].sort((one, other) => one - other).map((second, rank) => [second, rank]));
}

/** Whether an operation tells anything: a read of unknown outcome does not. */
export function says(columns: Columns, row: number): boolean {
  return columns.name[row] !== 0 || columns.outcome[row] !== outcomes.unknown;
}

/** One of the kinds above. The columns count read 0, write 1, cas 2, delete 3. */
export function kindOf(columns: Columns, row: number): number {
  const name = columns.name[row];
  if (name === 0) return read;
  if (name !== 2) return write;
  if (columns.outcome[row] === outcomes.unknown) return attempt;
  return columns.outcome[row] === outcomes.done ? swap : refusal;
}
