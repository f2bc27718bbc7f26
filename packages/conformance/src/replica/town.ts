import assert from 'node:assert/strict';
import {
  ABSENT,
  type Host,
  includes,
  type Key,
  type Members,
  type OperationId,
  Reader,
  type Replica,
  type ReplicaId,
  type Value,
  Writer,
} from '@dsm/core';
import { Chance, firstView } from '@dsm/simulator';
import type { AnyProtocol } from '../case.js';
import { copyOf, sharedBy } from './copy.js';

/** What a replica did to the world, or what was done to it, in one run. */
export interface Effect {
  readonly kind: 'invoke' | 'send' | 'complete' | 'changed' | 'timer' | 'receive' | 'timeout' | 'repeat';
  readonly at: ReplicaId;
  readonly detail: unknown;
}

interface Letter {
  readonly from: ReplicaId;
  readonly to: ReplicaId;
  readonly message: unknown;
  /** As it was when it was sent. */
  readonly bytes: Uint8Array;
}

/** What an operation can be completed with. */
type Ending = Parameters<Host<unknown>['complete']>[1];

export interface Pending {
  readonly at: ReplicaId;
  readonly name: 'read' | 'write' | 'swap';
  readonly key: Key;
  results: Ending[];
}

/** What is read and written. */
export const keys: readonly Key[] = ['x', 'y', '__proto__'];
/** Events up to which a run must have come to rest. */
const eventsMax = 100_000;

/**
 * Replicas and the letters between them, on one table: what happens next is drawn from a seed. It is data itself, so
 * that it can be copied in the middle of a run.
 */
export class Town {
  readonly replicas: readonly Replica<unknown>[];
  readonly effects: Effect[] = [];
  readonly operations = new Map<OperationId, Pending>();
  /** Messages that were seen, encoded: by their bytes, each once. */
  readonly seen = new Map<string, unknown>();
  private readonly protocol: AnyProtocol;
  private readonly values: readonly Uint8Array[];
  private readonly chance: Chance;
  private readonly letters: Letter[] = [];
  private readonly timers = new Map<string, readonly [ReplicaId, string]>();
  /** Pairs between which messages were lost, and who has not yet been told. */
  private readonly losses = new Set<string>();
  private readonly loses: boolean;
  private events = 0;
  private left: number;
  private handlers = 0;
  /** How a host was used that must not be used any more. */
  misuse: string | undefined;
  /** The handler that runs; 0 between handlers. */
  private running = 0;

  constructor(
    protocol: AnyProtocol,
    size: number,
    values: readonly Uint8Array[],
    seed: number,
    loses = false,
  ) {
    this.protocol = protocol;
    this.values = values;
    this.chance = new Chance(seed);
    this.loses = loses && protocol.channels === 'unordered';
    // Few operations leave some keys alone, many overlap.
    this.left = (seed % 2 === 0 ? 12 : 2) * size;
    this.replicas = Array.from({ length: size }, (_, self) => protocol.replica(self));
    const view = firstView(this.replicas.map((_, slot) => `m${slot}`));
    for (const slot of this.replicas.keys()) {
      this.handle(slot, (replica, host) => replica.enter(view, [], host));
    }
  }

  /** A town that goes on as this one would, and shares with it only what it shares with any other one. */
  copy(other: Town): Town {
    return copyOf(this, sharedBy(this, other));
  }

  /** Lets so many things happen, or all there is. */
  run(events = Number.POSITIVE_INFINITY): this {
    for (let left = events; left > 0 && this.next(); left -= 1) {
      this.events += 1;
      assert.ok(this.events < eventsMax, `it does not come to rest within ${eventsMax} events`);
    }
    return this;
  }

  /** What a read is answered at once; undefined where it has to wait. */
  ask(at: ReplicaId, key: Key): Ending | undefined {
    const operation = this.operations.size + 1;
    const results: Ending[] = [];
    this.operations.set(operation, { at, name: 'read', key, results });
    this.handle(at, (replica, host) => replica.read(operation, key, host));
    return results[0];
  }

  private next(): boolean {
    if (this.left > 0 && (this.letters.length === 0 || this.chance.happens(0.3))) return this.invoke();
    if (this.letters.length > 0) return this.deliver();
    if (this.losses.size > 0) return this.tellLoss();
    return this.waits() && this.ring();
  }

  private waits(): boolean {
    for (const { results } of this.operations.values()) if (results.length === 0) return true;
    return false;
  }

