import type { History } from './history.js';
import { NameTable } from './name-table.js';
import { says, timesOf } from './register.js';

/**
 * The telling operations of a history by session: what a client did in the order in which it began to do it. Of
 * operations that begin at one moment the first to end comes first, and of those the first that was recorded.
 */
export interface Sessions {
  /** One session after another, each in its order. Reads of unknown outcome say nothing and are left out. */
  readonly rows: Int32Array;
  /** The number of the session of each row, from 0. */
  readonly session: Int32Array;
  /** When each row started, in a number that compares as the exact times do. */
  readonly start: Float64Array;
}

/** A client is a session, unless its operations name one. */
export function sessionsOf(history: History): Sessions {
  const { columns, clientTable, length } = history;
  const table = new NameTable<string | number>();
  const session = new Int32Array(length);
  for (let row = 0; row < length; row += 1) {
    const client = clientTable.names[columns.client[row] as number] as string | number;
    session[row] = table.numberOf(columns.sessions.get(row) ?? client);
  }
  const { start, end } = timesOf(columns);
  const rows = Int32Array.from({ length }, (_, row) => row).filter((row) => says(columns, row));
  rows.sort(
    (one, other) =>
      (session[one] as number) - (session[other] as number) ||
      (start[one] as number) - (start[other] as number) ||
      compareEnds(end[one] as number, end[other] as number) ||
      one - other,
  );
  return { rows, session, start };
}

/** Infinity is the end of an unknown operation, and its difference to itself no number. */
function compareEnds(one: number, other: number): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
