/** What an operation was, as the history file names it. */
export const kinds = ['read', 'write', 'cas', 'delete'] as const;
export type Kind = (typeof kinds)[number];
export const kindCode = { read: 0, write: 1, cas: 2, delete: 3 } as const satisfies Record<Kind, number>;

/** How an operation ended; what surely had no effect is not recorded. */
export const outcomeCode = { ok: 0, unequal: 1, unknown: 2 } as const;

/** One recorded operation. */
export interface Row {
  readonly kind: number;
  readonly outcome: number;
  /** Part of the measured phase, and completed. */
  readonly measured: boolean;
  readonly client: number;
  readonly key: number;
  /** The value written or read. */
  readonly value: number;
  /** What a compare-and-swap expected. */
  readonly expected: number;
  readonly start: number;
  /** Infinity when the outcome is unknown. */
  readonly end: number;
  /** Of a change: its place in the order of all changes; 0 where that is not known. */
  readonly place: number;
}

/** Rows as columns of numbers: no object per row, nothing for the garbage collector to visit. */
export interface Columns {
  readonly length: number;
  /** kind + 4 × outcome + 16 × measured */
  readonly tags: Uint8Array;
  readonly clients: Uint32Array;
  readonly keys: Float64Array;
  readonly values: Float64Array;
  readonly expected: Float64Array;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly places: Float64Array;
}

export function emptyColumns(length: number): Columns {
  return {
    length,
    tags: new Uint8Array(length),
    clients: new Uint32Array(length),
    keys: new Float64Array(length),
    values: new Float64Array(length),
    expected: new Float64Array(length),
    starts: new Float64Array(length),
    ends: new Float64Array(length),
    places: new Float64Array(length),
  };
}

export function tagOf(kind: number, outcome: number, measured: boolean): number {
  return kind | (outcome << 2) | (measured ? 16 : 0);
}

export function isMeasured(tag: number): boolean {
  return (tag & 16) !== 0;
}

/** The row at a place, as an object. */
export function rowAt(columns: Columns, row: number): Row {
  const tag = columns.tags[row] as number;
  return {
    kind: tag & 3,
    outcome: (tag >> 2) & 3,
    measured: isMeasured(tag),
    client: columns.clients[row] as number,
    key: columns.keys[row] as number,
    value: columns.values[row] as number,
    expected: columns.expected[row] as number,
    start: columns.starts[row] as number,
    end: columns.ends[row] as number,
    place: columns.places[row] as number,
  };
}
