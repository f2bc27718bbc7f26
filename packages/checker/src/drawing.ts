import type { Operation } from './operation.js';
import { canonicalText, type Json } from './value.js';

const valueLengthMax = 16;

/** An operation as it is drawn: on a row of its client, from one column to another. */
interface Bar {
  readonly operation: Operation;
  readonly label: string;
  left: number;
  right: number;
}

/**
 * A drawing of a history for people: a row for each client, time from left to right, and each operation from its
 * start to its end. Only the order of times is kept. An operation of unknown outcome runs into the right edge.
 *
 * ```
 * a │ [write 1]           [read 1]
 * b │           [write 2   ]
 * c │            [read 2]
 * ```
 */
export function renderHistory(operations: Iterable<Operation>): string {
  const bars = [...operations].map((operation) => ({
    operation,
    label: labelOf(operation),
    left: 0,
    right: 0,
  }));
  const keys = new Set(bars.map(({ operation }) => operation.key));
  if (keys.size > 1) for (const bar of bars) bar.label = `${bar.operation.key}: ${bar.label}`;
  const width = layOut(bars);
  const rows = rowsOf(bars);
  const margin = rows.reduce((widest, { name }) => Math.max(widest, name.length), 0);
  const lines = rows.map(({ name, row }) => `${name.padEnd(margin)} │ ${drawn(row, width)}`.trimEnd());
  return lines.join('\n');
}

/** Gives the bars their columns, wide enough for their labels. The column after the last. */
function layOut(bars: readonly Bar[]): number {
  const moments = [
    ...bars.map((bar) => ({ bar, time: bar.operation.start, ends: false })),
    ...bars.flatMap((bar) =>
      bar.operation.end === null ? [] : [{ bar, time: bar.operation.end, ends: true }],
    ),
  ];
  // Starts before ends on ties, as the checker has it: bars that touch in time overlap in the drawing.
  moments.sort((one, other) => compare(one.time, other.time) || Number(one.ends) - Number(other.ends));
  let column = 0;
  let before: (typeof moments)[number] | undefined;
  for (const moment of moments) {
    const together = before !== undefined && before.ends === moment.ends && before.time === moment.time;
    if (before !== undefined && !together) column += before.ends && !moment.ends ? 2 : 1;
    if (moment.ends) column = Math.max(column, moment.bar.left + moment.bar.label.length + 1);
    if (moment.ends) moment.bar.right = column;
    else moment.bar.left = column;
    before = moment;
  }
  const pending = bars.filter(({ operation }) => operation.end === null);
  const edge = pending.reduce(
    (right, { left, label }) => Math.max(right, left + label.length + 2),
    column + 1,
  );
  for (const bar of pending) bar.right = edge;
  return edge + 1;
}

/** The bars by client, in the order of their names; a client that overlaps itself has several rows. */
function rowsOf(bars: readonly Bar[]): { name: string; row: Bar[] }[] {
  const rows: { name: string; row: Bar[] }[] = [];
  const sorted = [...bars].sort((one, other) => one.left - other.left);
  for (const bar of sorted) {
    const name = String(bar.operation.client);
    const free = rows.find((each) => each.name === name && (each.row.at(-1)?.right ?? -1) < bar.left);
    if (free === undefined) rows.push({ name, row: [bar] });
    else free.row.push(bar);
  }
  return rows.sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));
}

function drawn(row: readonly Bar[], width: number): string {
  let line = '';
  for (const { operation, label, left, right } of row) {
    line = `${line.padEnd(left)}[`;
    line +=
      operation.end === null
        ? `${label} ?`.padEnd(width - left - 1, '·')
        : `${label.padEnd(right - left - 1)}]`;
  }
  return line;
}

function labelOf({ op, value, expected, ok, end }: Operation): string {
  if (op === 'delete') return 'delete';
  if (op === 'read') return end === null ? 'read' : `read ${short(value)}`;
  if (op === 'write') return `write ${short(value)}`;
  return `cas ${short(expected)}→${short(value)}${end !== null && ok === false ? ' refused' : ''}`;
}

function short(value: Json | undefined): string {
  if (value === undefined) return 'absent';
  const text = canonicalText(value);
  return text.length > valueLengthMax ? `${text.slice(0, valueLengthMax - 1)}…` : text;
}

function compare(one: bigint | number, other: bigint | number): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
