import { Budget } from './budget.js';
import { explain, type KeyCounterexample } from './counterexample.js';
import { decide } from './decision.js';
import { History } from './history.js';
import type { Operation } from './operation.js';
import { registersOf } from './register.js';
import type { Verdict } from './verdict.js';

export interface LinearizableOptions {
  /**
   * What the search on one key may cost before it is given up as unknown, and what shrinking may cost. A step is an
   * operation looked at; ten million (the default) take some ten seconds and 200 MB at worst.
   */
  readonly stepsMax?: number;
  /** True when time is up. Asked every few thousand steps. */
  readonly deadline?: () => boolean;
}

/** What `checkLinearizable` found. */
export interface LinearizableReport {
  readonly model: 'linearizable';
  /** `unknown` is not a pass: the budget ended, or there was nothing to check. Illegal if one key is. */
  readonly verdict: Verdict;
  /** Operations on keys that were decided; with those of unknown outcome, which were taken into account. */
  readonly checkedOperations: number;
  /** Keys in the history. */
  readonly keys: number;
  /** Why the verdict is not `legal`. */
  readonly reason?: string;
  /** Present when the verdict is `illegal`. */
  readonly counterexample?: KeyCounterexample;
}

const stepsMaxUsual = 10_000_000;

/**
 * Whether every operation seems to take effect at one moment between its start and its end (Herlihy and Wing,
 * ACM TOPLAS 12, 1990), each key being a register that holds absent at first, with read, write, delete and cas.
 * Operations that touch in time are concurrent. A history in which nothing finished proves nothing, and is `unknown`.
 * Throws `HistoryError` when an operation is malformed.
 */
export function checkLinearizable(
  history: History | Iterable<Operation>,
  options: LinearizableOptions = {},
): LinearizableReport {
  const recorded = history instanceof History ? history : History.of(history);
  const { stepsMax = stepsMaxUsual, deadline = () => false } = options;
  const summary = { model: 'linearizable', keys: recorded.keys.length } as const;
  const { silence } = recorded;
  if (silence !== undefined) return { ...summary, verdict: 'unknown', checkedOperations: 0, reason: silence };
  let checkedOperations = 0;
  let reason: string | undefined;
  for (const { key, operations, register } of registersOf(recorded)) {
    const decision = decide(register, new Budget(stepsMax, deadline));
    if (decision.verdict === 'unknown') {
      reason ??= `key ${JSON.stringify(key)}: ${decision.reason}`;
      continue;
    }
    checkedOperations += operations;
    if (decision.verdict === 'legal') continue;
    const counterexample = explain(recorded, register, decision, () => new Budget(stepsMax, deadline));
    const blame = `key ${JSON.stringify(key)}: ${counterexample.reason}`;
    return { ...summary, verdict: 'illegal', checkedOperations, reason: blame, counterexample };
  }
  if (reason !== undefined) return { ...summary, verdict: 'unknown', checkedOperations, reason };
  return { ...summary, verdict: 'legal', checkedOperations };
}
