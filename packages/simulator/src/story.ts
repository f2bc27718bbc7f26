import type { ReplicaId } from '@dsm/core';

/** What happened in a run, in order: what a space-time diagram is drawn from. */
export interface Story {
  /** Their names, by slot. */
  readonly members: readonly string[];
  readonly moments: readonly Moment[];
}

/**
 * One thing that happened. `flight` is a number that a message has from its sending to its end: a flight that is
 * received twice was duplicated, one that is neither received nor lost was still under way when the story ends.
 */
export type Moment =
  | { readonly kind: 'invoke'; readonly at: ReplicaId; readonly operation: number; readonly label: string }
  | { readonly kind: 'return'; readonly at: ReplicaId; readonly operation: number; readonly label: string }
  | {
      readonly kind: 'send';
      readonly at: ReplicaId;
      readonly to: ReplicaId;
      readonly flight: number;
      readonly label: string;
    }
  | { readonly kind: 'receive'; readonly at: ReplicaId; readonly from: ReplicaId; readonly flight: number }
  | { readonly kind: 'lose'; readonly flight: number }
  /** A crash, a pause, a restart, a timer, a view. `ends`: the member does nothing any more. */
  | {
      readonly kind: 'event';
      readonly at: ReplicaId;
      readonly label: string;
      readonly ends?: boolean | undefined;
    };
