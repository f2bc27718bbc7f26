import { Budget } from './budget.js';
import type { Counterexample } from './counterexample.js';
import type { Decision } from './decision.js';
import { History } from './history.js';
import { sharedRank } from './known-order.js';
import type { Operation } from './operation.js';
import { ambiguous, sourcesOf, unwritten } from './precedence.js';
import { type Program, programOf } from './program.js';
import { refusal } from './register.js';
import { sessionsOf } from './sessions.js';
import { explainRows, type RowJudge } from './small-history.js';
import type { Verdict } from './verdict.js';
import { findLoop, recordedSteps, type SessionGuarantee, type Step, stepsOf } from './version-order.js';

export interface SessionsOptions {
  /** What the check may cost, in operations, before it is given up as unknown, and what shrinking may cost. */
  readonly stepsMax?: number;
  /** True when time is up. Asked every few thousand steps. */
  readonly deadline?: () => boolean;
}

/** What `checkSessions` found. */
export interface SessionsReport {
  readonly model: 'sessions';
  /** `unknown` is not a pass: there was nothing that could be checked. */
  readonly verdict: Verdict;
  /** All operations of the history, if it was decided; with those of unknown outcome, which were taken into account. */
  readonly checkedOperations: number;
  /** Keys in the history. */
  readonly keys: number;
  /** Why the verdict is not `legal`. */
  readonly reason?: string;
  /**
   * Guarantees that cannot all hold, whichever order the versions of the key have; one alone is surely broken. Empty
   * when a value was seen that was never written. Present when the verdict is `illegal`.
   */
  readonly broken?: readonly SessionGuarantee[];
  /** Present when the verdict is `illegal`. */
  readonly counterexample?: Counterexample;
}

const stepsMaxUsual = 100_000_000;

/**
 * Whether each session has the four guarantees of Terry and others (Session guarantees for weakly consistent replicated
 * data, PDIS 1994), key by key: some order of the versions of each key, the recorded `order` where there is one, in
 * which no session reads an older version than it wrote or read before, and each version is younger than what its
 * session wrote or read before. A session is a client, unless `session` names it. In O(n log n).
 *
 * What leads from key to key is causal consistency. A value that was read must have been written once, and absent be
 * read only on keys without deletes; else, and after a refused cas, which does not tell what it saw, a history without
 * another fault is `unknown`. So is one in which nothing finished. Throws `HistoryError` when an operation is
 * malformed.
 */
export function checkSessions(
  history: History | Iterable<Operation>,
  options: SessionsOptions = {},
): SessionsReport {
  const recorded = history instanceof History ? history : History.of(history);
  const { stepsMax = stepsMaxUsual, deadline = () => false } = options;
  const summary = { model: 'sessions', keys: recorded.keys.length } as const;
  const { silence } = recorded;
  if (silence !== undefined) return { ...summary, verdict: 'unknown', checkedOperations: 0, reason: silence };
  const sessions = sessionsOf(recorded);
  const judge: RowJudge<SessionsDecision> = (rows, budget) =>
    decideSessions(programOf(recorded, sessions, rows), recorded.keys, budget);
  const found = judge(sessions.rows, new Budget(stepsMax, deadline));
  if (found.verdict === 'unknown') {
    return { ...summary, verdict: 'unknown', checkedOperations: 0, reason: found.reason ?? '' };
  }
  const checkedOperations = recorded.length;
  if (found.verdict === 'legal') return { ...summary, verdict: 'legal', checkedOperations };
  const budget = new Budget(stepsMax, deadline);
  const { decision, counterexample } = explainRows(recorded, sessions, judge, found, budget);
  const blame = { reason: counterexample.reason, broken: decision.broken ?? [], counterexample };
  return { ...summary, verdict: 'illegal', checkedOperations, ...blame };
}

interface SessionsDecision extends Decision {
  readonly broken?: readonly SessionGuarantee[];
}

function decideSessions(program: Program, keys: readonly string[], budget: Budget): SessionsDecision {
  if (!budget.allows(program.size)) return { verdict: 'unknown', reason: budget.spent };
  const sources = sourcesOf(program);
  const unseen = sources.indexOf(unwritten);
  if (unseen >= 0) return illegal(program, 'a value was seen that was never written', [unseen]);
  const shared = sharedRank(program);
  if (shared !== undefined) return illegal(program, shared.reason, shared.events);
  const steps = stepsOf(program, sources);
  const loop = againstOrder(program, steps) ?? findLoop(program.size, [...steps, ...recordedSteps(program)]);
  if (loop !== undefined) return broken(program, loop);
  const nameOf = (event: number): string => JSON.stringify(keys[program.key[event] as number]);
  const unclear = sources.indexOf(ambiguous);
  if (unclear >= 0) {
    const reason = `key ${nameOf(unclear)}: a value was read that several operations may have written`;
    return { verdict: 'unknown', reason };
  }
  const refused = program.kind.indexOf(refusal);
  if (refused >= 0) {
    return { verdict: 'unknown', reason: `key ${nameOf(refused)}: a refused cas does not tell what it saw` };
  }
  return { verdict: 'legal' };
}

/** A step that the recorded order contradicts: the guarantee that asks for it is broken alone. */
function againstOrder({ rank }: Program, steps: readonly Step[]): readonly Step[] | undefined {
  const step = steps.find(({ from, to }) => {
    const [one, other] = [rank[from] ?? 0, rank[to] ?? 0];
    return one > 0 && other > 0 && one > other;
  });
  return step === undefined ? undefined : [step];
}

function broken(program: Program, loop: readonly Step[]): SessionsDecision {
  const guarantees = [...new Set(loop.flatMap(({ guarantee }) => guarantee ?? []))].sort();
  const reason =
    guarantees.length === 1
      ? `${guarantees[0]}: no order of the versions keeps it`
      : `no order of the versions keeps all of: ${guarantees.join(', ')}`;
  const events = loop.flatMap(({ from, to, by }) => (to < 0 ? [from, ...by] : [from, to, ...by]));
  return { ...illegal(program, reason, events), broken: guarantees };
}

function illegal(program: Program, reason: string, events: readonly number[]): SessionsDecision {
  return { verdict: 'illegal', reason, rows: events.map((event) => program.row[event] as number) };
}