  private invoke(): boolean {
    this.left -= 1;
    const { chance, protocol } = this;
    const at = chance.below(this.replicas.length);
    const key = chance.pick(keys);
    const operation = this.operations.size + 1;
    const name = chance.pick(protocol.guarantees.compareAndSwap ? names : names.slice(0, 2));
    const value: Value = chance.happens(0.15) ? ABSENT : chance.pick(this.values);
    const expected = chance.happens(0.5) ? { value: chance.pick([ABSENT, ...this.values]) } : { version: '' };
    this.operations.set(operation, { at, name, key, results: [] });
    this.note('invoke', at, { operation, name, key, value });
    this.handle(at, (replica, host) => {
      if (name === 'read') replica.read(operation, key, host);
      else if (name === 'write') replica.write(operation, key, value, host);
      else if (replica.swap === undefined) assert.fail('compare-and-swap is promised, and there is no swap');
      else replica.swap(operation, key, expected, value, host);
    });
    return true;
  }

  /** Any letter where order is not promised, now and then twice; otherwise one that is the first of its pair. */
  private deliver(): boolean {
    const { chance, letters } = this;
    const fifo = this.protocol.channels === 'fifo';
    const chosen = chance.pick(letters);
    const letter = fifo
      ? (letters.find(({ from, to }) => from === chosen.from && to === chosen.to) as Letter)
      : chosen;
    const away = letter.from !== letter.to;
    if (fifo || !away || !chance.happens(0.05)) letters.splice(letters.indexOf(letter), 1);
    if (away && this.loses && chance.happens(0.1)) {
      if (letters.includes(letter)) letters.splice(letters.indexOf(letter), 1);
      this.losses.add(`${letter.from} ${letter.to}`).add(`${letter.to} ${letter.from}`);
      return true;
    }
    const { from, to, message, bytes } = letter;
    const now = this.encoded(message);
    assert.deepEqual(now, bytes, 'a message was changed after it was sent');
    this.note('receive', to, { from, bytes });
    // A message to oneself is not encoded on its way.
    const received = away ? this.protocol.codec.decode(new Reader(bytes)) : message;
    this.handle(to, (replica, host) => replica.receive(from, received, host));
    return true;
  }

  private tellLoss(): boolean {
    const [pair = ''] = this.losses;
    this.losses.delete(pair);
    const [at = 0, other = 0] = pair.split(' ').map(Number);
    this.note('repeat', at, other);
    this.handle(at, (replica, host) => replica.repeat?.(other, host));
    return true;
  }

  /** Time passes only when nothing else can happen. */
  private ring(): boolean {
    if (this.timers.size === 0) return false;
    const [name, [at, timer]] = this.chance.pick([...this.timers]);
    this.timers.delete(name);
    this.note('timeout', at, timer);
    this.handle(at, (replica, host) => replica.timeout?.(timer, host));
    return true;
  }

  private handle(at: ReplicaId, act: (replica: Replica<unknown>, host: Host<unknown>) => void): void {
    this.handlers += 1;
    this.running = this.handlers;
    act(this.replicas[at] as Replica<unknown>, this.hostOf(at, this.handlers));
    this.running = 0;
  }

  /** What may be done to the world from one handler, and while it runs. */
  private hostOf(at: ReplicaId, handler: number): Host<unknown> {
    const during = (act: () => void) => {
      if (this.running === handler) act();
      else this.misuse ??= 'a host was used when the handler that it was given to had ended';
    };
    return {
      send: (to, message) => during(() => this.send(at, only(to), message)),
      broadcast: (message, to = (1 << this.replicas.length) - 1) => during(() => this.send(at, to, message)),
      complete: (operation, result) => during(() => this.complete(at, operation, result)),
      changed: (key, entry) => during(() => this.note('changed', at, { key, entry })),
      setTimer: (timer, delayMs) => during(() => this.setTimer(at, timer, delayMs)),
    };
  }

  private setTimer(at: ReplicaId, timer: string, delayMs: number): void {
    assert.ok(delayMs >= 0, `a timer of ${delayMs} ms`);
    this.note('timer', at, { timer, delayMs });
    this.timers.set(`${at} ${timer}`, [at, timer]);
  }

  private send(from: ReplicaId, to: Members, message: unknown): void {
    const bytes = this.encoded(message);
    this.seen.set(bytes.join(), copyOf(message));
    for (const slot of this.replicas.keys()) {
      if (!includes(to, slot)) continue;
      this.note('send', from, { to: slot, bytes });
      this.letters.push({ from, to: slot, message, bytes });
    }
  }

  private complete(at: ReplicaId, operation: OperationId, result: Ending): void {
    this.note('complete', at, { operation, result });
    const pending = this.operations.get(operation);
    assert.equal(pending?.at, at, `operation ${operation} was completed where it was not invoked`);
    pending.results.push(result);
  }

  private encoded(message: unknown): Uint8Array {
    const writer = new Writer();
    this.protocol.codec.encode(message, writer);
    return writer.take();
  }

  private note(kind: Effect['kind'], at: ReplicaId, detail: unknown): void {
    this.effects.push({ kind, at, detail: copyOf(detail) });
  }
}

const names = ['read', 'write', 'swap'] as const;

function only(slot: ReplicaId): Members {
  return 1 << slot;
}
