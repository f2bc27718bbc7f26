import type { Members, ReplicaId } from './members.js';
import type { Key, OperationId, RawVersion, Replica, Result } from './protocol.js';

/** A message that was sent and has not been received. */
export interface Flight<Message = unknown> {
  readonly from: ReplicaId;
  readonly to: ReplicaId;
  readonly message: Message;
}

export type OperationName = 'read' | 'write' | 'swap';

/** An operation that has ended. */
export interface Ended {
  readonly at: ReplicaId;
  readonly operation: OperationId;
  readonly name: OperationName;
  readonly key: Key;
  readonly result: Result;
}

/** A property that does not hold, by its name, and what was seen instead. */
export interface Fault {
  readonly property: string;
  readonly detail: string;
}

/** Everything there is to see of a group between two events. */
export interface Sight<Message = unknown, R = Replica<Message>> {
  /** By slot. A member that crashed is as it was when it did. */
  readonly replicas: readonly R[];
  readonly crashed: Members;
  /** The keys that are used in this run. */
  readonly keys: readonly Key[];
  /** What was sent and not received, to crashed members too; without what was lost. */
  flights(): Iterable<Flight<Message>>;
}

/**
 * Looks into the replicas after every event of a run, and says what does not hold. Plain data, like a replica: the
 * explorer copies it with every state, and takes what it remembers for a part of the state. So it should remember no
 * more than in a correct run follows from the replicas and the results.
 */
export interface Inspector<Message = unknown, R = Replica<Message>> {
  /** An operation has ended. `fault` is asked afterwards. */
  ended(ended: Ended): void;
  fault(sight: Sight<Message, R>): Fault | undefined;
}

/**
 * What simulator, explorer and conformance suite may know of a protocol's inside. A protocol can be tried without one;
 * with one, what breaks it is found by the first event that breaks it, and not only when a user could notice.
 */
export interface Inspection<Message = unknown, R = Replica<Message>> {
  /** The invariants: the names of all properties that its inspectors can find broken. */
  readonly properties: readonly string[];
  /** Rare things that happen in a correct run: tests that never see one of them are blind. */
  readonly situations: readonly string[];
  inspector(): Inspector<Message, R>;
  /** The situation that an operation is about to find at a replica. */
  beforeOperation?(replica: R, name: OperationName, key: Key): string | undefined;
  /** The situation that a message is about to find. */
  beforeMessage?(replica: R, from: ReplicaId, message: Message): string | undefined;
  /**
   * Whether a replica waits for nothing, and keeps nothing of operations that have ended. Where not all whom members
   * count on live (`complete` is false), it may wait for what only a dead one had.
   */
  idle(replica: R, complete?: boolean): boolean;
  /** What does not hold of the members that live, in the end: all of them are idle, and nothing is on its way. */
  settled?(replicas: readonly R[]): Fault | undefined;
  /**
   * The place of a write in the order that all members agree on, from its version: what was written later has a larger
   * one. For protocols that have such an order; histories are then judged by it, instead of by looking for one.
   */
  placeOf?(version: RawVersion): readonly [time: number, slot: number, sequence: number] | undefined;
  /**
   * Whether a message in flight can still make a difference; the explorer forgets those that cannot. Without it all
   * can. Wrong answers hide faults: a message matters unless the replicas show that it never will.
   */
  matters?(flight: Flight<Message>, replicas: readonly R[]): boolean;
}
