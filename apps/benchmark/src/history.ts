import type { Operation } from '@dsm/checker';
import { type Columns, kinds, outcomeCode, rowAt } from './load/columns.js';
import { absent } from './load/values.js';

/** Members are slots 0 to 30: the clients of different members get different numbers. */
const members = 32;

/** The recorded rows of all members, as operations to be checked. Values are the numbers that name them. */
export function* historyOf(
  samples: readonly Columns[],
  nameOf: (key: number) => string,
): Generator<Operation> {
  for (const [member, sample] of samples.entries()) {
    for (let row = 0; row < sample.length; row++) yield operationAt(sample, row, member, nameOf);
  }
}

function operationAt(
  sample: Columns,
  place: number,
  member: number,
  nameOf: (key: number) => string,
): Operation {
  const row = rowAt(sample, place);
  const op = kinds[row.kind] as Operation['op'];
  return {
    client: row.client * members + member,
    op,
    key: nameOf(row.key),
    value: row.value === absent ? undefined : row.value,
    expected: row.expected === absent ? undefined : row.expected,
    ...(op === 'cas' && row.outcome !== outcomeCode.unknown && { ok: row.outcome === outcomeCode.ok }),
    start: row.start,
    end: row.outcome === outcomeCode.unknown ? null : row.end,
    ...(row.place > 0 && { order: [row.place, 0, 0] as const }),
  };
}
