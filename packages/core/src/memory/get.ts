import type { Answer, Key, OperationId, Result } from '../protocol.js';
import { valueIn } from './entry.js';
import type { Task } from './operation.js';
import type { Seat } from './seat.js';
import type { OperationOptions } from './shared-memory.js';

/** A read as an operation. */
export class Get<Message> implements Task<unknown> {
  readonly kind = 'read';
  readonly bytes = 0;
  readonly options: OperationOptions | undefined;
  private readonly node: Seat<Message>;
  private readonly key: Key;

  constructor(node: Seat<Message>, key: Key, options: OperationOptions | undefined) {
    this.node = node;
    this.key = key;
    this.options = options;
  }

  start(id: OperationId): void {
    this.node.invoke((replica, host) => replica.read(id, this.key, host));
  }

  finish(result: Result | Answer): unknown {
    return valueIn(result);
  }
}
