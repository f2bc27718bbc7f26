import {
  type Host,
  includes,
  type Members,
  type OperationId,
  type Replica,
  type ReplicaId,
  type Result,
} from '@dsm/core';
import type { Script, ScriptOperation } from './explore/script.js';
import { firstView, memberNames } from './first-view.js';
import { begin, Ledger, type Seen, unseen } from './ledger.js';
import type { Task } from './plan.js';
import type { Story } from './story.js';
import { StoryTeller } from './story-teller.js';
import type { Subject } from './subject.js';

/**
 * Tells how a group without faults performs a script, one operation after the other: messages arrive in the order in
 * which they were sent. What READMEs show of a protocol, and what golden transcripts are made of. Throws an `Error`
 * where an operation does not end.
 */
export function tell(subject: Subject, script: Script, members = 3): Story {
  return new Telling(subject, members).tell(script);
}

class Telling {
  private readonly teller: StoryTeller;
  private readonly ledger = new Ledger();
  private readonly replicas: readonly Replica<unknown>[];
  private readonly inFlight: (() => void)[] = [];
  /** A swap expects what was there last. */
  private readonly seen = new Map<string, Seen>();
  private values = 0;

  constructor({ protocol }: Subject, members: number) {
    const names = memberNames(members);
    this.teller = new StoryTeller(names);
    this.replicas = names.map((_, slot) => protocol.replica(slot));
    const view = firstView(names);
    for (const slot of this.replicas.keys()) this.act(slot, (replica, host) => replica.enter(view, [], host));
  }

  tell(script: Script): Story {
    for (const [at, clients] of script.entries()) {
      for (const [client, operations] of clients.entries()) {
        for (const operation of operations) this.perform(at, client, this.taskOf(operation));
      }
    }
    return this.teller.story;
  }

  private taskOf({ does, key }: ScriptOperation): Task {
    if (does === 'read') return { name: 'read', key };
    if (does === 'delete') return { name: 'write', key, value: undefined };
    this.values += 1;
    return { name: does, key, value: this.values };
  }

  private perform(at: ReplicaId, client: number, task: Task): void {
    const deed = this.ledger.begin(client, at, task, this.seen.get(task.key) ?? unseen);
    this.teller.invoke(at, deed.id, deed.label);
    this.act(at, (replica, host) => begin(deed, replica, host));
    for (let next = this.inFlight.shift(); next !== undefined; next = this.inFlight.shift()) next();
    this.seen.set(task.key, deed.seen);
    if (deed.end === null) throw new Error(`${deed.label} did not end`);
  }

  /**
   * Lets a replica handle one event, which is a turn of its own: what it sends to itself arrives after the handler,
   * then the timers go off that wait for the end of the turn. Those that wait for longer never do.
   */
  private act(at: ReplicaId, handler: (replica: Replica<unknown>, host: Host<unknown>) => void): void {
    const replica = this.replicas[at] as Replica<unknown>;
    const own: unknown[] = [];
    const due = new Set<string>();
    const host = this.hostOf(at, own, due);
    handler(replica, host);
    for (;;) {
      for (let next = own.shift(); next !== undefined; next = own.shift()) replica.receive(at, next, host);
      const [timer] = due;
      if (timer === undefined) return;
      due.delete(timer);
      replica.timeout?.(timer, host);
    }
  }

  private hostOf(at: ReplicaId, own: unknown[], due: Set<string>): Host<unknown> {
    const send = (to: ReplicaId, message: unknown) => {
      if (to === at) own.push(message);
      else this.send(at, to, message);
    };
    return {
      send,
      broadcast: (message: unknown, to?: Members) => {
        for (const slot of this.replicas.keys())
          if (to === undefined || includes(to, slot)) send(slot, message);
      },
      complete: (operation: OperationId, result) => {
        const deed = this.ledger.end(operation, result as Result);
        this.teller.return(at, deed.id, deed.answer);
      },
      changed: () => undefined,
      setTimer: (timer, delayMs) => {
        if (delayMs === 0) due.add(timer);
      },
    };
  }

  private send(from: ReplicaId, to: ReplicaId, message: unknown): void {
    const flight = this.teller.send(from, to, message);
    this.inFlight.push(() => {
      this.teller.receive(to, from, flight);
      this.act(to, (replica, host) => replica.receive(from, message, host));
    });
  }
}
