import type { Host, OperationId } from '@dsm/core';
import type { Message } from './messages.js';

/** A write of this member, until enough others hold it. */
export interface Held {
  readonly operation: OperationId;
  readonly sequence: number;
  readonly result: Parameters<Host<Message>['complete']>[1];
}

/** The writes of this member that wait until enough others hold them, in the order of their sequences. */
export class Holding {
  private waiting: Held[] = [];

  get size(): number {
    return this.waiting.length;
  }

  add(held: Held): void {
    this.waiting.push(held);
  }

  /** Ends those that enough others hold. */
  release(isHeld: (sequence: number) => boolean, host: Host<Message>): void {
    while (this.waiting[0] !== undefined && isHeld(this.waiting[0].sequence)) {
      const { operation, result } = this.waiting.shift() as Held;
      host.complete(operation, result);
    }
  }
}
