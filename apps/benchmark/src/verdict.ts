import { checkCausal, checkLinearizable, checkSequential, type Operation, renderHistory } from '@dsm/checker';
import type { Guarantees } from '@dsm/core';
import { historyOf } from './history.js';
import { type Columns, isMeasured } from './load/columns.js';
import { sampleMin } from './load/recorder.js';
import type { RunVerdict } from './run.js';

/** What was found about a history. */
export interface Judgement {
  readonly verdict: RunVerdict;
  /** Measured operations among those that were checked. */
  readonly checkedOperations: number;
  /** Keys of which all members held the same in the end. */
  readonly convergedKeys?: number | undefined;
  readonly reason?: string | undefined;
}

interface Finding {
  readonly verdict: Exclude<RunVerdict, 'unchecked'>;
  readonly checkedOperations: number;
  readonly reason?: string | undefined;
}

type Promised = Exclude<Guarantees['consistency'], 'none'>;

/** Consistency → its checker. */
const checkers: Record<Promised, (operations: Iterable<Operation>) => Finding> = {
  causal: (operations) => found(checkCausal(operations, { deadline: deadline() })),
  linearizable: (operations) => found(checkLinearizable(operations, { deadline: deadline() })),
  sequential: (operations) => found(checkSequential(operations, { deadline: deadline() })),
};

/** How long checking one run may take. */
const limitMs = 30_000;
/** More than this is not checked where less is enough. */
const sampleMax = 400_000;

/**
 * The level to be checked of members that have so many measured operations at each level and are at these levels
 * themselves: no lower than any, as high as it takes, but never with fewer operations than the least sample.
 */
export function levelToCheck(
  counts: readonly (readonly number[])[],
  memberLevels: readonly number[],
): number {
  const total = (level: number): number => counts.reduce((sum, member) => sum + (member[level] ?? 0), 0);
  let level = Math.max(0, ...memberLevels);
  while (total(level) > sampleMax && total(level + 1) >= sampleMin) level += 1;
  return level;
}

/** Judges the samples of all members by what the system promises. */
export function judge(
  samples: readonly Columns[],
  consistency: Guarantees['consistency'],
  nameOf: (key: number) => string,
): Judgement {
  if (consistency === 'none')
    return { verdict: 'unchecked', checkedOperations: 0, reason: 'nothing is promised' };
  const checker = checkers[consistency];
  let measured = 0;
  for (const { tags } of samples) for (const tag of tags) if (isMeasured(tag)) measured += 1;
  const { verdict, checkedOperations, reason } = checker(historyOf(samples, nameOf));
  return { verdict, checkedOperations: Math.min(measured, checkedOperations), reason };
}

function deadline(): () => boolean {
  const end = performance.now() + limitMs;
  return () => performance.now() > end;
}

function found(
  report: ReturnType<typeof checkCausal | typeof checkLinearizable | typeof checkSequential>,
): Finding {
  const { verdict, checkedOperations, reason, counterexample } = report;
  if (counterexample === undefined) return { verdict, checkedOperations, reason };
  return { verdict, checkedOperations, reason: `${reason}\n${renderHistory(counterexample.operations)}` };
}
