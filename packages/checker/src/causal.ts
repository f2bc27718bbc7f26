import { Budget } from './budget.js';
import {
  type BadPattern,
  type Finding,
  findDivergence,
  findInconsistent,
  meanings,
} from './causal-patterns.js';
import type { Counterexample } from './counterexample.js';
import type { Decision } from './decision.js';
import { History } from './history.js';
import type { Operation } from './operation.js';
import { ambiguous, Precedence, sourcesOf } from './precedence.js';
import { type Program, programOf } from './program.js';
import { read, write } from './register.js';
import { sessionsOf } from './sessions.js';
import { explainRows, type RowJudge } from './small-history.js';
import type { Verdict } from './verdict.js';

/**
 * `cc`, causal consistency: each operation is explained by an order of what came causally before it. `ccv`, causal
 * convergence: by one order that all of them share, as when the last writer wins.
 */
export type CausalLevel = 'cc' | 'ccv';

export interface CausalOptions {
  /** The default is `ccv`. */
  readonly level?: CausalLevel;
  /** What the check may cost before it is given up as unknown, and what shrinking may cost. A step is an entry of a
   * vector: there is one for each session and operation at worst. The default is two hundred million. */
  readonly stepsMax?: number;
  /** True when time is up. Asked every few thousand steps. */
  readonly deadline?: () => boolean;
}

/** What `checkCausal` found. */
export interface CausalReport {
  readonly model: 'causal';
  readonly level: CausalLevel;
  /** `unknown` is not a pass: the budget ended, or there was nothing that could be checked. */
  readonly verdict: Verdict;
  /** All operations of the history, if it was decided; with those of unknown outcome, which were taken into account. */
  readonly checkedOperations: number;
  /** Keys in the history. */
  readonly keys: number;
  /** Why the verdict is not `legal`. */
  readonly reason?: string;
  /** The bad pattern by its name in the paper. Present when the verdict is `illegal`. */
  readonly pattern?: BadPattern;
  /** Present when the verdict is `illegal`. */
  readonly counterexample?: Counterexample;
}

const stepsMaxUsual = 200_000_000;

/**
 * Whether a history is causally consistent: whether it is free of the bad patterns of Bouajjani, Enea, Guerraoui and
 * Hamza (On verifying causal consistency, POPL 2017, sections 5 and 6), in O(n · sessions · log n). A session is a
 * client, unless `session` names it; its operations are ordered by their starts. Real time does not matter.
 *
 * A value that was read must have been written once, and absent be read only on keys without deletes: else nobody
 * knows which write was seen, and a history without another fault is `unknown`. So is one with a cas, which has no
 * causal meaning, and one in which nothing finished. Throws `HistoryError` when an operation is malformed.
 */
export function checkCausal(
  history: History | Iterable<Operation>,
  options: CausalOptions = {},
): CausalReport {
  const recorded = history instanceof History ? history : History.of(history);
  const { level = 'ccv', stepsMax = stepsMaxUsual, deadline = () => false } = options;
  const summary = { model: 'causal', level, keys: recorded.keys.length } as const;
  const unknown = (reason: string): CausalReport => ({
    ...summary,
    verdict: 'unknown',
    checkedOperations: 0,
    reason,
  });
  const { silence } = recorded;
  if (silence !== undefined) return unknown(silence);
  const sessions = sessionsOf(recorded);
  const judge: RowJudge<CausalDecision> = (rows, budget) =>
    decideCausal(programOf(recorded, sessions, rows), level, recorded.keys, budget);
  const found = judge(sessions.rows, new Budget(stepsMax, deadline));
  if (found.verdict === 'unknown') return unknown(found.reason ?? '');
  const checkedOperations = recorded.length;
  if (found.verdict === 'legal') return { ...summary, verdict: 'legal', checkedOperations };
  const budget = new Budget(stepsMax, deadline);
  const { decision, counterexample } = explainRows(recorded, sessions, judge, found, budget);
  const { reason } = counterexample;
  const { pattern } = decision;
  const blame = { reason, ...(pattern !== undefined && { pattern }), counterexample };
  return { ...summary, verdict: 'illegal', checkedOperations, ...blame };
}

interface CausalDecision extends Decision {
  readonly pattern?: BadPattern;
}

function decideCausal(
  program: Program,
  level: CausalLevel,
  keys: readonly string[],
  budget: Budget,
): CausalDecision {
  if (program.kind.some((kind) => kind !== read && kind !== write)) {
    return { verdict: 'unknown', reason: 'there is a cas, which has no causal meaning' };
  }
  if (!budget.allows(program.size)) return { verdict: 'unknown', reason: budget.spent };
  const precedence = new Precedence(program, sourcesOf(program));
  const inconsistent = findInconsistent(precedence);
  if (inconsistent !== undefined) return illegal(program, inconsistent);
  budget.allows(precedence.vectors * precedence.threads);
  const divergence = level === 'ccv' && budget.allows(0) ? findDivergence(precedence) : undefined;
  if (divergence !== undefined) return illegal(program, divergence);
  if (!budget.allows(0)) return { verdict: 'unknown', reason: budget.spent };
  const unclear = precedence.sources.indexOf(ambiguous);
  if (unclear >= 0) {
    const key = JSON.stringify(keys[program.key[unclear] as number]);
    return {
      verdict: 'unknown',
      reason: `key ${key}: a value was read that several operations may have written`,
    };
  }
  return { verdict: 'legal' };
}

function illegal({ row }: Program, { pattern, events }: Finding): CausalDecision {
  const rows = events.map((event) => row[event] as number);
  return { verdict: 'illegal', reason: `${meanings[pattern]} (${pattern})`, rows, pattern };
}
