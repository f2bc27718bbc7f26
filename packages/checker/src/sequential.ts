import { Blame } from './blame.js';
import { Budget } from './budget.js';
import type { Counterexample } from './counterexample.js';
import type { Decision } from './decision.js';
import { History } from './history.js';
import { findMisplaced, isOrdered, sharedRank } from './known-order.js';
import type { Operation } from './operation.js';
import { Precedence, sourcesOf, unwritten } from './precedence.js';
import { type Program, programOf } from './program.js';
import { Saturation } from './saturation.js';
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
const fewPasses = 4;
const manyPasses = 40;
/** What a search that hardly errs spends on an event, and on every fourth thread. */
const straightSteps = 4;

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
  const { silence } = recorded;
  if (silence !== undefined) return { ...summary, verdict: 'unknown', checkedOperations: 0, reason: silence };
  const sessions = sessionsOf(recorded);
  const judge: RowJudge<Decision> = (rows, budget) =>
    decideSequential(programOf(recorded, sessions, rows), budget);
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
function decideSequential(program: Program, budget: Budget): Decision {
  if (!budget.allows(program.size >> 3)) return { verdict: 'unknown', reason: budget.spent };
  const sources = sourcesOf(program);
  const unseen = sources.indexOf(unwritten);
  if (unseen >= 0) return illegal(program, 'a value was seen that was never written', [unseen]);
  const misplaced = isOrdered(program) ? findMisplaced(program) : sharedRank(program);
  if (misplaced !== undefined) return illegal(program, misplaced.reason, misplaced.events);
  if (isOrdered(program)) return { verdict: 'legal' };
  const precedence = new Precedence(program, sources);
  chain(precedence);
  return concludeAndSearch(precedence, budget);
}

/** After a few passes most histories need hardly any search; only when that gets lost is the rest concluded. */
function concludeAndSearch(precedence: Precedence, budget: Budget): Decision {
  const { program } = precedence;
  const saturation = new Saturation(precedence);
  for (const passes of [fewPasses, manyPasses]) {
    const cycle = saturation.advance(passes, budget);
    if (cycle !== undefined) {
      const { events } = new Blame(precedence).cycle(cycle);
      return illegal(program, 'some of these operations would have to come before themselves', [...events]);
    }
    if (!budget.allows(0)) break;
    const last = saturation.complete || passes === manyPasses;
    const share = last
      ? budget
      : budget.slice(straightSteps * program.size * (1 + (precedence.threads >> 2)));
    const verdict = searchOrder(precedence, share);
    if (share !== budget) budget.allows(share.used);
    if (verdict === 'legal') return { verdict };
    if (verdict === 'illegal') {
      return {
        verdict,
        reason: 'no order of these operations keeps that of each session and explains all results',
      };
    }
    if (last) break;
  }
  return { verdict: 'unknown', reason: budget.spent ?? 'undecided: too many frontiers' };
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
