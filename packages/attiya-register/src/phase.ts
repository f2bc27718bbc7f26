import {
  type Key,
  type Members,
  type OperationId,
  only,
  type ReplicaId,
  type Tag,
  type Value,
  vote,
} from '@dsm/core';
import type { Confirmation, Message, Queried, Round } from './messages.js';

/** What a replica holds of a key. */
export interface Cell {
  tag: Tag;
  value: Value;
  /** A majority is known to store this tag. */
  confirmed: boolean;
  /** While a read round is under way here: the reads that share the next one. */
  reading: OperationId[] | undefined;
  /** While a write round is under way here: the writes that share the next one. */
  writing: Write[] | undefined;
}

/** A write that shares a round. */
export interface Write {
  readonly operation: OperationId;
  readonly value: Value;
}

/** What is asked about, where it is here, who is asked and who has answered. */
export interface InPhase {
  readonly key: Key;
  readonly cell: Cell;
  asked: Members;
  votes: Members;
}

/** The first phase of a read: who has answered, and the largest pair seen. */
export interface Querying extends InPhase {
  readonly phase: 'query';
  readonly known: Tag;
  readonly operations: readonly OperationId[];
  /** Those of whom it is known that they store the largest tag. */
  holding: Members;
  tag: Tag;
  value: Value;
  confirmed: boolean;
}

/** The first phase of a write: who has answered, and the largest tag seen. */
export interface Probing extends InPhase {
  readonly phase: 'probe';
  readonly writes: readonly Write[];
  tag: Tag;
}

/** The second phase of both: who stores the pair. */
export interface Storing extends InPhase {
  readonly phase: 'store';
  readonly tag: Tag;
  readonly value: Value;
  readonly operations: readonly OperationId[];
  readonly writeBack: boolean;
}

export type Phase = Querying | Probing | Storing;

/** Takes in an answer: a larger pair replaces what was seen, an equal tag is one more holder of it. */
export function absorb(querying: Querying, from: ReplicaId, { tag, value, confirmed }: Queried): void {
  if (tag > querying.tag && value !== undefined) {
    querying.tag = tag;
    querying.value = value;
    querying.confirmed = confirmed;
    querying.holding = only(from);
  } else if (tag === querying.tag) {
    querying.confirmed ||= confirmed;
    querying.holding = vote(querying.holding, from);
  }
}

/** What a phase asks of every member. */
export function request(round: Round, phase: Phase, confirmed: readonly Confirmation[]): Message {
  const { key } = phase;
  switch (phase.phase) {
    case 'query':
      return { type: 'query', round, key, known: phase.known, confirmed };
    case 'probe':
      return { type: 'probe', round, key, confirmed };
    case 'store':
      return {
        type: 'store',
        round,
        key,
        tag: phase.tag,
        value: phase.value,
        writeBack: phase.writeBack,
        confirmed,
      };
  }
}
