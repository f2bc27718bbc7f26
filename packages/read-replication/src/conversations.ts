import type { Key, OperationId } from '@dsm/core';
import type { Change, Deed } from './messages.js';

/** A read that waits. `own`: begun by the extras, which are answered otherwise than the memory. */
export interface Waiting {
  readonly operation: OperationId;
  readonly own: boolean;
}

/** A request for which the home of its key owes an answer. */
export interface Conversation {
  /** The change that was asked for; undefined for the value alone. */
  readonly change:
    | { readonly operation: OperationId; readonly deed: Deed; readonly own: boolean }
    | undefined;
  /** Reads that wait for its answer, in the order in which they began: the last ones before the next one was sent. */
  readonly reads: Waiting[];
  /** How many of them had begun when it was sent. */
  readonly begun: number;
}

/** Where everybody is equally quick, what waits is overtaken by fewer than wait: nothing is named one by one. */
const openPerPatience = 64;

/**
 * What this member asked homes for, by key, in the order of asking, in which the answers come. A read that finds no
 * valid copy waits for the answer of the last request: its member is in the copy set when the answer leaves, so what it
 * says is still current when it arrives.
 */
export class Conversations {
  private readonly asked = new Map<Key, Conversation[]>();
  /** Changes of this member that have not ended, in the order in which they began, and their numbers in it. */
  private readonly changes = new Map<OperationId, number>();
  /** So many changes were begun. */
  private begun = 0;
  private readonly patience: number;

  /** A change that so many others have overtaken, and as many again for each 64 that are open, is named by itself. */
  constructor(patience = 1_024) {
    this.patience = patience;
  }

  get size(): number {
    return this.asked.size;
  }

  last(key: Key): Conversation | undefined {
    return this.asked.get(key)?.at(-1);
  }

  /** Whether a change is under way: the home may rely on the copy being halted. */
  changing(key: Key): boolean {
    return this.last(key)?.change !== undefined;
  }

  begin(key: Key, conversation: Conversation): void {
    const asked = this.asked.get(key);
    if (asked === undefined) this.asked.set(key, [conversation]);
    else asked.push(conversation);
    if (conversation.change === undefined) return;
    this.begun += 1;
    this.changes.set(conversation.change.operation, this.begun);
  }

  /** The one that is answered now. */
  end(key: Key): Conversation {
    const asked = this.asked.get(key) ?? [];
    const conversation = asked.shift();
    if (conversation === undefined) throw new Error(`an answer for '${key}' that nothing asked for`);
    if (asked.length === 0) this.asked.delete(key);
    if (conversation.change !== undefined) this.changes.delete(conversation.change.operation);
    return conversation;
  }

  /** Ends all about some keys: nobody answers them. */
  *endAll(isOf: (key: Key) => boolean): Generator<readonly [Key, Conversation]> {
    for (const key of this.asked.keys()) {
      while (isOf(key) && this.last(key) !== undefined) yield [key, this.end(key)];
    }
  }

  /**
   * The first change that has not ended, without those that very many others have overtaken. Those are named one by
   * one: what waits for ever would otherwise keep all that is later in everybody's mind. One must have begun.
   */
  get progress(): Pick<Change, 'floor' | 'open'> {
    const patience = this.patience * (1 + this.changes.size / openPerPatience);
    const open: OperationId[] = [];
    for (const [operation, number] of this.changes) {
      if (this.begun - number <= patience) return { floor: operation, open };
      open.push(operation);
    }
    throw new Error('no change has begun');
  }
}
