import type { Flight, ReplicaId } from '@dsm/core';
import type { NodeOptions } from '@dsm/core/node';
import type { Story } from '../story.js';
import { StoryTeller } from '../story-teller.js';

/** A message on its way from one node to another, with its number in the story. */
interface Travelling extends Flight {
  readonly number: number;
}

/**
 * Follows messages from node to node by what the nodes trace: links keep their order and lose nothing that was traced
 * as sent, so what is received next is what was sent first.
 */
export class Messages {
  readonly teller: StoryTeller | undefined;
  /** Somebody asked for messages in flight, which are not followed. */
  missed = false;
  private readonly follows: boolean;
  private readonly members: number;
  /** By sender and receiver. */
  private readonly travelling = new Map<number, Travelling[]>();

  /** The processes by number, with their names. */
  constructor(names: readonly string[], { tells, follows }: { tells: boolean; follows: boolean }) {
    this.members = names.length;
    this.follows = tells || follows;
    this.teller = tells ? new StoryTeller(names) : undefined;
  }

  get story(): Story | undefined {
    return this.teller?.story;
  }

  *inFlight(): Iterable<Flight> {
    this.missed ||= !this.follows;
    for (const queue of this.travelling.values()) yield* queue;
  }

  /**
   * What the node of a process is to be given as its `trace`: nothing, where nobody asks for messages in flight.
   * `numberOf` says which process has a name.
   */
  traceOf(at: ReplicaId, numberOf: (name: string) => ReplicaId): NodeOptions<unknown>['trace'] {
    if (!this.follows) return undefined;
    return ({ kind, peer, detail }) => {
      if (peer === undefined) return;
      const other = numberOf(peer);
      if (kind === 'send') this.sent(at, other, detail);
      else if (kind === 'receive') this.received(at, other);
    };
  }

  private sent(from: ReplicaId, to: ReplicaId, message: unknown): void {
    const number = this.teller?.send(from, to, message) ?? 0;
    this.queue(from, to).push({ from, to, message, number });
  }

  private received(at: ReplicaId, from: ReplicaId): void {
    const travelling = this.queue(from, at).shift();
    if (travelling !== undefined) this.teller?.receive(at, from, travelling.number);
  }

  private queue(from: ReplicaId, to: ReplicaId): Travelling[] {
    const link = from * this.members + to;
    let queue = this.travelling.get(link);
    if (queue === undefined) {
      queue = [];
      this.travelling.set(link, queue);
    }
    return queue;
  }
}
