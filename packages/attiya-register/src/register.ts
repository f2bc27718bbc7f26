import type { Host, Key, OperationId, ReplicaId } from '@dsm/core';
import type { Cell, Cells, Pair } from './cells.js';
import type { Frontier, Serial } from './frontier.js';
import type { Mender } from './mender.js';
import type { Message, Round } from './messages.js';
import type { Phase } from './phase.js';
import type { Publisher } from './publisher.js';
import type { Matter } from './surveyor.js';

/** The replica, for the parts of it that work for operations on all keys at once. */
export interface Register {
  readonly self: ReplicaId;
  /** Reads ask everybody, in one round, and never write back. */
  readonly readsAll: boolean;
  /** How many must say what they hold before a first phase ends. */
  readonly voices: number;
  readonly cells: Cells;
  readonly frontier: Frontier;
  readonly mender: Mender;
  readonly publisher: Publisher;
  begin(phase: Phase, host: Host<Message>): void;
  end(round: Round): void;
  /** Lets time pass, until what has waited for long is told so. */
  wait(host: Host<Message>): void;
  take(from: ReplicaId, cell: Cell, pair: Pair, host: Host<Message>): void;
  /** The serial of the store that is sent next. */
  takeSerial(): Serial;
  tellOthers(message: Message, host: Host<Message>): void;
  query(key: Key, cell: Cell, operations: readonly OperationId[], host: Host<Message>): void;
  store(pair: Matter, operations: readonly OperationId[], writeBack: boolean, host: Host<Message>): void;
  finishRead(reading: Matter, held: boolean, host: Host<Message>): void;
  finishWrite(writing: Matter, host: Host<Message>): void;
}
