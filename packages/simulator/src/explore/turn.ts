import {
  each,
  type Fault,
  type Host,
  includes,
  type Key,
  type Members,
  type OperationId,
  type Replica,
  type ReplicaId,
  type Result,
  type Value,
  type View,
} from '@dsm/core';
import { fingerprint } from './plain-data.js';
import { builtIn } from './scenario.js';

/** What makes a replica act. */
export type Stimulus =
  | { readonly kind: 'enter'; readonly view: View }
  | { readonly kind: 'read'; readonly operation: OperationId; readonly key: Key }
  | { readonly kind: 'write'; readonly operation: OperationId; readonly key: Key; readonly value: Value }
  | {
      readonly kind: 'swap';
      readonly operation: OperationId;
      readonly key: Key;
      readonly value: Value;
      readonly expected: Value;
    }
  | { readonly kind: 'receive'; readonly from: ReplicaId; readonly message: unknown }
  | { readonly kind: 'timeout'; readonly timer: string }
  | { readonly kind: 'repeat'; readonly to: ReplicaId }
  | { readonly kind: 'silence'; readonly of: ReplicaId };

export interface Sent {
  readonly to: ReplicaId;
  readonly message: unknown;
  /** Its fingerprint when it was sent. */
  readonly text: string;
}

/** An operation of the acting member that ended. */
export interface Ending {
  readonly operation: OperationId;
  readonly result: Result;
}

/** What a replica did in one turn, and what it must not have done. */
export interface Deeds {
  readonly sent: readonly Sent[];
  readonly endings: readonly Ending[];
  /** Those that are set when the turn ends, sorted. */
  readonly timers: readonly string[];
  readonly fault: Fault | undefined;
}

/** A replica that sends to itself more often than this in one turn does so for ever. */
const selfMessagesMax = 10_000;

/** Lets a replica act. What it sends to itself it is given in the same turn, after the running handler. */
export function act(
  replica: Replica<unknown>,
  { self, size, timers }: { self: ReplicaId; size: number; timers: readonly string[] },
  stimulus: Stimulus,
): Deeds {
  const turn = new Turn(replica, self, size, timers);
  let fault: Fault | undefined;
  try {
    perform(replica, stimulus, turn);
    turn.drain();
  } catch (error) {
    fault = { property: builtIn.throws, detail: `${stimulus.kind} at m${self}: ${String(error)}` };
  }
  const { sent, endings } = turn;
  return { sent, endings, timers: [...turn.timers].sort(), fault: fault ?? changed(sent, self) };
}

class Turn implements Host<unknown> {
  readonly sent: Sent[] = [];
  readonly endings: Ending[] = [];
  readonly timers: Set<string>;
  private readonly replica: Replica<unknown>;
  private readonly self: ReplicaId;
  private readonly all: Members;
  private readonly local: unknown[] = [];

  constructor(replica: Replica<unknown>, self: ReplicaId, size: number, timers: readonly string[]) {
    this.replica = replica;
    this.self = self;
    this.all = 2 ** size - 1;
    this.timers = new Set(timers);
  }

  send(to: ReplicaId, message: unknown): void {
    if (!includes(this.all, to)) throw new RangeError(`there is no member ${to} to send to`);
    if (to === this.self) this.local.push(message);
    else this.sent.push({ to, message, text: fingerprint(message) });
  }

  broadcast(message: unknown, to: Members = this.all): void {
    for (const member of each(to)) this.send(member, message);
  }

  complete(operation: OperationId, result: Result): void {
    this.endings.push({ operation, result });
  }

  changed(): void {}

  setTimer(timer: string): void {
    if (this.replica.timeout === undefined) throw new TypeError('it sets a timer and has no timeout()');
    this.timers.add(timer);
  }

  drain(): void {
    for (let count = 0; this.local.length > 0; count += 1) {
      if (count === selfMessagesMax) throw new RangeError('it sends to itself without end');
      this.replica.receive(this.self, this.local.shift(), this);
    }
  }
}

function perform(replica: Replica<unknown>, stimulus: Stimulus, host: Host<unknown>): void {
  switch (stimulus.kind) {
    case 'enter':
      return replica.enter(stimulus.view, [], host);
    case 'read':
      return replica.read(stimulus.operation, stimulus.key, host);
    case 'write':
      return replica.write(stimulus.operation, stimulus.key, stimulus.value, host);
    case 'swap': {
      if (replica.swap === undefined) throw new TypeError('it promises compare-and-swap and has no swap()');
      const { operation, key, expected, value } = stimulus;
      return replica.swap(operation, key, { value: expected }, value, host);
    }
    case 'receive':
      return replica.receive(stimulus.from, stimulus.message, host);
    case 'timeout':
      return replica.timeout?.(stimulus.timer, host);
    case 'repeat':
      return replica.repeat?.(stimulus.to, host);
    case 'silence':
      return replica.silent?.(stimulus.of, host);
  }
}

function changed(sent: readonly Sent[], self: ReplicaId): Fault | undefined {
  const other = sent.find(({ message, text }) => fingerprint(message) !== text);
  if (other === undefined) return undefined;
  return { property: builtIn.changed, detail: `by m${self}, in the turn that sent it: ${other.text}` };
}
