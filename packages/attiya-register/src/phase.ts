import {
  type Key,
  type Members,
  nobody,
  type OperationId,
  only,
  type ReplicaId,
  type Tag,
  type Value,
  vote,
} from '@dsm/core';
import type { Cell } from './cells.js';
import type { Serial, Vector } from './frontier.js';
import type { Confirmation, Message, Queried, Round, Survey } from './messages.js';
import type { Matter } from './surveyor.js';

/** A write that shares a round. */
export interface Write {
  readonly operation: OperationId;
  readonly value: Value;
}

/** Who is asked and who has answered. */
export interface Asked {
  asked: Members;
  votes: Members;
}

/** What is asked about, and where it is here. */
export interface InPhase extends Asked {
  readonly key: Key;
  readonly cell: Cell;
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
  readonly serial: Serial;
  readonly tag: Tag;
  readonly value: Value;
  readonly operations: readonly OperationId[];
  readonly writeBack: boolean;
}

/** A survey for many operations at once: what those have in common who have answered, and how far they have got. */
export interface Surveying extends Asked {
  readonly phase: 'survey';
  readonly about: Survey['about'];
  /** The largest tag that any of them knows. */
  tag: Tag;
  /** The last stores that any of them has seen. */
  reach: Vector;
  /** The stores up to which all others of them have taken in all; undefined until one has answered. */
  common: Vector | undefined;
  readonly reads: readonly Matter[];
  readonly writes: readonly Matter[];
  /** What is here already, and is to be shown to be stored at a majority. */
  readonly unshown: readonly Matter[];
}

/** A member is asked for what it has and this one lacks, part by part. */
export interface Mending extends Asked {
  readonly phase: 'mend';
  readonly since: Vector;
  /** Where the part begins. */
  readonly place: number;
  /** What that member had taken in when it was asked for the first part. */
  readonly taken: Vector | undefined;
  /** So many times longer than usual it is waited for. */
  patience: number;
}

export type Phase = Querying | Probing | Storing | Surveying | Mending;

/** Nobody has joined yet: most rounds end like this, without an array of their own. */
export const none: never[] = [];

/** A read that begins with what is here. */
export function querying(key: Key, cell: Cell, operations: readonly OperationId[], asked: Members): Querying {
  const { tag, value, confirmed } = cell;
  const unasked = { votes: nobody, holding: nobody, asked };
  return { phase: 'query', key, cell, known: tag, operations, ...unasked, tag, value, confirmed };
}

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
  switch (phase.phase) {
    case 'query':
      return { type: 'query', round, key: phase.key, known: phase.known, confirmed };
    case 'probe':
      return { type: 'probe', round, key: phase.key, confirmed };
    case 'survey':
      return { type: 'survey', round, about: phase.about };
    case 'mend':
      return { type: 'mend', round, since: phase.since, place: phase.place };
    case 'store':
      return {
        type: 'store',
        round,
        serial: phase.serial,
        key: phase.key,
        tag: phase.tag,
        value: phase.value,
        writeBack: phase.writeBack,
        confirmed,
      };
  }
}
