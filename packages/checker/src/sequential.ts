import { Blame } from './blame.js';
import { Budget } from './budget.js';
import type { Counterexample } from './counterexample.js';
import type { Decision } from './decision.js';
import { History } from './history.js';
import { findMisplaced, isOrdered, sharedRank } from './known-order.js';
import type { Operation } from './operation.js';
import { Precedence, sourcesOf, unwritten } from './precedence.js';
import { type Program, programOf } from './program.js';
import { saturate } from './saturation.js';
import { searchOrder } from './sequential-search.js';
import { sessionsOf } from './sessions.js';
import { explainRows, type RowJudge } from './small-history.js';
import type { Verdict } from './verdict.js';

export interface SequentialOptions {
  /**
   * What the check may cost before it is given up as unknown, and what shrinking may cost. A step is about a thread
   * looked at; the default is a hundred million.
   */
  readonly stepsMax?: number;
  /** True when time is up. Asked every few thousand steps. */
  readonly deadline?: () => boolean;
}

/** What `checkSequential` found. */
export interface SequentialReport {
  readonly model: 'sequential';
  /** `unknown` is not a pass: the budget ended, or there was nothing to check. */
  readonly verdict: Verdict;
  /** All operations of the history, if it was decided; with those of unknown outcome, which were taken into account. */
  readonly checkedOperations: number;
  /** Keys in the history. */
  readonly keys: number;
  /** Why the verdict is not `legal`. */
  readonly reason?: string;
  /** Present when the verdict is `illegal`. */
  readonly counterexample?: Counterexample;
}

const stepsMaxUsual = 100_000_000;

/**
 * Whether there is one order of all operations, on all keys together, that keeps the order of each session and
 * explains all results (Lamport, IEEE Transactions on Computers C-28, 1979). Real time does not matter. A session is a
 * client, unless `session` names it; its operations are ordered by their starts. Where all writes have a recorded
 * `order`, it must be that one; where some have, it must agree with it.
 *
 * A history in which nothing finished proves nothing, and is `unknown`. Throws `HistoryError` when an operation is
 * malformed.
 */
export function checkSequential(
  history: History | Iterable<Operation>,
  options: SequentialOptions = {},
): SequentialReport {
  const recorded = history instanceof History ? history : History.of(history);
  const { stepsMax = stepsMaxUsual, deadline = () => false } = options;
  const summary = { model: 'sequential', keys: recorded.keys.length } as const;
  if (!recorded.hasFinished()) {
    const reason = recorded.length === 0 ? 'the history is empty' : 'no operation has a known outcome';
    return { ...summary, verdict: 'unknown', checkedOperations: 0, reason };
  }
  const sessions = sessionsOf(recorded);
  const judge: RowJudge = (rows, budget) => decideSequential(programOf(recorded, sessions, rows), budget);
  const found = judge(sessions.rows, new Budget(stepsMax, deadline));
  if (found.verdict === 'unknown') {
    return { ...summary, verdict: 'unknown', checkedOperations: 0, reason: found.reason ?? '' };
  }
  const checkedOperations = recorded.length;
  if (found.verdict === 'legal') return { ...summary, verdict: 'legal', checkedOperations };
  const budget = new Budget(stepsMax, deadline);
  const { counterexample } = explainRows(recorded, sessions, judge, found, budget);
  return { ...summary, verdict: 'illegal', checkedOperations, reason: counterexample.reason, counterexample };
}

/** Whether a program is sequentially consistent: by its recorded order when it has one, otherwise by searching. */
export function decideSequential(program: Program, budget: Budget): Decision {
  if (!budget.allows(program.size >> 3)) return { verdict: 'unknown', reason: budget.spent };
  const sources = sourcesOf(program);
  const unseen = sources.indexOf(unwritten);
  if (unseen >= 0) return illegal(program, 'a value was seen that was never written', [unseen]);
  const misplaced = isOrdered(program) ? findMisplaced(program) : sharedRank(program);
  if (misplaced !== undefined) return illegal(program, misplaced.reason, misplaced.events);
  if (isOrdered(program)) return { verdict: 'legal' };
  const precedence = new Precedence(program, sources);
  chain(precedence);
  const cycle = saturate(precedence, budget);
  if (cycle !== undefined) {
    const events = new Blame(precedence).cycle(cycle).events;
    return illegal(program, 'some of these operations would have to come before themselves', [...events]);
  }
  const verdict = budget.allows(0) ? searchOrder(precedence, budget) : 'unknown';
  if (verdict === 'legal') return { verdict };
  if (verdict === 'unknown') return { verdict, reason: budget.spent ?? 'undecided: too many frontiers' };
  return {
    verdict,
    reason: 'no order of these operations keeps that of each session and explains all results',
  };
}

/** What surely happened at recorded places happened in their order. */
function chain(precedence: Precedence): void {
  const { rank, optional } = precedence.program;
  const ordered = [...rank.keys()].filter((at) => (rank[at] as number) > 0 && optional[at] === 0);
  ordered.sort((one, other) => (rank[one] as number) - (rank[other] as number));
  ordered.forEach((event, at) => {
    if (at > 0) precedence.add(ordered[at - 1] as number, event);
  });
}

function illegal(program: Program, reason: string, events: readonly number[]): Decision {
  return { verdict: 'illegal', reason, rows: events.map((event) => program.row[event] as number) };
}
