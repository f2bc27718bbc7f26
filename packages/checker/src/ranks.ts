import type { Columns } from './columns.js';

type Order = readonly [time: number, slot: number, sequence: number];

/**
 * The places of rows in the recorded total order, from 1 without gaps: by time, then slot, then sequence. Rows of one
 * order have one rank, rows without an order rank 0.
 */
export function ranksOf({ orders }: Columns, rows: Int32Array): Int32Array {
  const ranks = new Int32Array(rows.length);
  if (orders.size === 0) return ranks;
  const ordered: { at: number; order: Order }[] = [];
  rows.forEach((row, at) => {
    const order = orders.get(row);
    if (order !== undefined) ordered.push({ at, order });
  });
  ordered.sort((one, other) => compare(one.order, other.order));
  let rank = 0;
  let before: Order | undefined;
  for (const { at, order } of ordered) {
    if (before === undefined || compare(before, order) !== 0) rank += 1;
    ranks[at] = rank;
    before = order;
  }
  return ranks;
}

function compare(one: Order, other: Order): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}
