import type { Budget } from './budget.js';
import type { Counterexample } from './counterexample.js';
import type { Decision } from './decision.js';
import type { History } from './history.js';
import { minimise } from './minimise.js';
import { draftOf } from './program.js';
import { RowRemoval } from './row-removal.js';
import type { Sessions } from './sessions.js';

/** How a model judges some rows of a history, which stand in the order of its sessions. */
export type RowJudge<Found extends Decision> = (rows: Int32Array, budget: Budget) => Found;

/** An attempt to shrink may cost this part of what the whole shrinking may. */
const attemptShare = 16;

/** The counter-example in a history that was found illegal, and the decision on it. */
export function explainRows<Found extends Decision>(
  history: History,
  sessions: Sessions,
  judge: RowJudge<Found>,
  found: Found,
  budget: Budget,
): { decision: Found; counterexample: Counterexample } {
  const verdictOn = (rows: Int32Array): Found => {
    const attempt = budget.slice(Math.ceil(budget.total / attemptShare));
    const decision = judge(rows, attempt);
    budget.allows(attempt.used + 1 + (rows.length >> 3));
    return decision;
  };
  const blamed = Int32Array.from(rowsAmong(sessions.rows, found.rows ?? []));
  // What the checker blames is a guess: it may lack what the conclusion came from.
  const illegalAlone = blamed.length > 0 && verdictOn(blamed).verdict === 'illegal';
  const rows = illegalAlone ? blamed : sessions.rows;
  const removal = new RowRemoval(draftOf(history, sessions, rows));
  const chosen = (places: readonly number[]): Int32Array =>
    Int32Array.from(places, (at) => rows[at] as number);
  const places = minimise({
    size: rows.length,
    remove: (kept, leaving) => removal.remove(kept, leaving),
    illegal: (left) => verdictOn(chosen(left)).verdict === 'illegal',
    spent: () => budget.spent !== undefined,
  });
  const left = chosen(places);
  const last = verdictOn(left);
  const decision = last.verdict === 'illegal' ? last : found;
  const { start } = sessions;
  const sorted = [...left].sort(
    (one, other) => (start[one] as number) - (start[other] as number) || one - other,
  );
  const operations = sorted.map((row) => history.operation(row));
  return { decision, counterexample: { reason: decision.reason ?? '', operations } };
}

function rowsAmong(rows: Int32Array, wanted: readonly number[]): Int32Array {
  const set = new Set(wanted);
  return rows.filter((row) => set.has(row));
}
