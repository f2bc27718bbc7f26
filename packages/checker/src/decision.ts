import type { Budget } from './budget.js';
import { type Conflict, findUnreadable } from './conflict.js';
import { reduce } from './reduction.js';
import type { Register } from './register.js';
import { searchLinearization } from './search.js';
import type { Verdict } from './verdict.js';
import { findConflict, hasZones } from './zones.js';

/** The verdict on one register, and the rows of the history that are to blame, where the checker knows them. */
export interface Decision {
  readonly verdict: Verdict;
  readonly reason?: string | undefined;
  readonly rows?: readonly number[];
}

/** Whether a register is linearizable: by its zones when it has them, otherwise by searching. */
export function decide(register: Register, budget: Budget): Decision {
  if (!budget.allows(0)) return { verdict: 'unknown', reason: budget.spent };
  const reduced = reduce(register);
  if (hasZones(reduced)) return decisionOn(reduced, findConflict(reduced));
  const conflict = findUnreadable(reduced);
  if (conflict !== undefined) return decisionOn(reduced, conflict);
  const verdict = searchLinearization(reduced, budget);
  if (verdict === 'illegal')
    return { verdict, reason: 'no order of these operations explains all their results' };
  return verdict === 'unknown' ? { verdict, reason: budget.spent } : { verdict };
}

function decisionOn(register: Register, conflict: Conflict | undefined): Decision {
  if (conflict === undefined) return { verdict: 'legal' };
  const rows = conflict.places.map((at) => register.row[at] as number);
  return { verdict: 'illegal', reason: conflict.reason, rows };
}
