import { checkLinearizable, type Operation, type Verdict } from '@dsm/checker';
import type { Guarantees } from '@dsm/core';

export type Consistency = Guarantees['consistency'];

/** What a checker found, and why where it is not `legal`. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly reason?: string | undefined;
}

/** Nothing here can judge a history by the consistency that a protocol promises. */
export class UnjudgedError extends Error {
  override readonly name = 'UnjudgedError';
  readonly consistency: Consistency;

  constructor(consistency: Consistency) {
    super(`no checker for ${consistency} histories`);
    this.consistency = consistency;
  }
}

type Checker = (operations: readonly Operation[]) => Judgement;

const checkers: Partial<Record<Consistency, Checker>> = {
  linearizable: (operations) => checkLinearizable(operations),
  none: () => ({ verdict: 'legal' }),
};

/**
 * Judges a history by the model that a protocol promises; where it promises none, every history is legal. Throws
 * `UnjudgedError` for a model without a checker, and `HistoryError` of the checker for a malformed operation.
 */
export function judgeHistory(consistency: Consistency, operations: readonly Operation[]): Judgement {
  return checkerOf(consistency)(operations);
}

/** Throws `UnjudgedError` where `judgeHistory` would: asked before a long run, and not at its first answer. */
export function checkerOf(consistency: Consistency): Checker {
  const checker = checkers[consistency];
  if (checker === undefined) throw new UnjudgedError(consistency);
  return checker;
}
