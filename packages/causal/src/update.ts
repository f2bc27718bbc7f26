import type { Key, Value } from '@dsm/core';
import type { Origin } from './origins.js';
import type { Vector } from './vector.js';

/** One write, as every member keeps it until all have applied it. Nobody changes it. */
export interface Update {
  /** The member that it was written at. */
  readonly origin: Origin;
  /** Counts the updates of an origin from 1. Two updates never share both. */
  readonly sequence: number;
  /**
   * What its session had seen of others: all of it is applied before the update is. Of its own origin it says nothing,
   * since those come in their order anyway; so what nobody has read in between has the same vector.
   */
  readonly dependencies: Readonly<Vector>;
  /** A Lamport clock: larger than that of everything its origin had applied, so than that of its dependencies. */
  readonly time: number;
  /** Empty where the number says which one it is. */
  readonly key: Key;
  /** What stands for the key in the updates of this origin, from this one on; 0: nothing. */
  readonly number: number;
  /**
   * `ABSENT` deletes. Undefined at a member that does not subscribe to the key: it passes the rest on. What came in a
   * frame lies there, and is copied by whoever keeps it for longer than a log does.
   */
  readonly value: Value | undefined;
}
