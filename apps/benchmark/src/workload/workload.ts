import type { Action } from './mix.js';

/** One thing for a client to do. */
export interface Step {
  readonly action: Action;
  readonly key: number;
  /** Size of the value to be written, in bytes. */
  readonly bytes: number;
}

/** Where the clients of one member stand among all: client c of all lives at member c mod members. */
export interface Place {
  readonly member: number;
  readonly members: number;
  readonly clients: number;
  readonly seed: number;
}

/** Tells the clients of one member what to do next; `undefined` when there is nothing left. */
export interface Feed {
  next(client: number): Step | undefined | Promise<Step | undefined>;
  /** A key that did not exist before has been written. */
  inserted?(key: number): void;
  /** Frees what is open. */
  close?(): void;
}

/** A load that can be repeated on any system. */
export interface Workload {
  readonly name: string;
  /** Keys that exist before the load begins: 0 to keys − 1. */
  readonly keys: number;
  readonly keyBytes: number;
  /** Size of the values, or their mean where they differ. */
  readonly valueBytes: number;
  /** The number of operations, where it is known and no clock ends the load. */
  readonly operations?: number | undefined;
  /** What a reader of the figures must know. */
  readonly notes: readonly string[];
  /** The operations, in the words of the workload's authors, that need a compare-and-swap. */
  readonly swaps: readonly string[];
  feed(place: Place): Feed;
}

/** What the user may set of a workload; `undefined` leaves the workload's own. */
export interface WorkloadSize {
  readonly keys?: number | undefined;
  readonly valueBytes?: number | undefined;
}
