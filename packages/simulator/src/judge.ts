import { checkCausal, checkLinearizable, checkSequential, type Operation, type Verdict } from '@dsm/checker';
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
  causal: (operations) => judgeCausal(operations),
  sequential: (operations) => checkSequential(oneAtATime(operations)),
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

/**
 * Sessions do one thing at a time. Where operations of one session overlap, as those of the many users of a member do,
 * they are of several: each is of the one that has waited the shortest for something to do.
 */
function oneAtATime(operations: readonly Operation[]): Operation[] {
  const busy = new Map<string | number, Operation['end'][]>();
  const ordered = operations.toSorted(
    (one, other) => Number(one.start > other.start) - Number(one.start < other.start),
  );
  return ordered.map((operation) => {
    const name = operation.session ?? operation.client;
    const ends = busy.get(name) ?? [];
    busy.set(name, ends);
    const lane = latestBefore(operation, ends) ?? ends.length;
    ends[lane] = operation.end;
    return { ...operation, session: `${typeof name} ${name} ${lane}` };
  });
}

/**
 * Causal consistency and convergence. A read that found nothing under a key that was deleted may have seen any of the
 * deletes, or none: which one it was cannot be judged, so such reads are left out.
 */
function judgeCausal(operations: readonly Operation[]): Judgement {
  const deleted = new Set(operations.filter(({ op }) => op === 'delete').map(({ key }) => key));
  const telling = operations.filter(
    ({ op, key, value, end }) => op !== 'read' || end === null || value !== undefined || !deleted.has(key),
  );
  return checkCausal(telling);
}

function latestBefore({ start }: Operation, ends: readonly Operation['end'][]): number | undefined {
  let latest: number | undefined;
  for (const [lane, end] of ends.entries()) {
    if (end === null || end >= start) continue;
    if (latest === undefined || end > (ends[latest] ?? 0)) latest = lane;
  }
  return latest;
}
