import type { Key, RawEntry } from '@dsm/core';
import type { Batch, Place, Proposal } from './batch.js';
import type { Command } from './messages.js';

/** What the next view must know of a batch. */
export interface SealedBatch extends Place {
  readonly commands: readonly Command[];
  /** All that are known to this member. */
  readonly proposals: readonly Proposal[];
  /** Whether `time` is final. */
  readonly final: boolean;
  /** Where it was delivered: by command, whether it was applied. */
  readonly verdicts: readonly boolean[] | undefined;
}

/** What the next view must know of a member. */
export interface Sealed {
  readonly clock: number;
  /** Versions are places in the order. */
  readonly entries: readonly (readonly [key: Key, entry: RawEntry])[];
  /** Those that wait for their delivery here, and those that others may still wait for. */
  readonly batches: readonly SealedBatch[];
}

export function sealed({
  stage,
  time,
  initiator,
  number,
  commands,
  proposals,
  verdicts,
}: Batch): SealedBatch {
  return {
    time,
    initiator,
    number,
    commands,
    proposals: [...proposals],
    final: stage !== 'proposed',
    verdicts: stage === 'delivered' ? verdicts : undefined,
  };
}
