import { ABSENT, type Answer, type Key, type OperationId, type Result } from '../protocol.js';
import type { Content } from './content.js';
import type { Task } from './operation.js';
import type { Seat } from './seat.js';
import type { OperationOptions, Version } from './shared-memory.js';

/** A write or a delete as an operation. No object of closures: they would cost more than what they do. */
export class Put<Message> implements Task<Version> {
  readonly kind = 'write';
  readonly options: OperationOptions | undefined;
  private readonly node: Seat<Message>;
  private readonly key: Key;
  private readonly content: Content;

  constructor(node: Seat<Message>, key: Key, content: Content, options: OperationOptions | undefined) {
    this.node = node;
    this.key = key;
    this.content = content;
    this.options = options;
  }

  get prepare(): Task<Version>['prepare'] {
    return this.content.prepare;
  }

  get bytes(): number {
    return this.content.bytes?.length ?? 0;
  }

  start(id: OperationId): void {
    const { key, content } = this;
    this.node.invoke((replica, host) => replica.write(id, key, content.bytes, host));
  }

  finish(result: Result | Answer): Version {
    return this.content.bytes === ABSENT || result.kind !== 'written' ? '' : String(result.version);
  }
}
