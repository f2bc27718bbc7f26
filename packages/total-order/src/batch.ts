import {
  type Members,
  noTag,
  type OperationId,
  type RawVersion,
  type ReplicaId,
  slotOf,
  tagOf,
  timeOf,
} from '@dsm/core';
import type { BatchNumber, Command } from './messages.js';

/** A time that a subscriber proposed. */
export interface Proposal {
  readonly member: ReplicaId;
  readonly time: number;
}

/** Where a batch stands in the order: by time, then by the slot of its initiator, then by its number there. */
export interface Place {
  readonly time: number;
  readonly initiator: ReplicaId;
  readonly number: BatchNumber;
}

/**
 * How far a batch has come at this member. `proposed`: under a proposal of this member. `final`: its time is known, and
 * not yet that enough others know it. `stable`: it may be delivered, once it is the first of all.
 */
export type Stage = 'proposed' | 'final' | 'stable' | 'delivered';

/** Commands of one initiator to one group of subscribers that are ordered as one, one behind the other. */
export interface Batch extends Place {
  readonly group: Members;
  readonly commands: readonly Command[];
  /** All that are known here. */
  readonly proposals: Proposal[];
  stage: Stage;
  /** The proposal of this member until it is final; then the largest of all. */
  time: number;
  /** At the initiator: who has answered; once it is final, who stores that. */
  votes: Members;
  /** Once it is delivered, by command: whether it was applied. A swap that found another value was not. */
  verdicts: readonly boolean[];
}

/** A batch of this member that has no final time yet. Until it is sent, commands may join. */
export interface Draft {
  readonly number: BatchNumber;
  readonly group: Members;
  readonly commands: Command[];
  readonly operations: OperationId[];
  /** Of the values that its commands write, and compare with. */
  bytes: number;
  /** Once it was sent. */
  batch: Batch | undefined;
}

/** The same comparison before and after a time is final. */
export function precedes(one: Place, other: Place): boolean {
  if (one.time !== other.time) return one.time < other.time;
  if (one.initiator !== other.initiator) return one.initiator < other.initiator;
  return one.number < other.number;
}

/** Names the write that a command of a batch did: of the first one a tag, of the others the tag and their index. */
export function versionOf({ time, initiator }: Place, index: number): RawVersion {
  const tag = tagOf(time, initiator);
  return index === 0 ? tag : `${tag}.${index}`;
}

/**
 * Where a write stands in the one order of all writes: time, slot of its initiator, index in its batch, to be compared
 * in this order. `version` is what `write` gave; of a delete that is '', which tells nothing: undefined.
 */
export function placeOf(
  version: RawVersion,
): readonly [time: number, slot: ReplicaId, index: number] | undefined {
  if (version === '') return undefined;
  const [tag = noTag, index = 0] = String(version).split('.').map(Number);
  return [timeOf(tag), slotOf(tag), index];
}

/** Puts a batch into a queue that is in order. Most belong near the end. */
export function insert(queue: Batch[], batch: Batch): void {
  let at = queue.length;
  while (at > 0 && precedes(batch, queue[at - 1] as Batch)) at -= 1;
  queue.splice(at, 0, batch);
}

/** The batch of an initiator in a queue. */
export function find(queue: readonly Batch[], initiator: ReplicaId, number: BatchNumber): Batch | undefined {
  return queue.find((batch) => batch.number === number && batch.initiator === initiator);
}
