import type { Answer, OperationId, Result } from '../protocol.js';
import type { OperationKind, OperationOptions } from './shared-memory.js';

/** What is to be done, and what the user gets of what the replica says. */
export interface Task<T> {
  readonly kind: OperationKind;
  readonly options: OperationOptions | undefined;
  /** How much it carries, in bytes, when it is handed to the replica and from then on. */
  readonly bytes: number;
  /** Waits for code of the user's before the operation is handed to the replica. */
  readonly prepare?: (() => Promise<void>) | undefined;
  /** Hands the operation to the replica. */
  start(operation: OperationId): void;
  finish(result: Result | Answer): T;
}

type Settle = (value: never) => void;

/**
 * An operation that has not ended. Always of one shape, from one constructor: when it was put together from object
 * literals, V8 moved every one of them into the old generation, with the promise and whatever hung on it.
 */
export class Operation {
  readonly task: Task<unknown>;
  readonly startedMs: number;
  readonly timeoutMs: number;
  readonly resolve: Settle;
  readonly reject: (reason: unknown) => void;
  unlisten: (() => void) | undefined = undefined;
  /** `begun`: the replica has it, so it may happen. `waiting`: for room. */
  phase: 'preparing' | 'waiting' | 'begun' = 'begun';

  constructor(
    task: Task<unknown>,
    startedMs: number,
    timeoutMs: number,
    resolve: Settle,
    reject: (reason: unknown) => void,
  ) {
    this.task = task;
    this.startedMs = startedMs;
    this.timeoutMs = timeoutMs;
    this.resolve = resolve;
    this.reject = reject;
  }

  get deadlineMs(): number {
    return this.startedMs + this.timeoutMs;
  }
}
