import type { GroupMessage } from '../group/messages.js';

/** What receives the messages of a member to itself. */
export interface Interior<Message> {
  toGroup(message: GroupMessage): void;
  toReplica(message: Message): void;
}

/** What a member sends to itself: delivered in the same turn, after the running handler, in order. */
export class Loopback<Message> {
  private readonly interior: Interior<Message>;
  private messages: Message[] = [];
  private groupMessages: GroupMessage[] = [];
  /** What `trace` asked for while a handler was running: done after it. */
  private postponed: (() => void)[] = [];

  constructor(interior: Interior<Message>) {
    this.interior = interior;
  }

  send(message: Message): void {
    this.messages.push(message);
  }

  tellGroup(message: GroupMessage): void {
    this.groupMessages.push(message);
  }

  postpone(act: () => void): void {
    this.postponed.push(act);
  }

  /** Delivers until nothing is left. */
  deliver(): void {
    while (this.messages.length > 0 || this.groupMessages.length > 0 || this.postponed.length > 0) {
      if (this.groupMessages.length > 0) this.deliverToGroup();
      if (this.messages.length > 0) this.deliverToReplica();
      if (this.postponed.length > 0) this.catchUp();
    }
  }

  private deliverToGroup(): void {
    const { groupMessages } = this;
    this.groupMessages = [];
    for (const message of groupMessages) this.interior.toGroup(message);
  }

  /** What these messages cause stands in the same array, behind them. */
  private deliverToReplica(): void {
    for (const message of this.messages) this.interior.toReplica(message);
    this.messages = [];
  }

  private catchUp(): void {
    const { postponed } = this;
    this.postponed = [];
    for (const act of postponed) act();
  }
}
