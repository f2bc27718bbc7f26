import { columnsOf } from './label.js';
import type { Arrow, Row } from './row.js';

/** The fewest columns of a lane: room for a lifeline, a number and an arrow's head. */
export const laneMin = 8;

/** Where the lifelines stand: the lane of a member is its lifeline and what is to the right of it. */
export interface Lanes {
  /** The column of each lifeline, and at last the column after the last lane. */
  readonly edges: readonly number[];
}

/** Lanes as wide as what stands in them; when that is too wide altogether, the widest are narrowed. */
export function lanesOf(names: readonly string[], rows: readonly Row[], left: number, width: number): Lanes {
  const wanted = names.map((name) => Math.max(laneMin, columnsOf(name).length + 2));
  for (const { arrow, text } of rows) {
    if (text !== undefined) ask(wanted, text.at, columnsOf(text.words).length + 3);
    if (arrow !== undefined) ask(wanted, laneOf(arrow), arrowColumns(arrow));
  }
  const cap = capOf(wanted, Math.max(width - left, names.length * laneMin));
  const edges = [left];
  for (const columns of wanted) edges.push((edges.at(-1) ?? left) + Math.min(columns, cap));
  return { edges };
}

/** The lane in which an arrow is labelled: the one it leaves its sender by. */
export function laneOf({ from, to }: Arrow): number {
  return from < to ? from : from - 1;
}

function ask(wanted: number[], lane: number, columns: number): void {
  wanted[lane] = Math.max(wanted[lane] ?? 0, columns);
}

/** A lifeline, a stretch of the arrow, the label between spaces, and the arrow's end. */
function arrowColumns({ label, since }: Arrow): number {
  const origin = since === undefined ? 0 : sinceText(since).length + 2;
  return 1 + origin + 1 + columnsOf(label).length + 2 + 4;
}

export function sinceText(since: number): string {
  return `↑${since}`;
}

/** The greatest width that lets all lanes fit which are cut down to it. */
function capOf(wanted: readonly number[], available: number): number {
  let left = available;
  let lanes = wanted.length;
  for (const columns of [...wanted].sort((one, other) => one - other)) {
    if (columns * lanes > left) return Math.floor(left / lanes);
    left -= columns;
    lanes -= 1;
  }
  return Number.POSITIVE_INFINITY;
}
