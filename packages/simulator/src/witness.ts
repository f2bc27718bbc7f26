import type {
  Answer,
  Expectation,
  Flight,
  Host,
  Inspector,
  Key,
  Members,
  OperationId,
  OperationName,
  RawEntry,
  Replica,
  ReplicaId,
  Result,
  Sight,
  Value,
  View,
} from '@dsm/core';
import type { Subject } from './subject.js';
import { properties, Violation } from './violation.js';

/** An operation that a replica has begun. */
interface Begun {
  readonly name: OperationName;
  readonly key: Key;
}

const endings = { read: 'read', write: 'written', swap: 'swapped' } as const;

/** What a run tells its witness about itself. */
export interface WitnessHost {
  readonly crashed: Members;
  readonly keys: readonly Key[];
  flights(): Iterable<Flight>;
}

/**
 * Stands between the replicas of a group and their hosts, and looks after every event: checks the invariants of the
 * protocol, counts the situations that it meets, and sees that operations end once.
 */
export class Witness {
  readonly replicas: Replica<unknown>[] = [];
  /** How often each situation was met. */
  readonly sometimes = new Map<string, number>();
  /** How many handlers have run. */
  handled = 0;
  readonly subject: Subject;
  private readonly host: WitnessHost;
  private readonly inspector: Inspector | undefined;
  private readonly sight: Sight & { crashed: Members };

  constructor(subject: Subject, host: WitnessHost) {
    this.subject = subject;
    this.host = host;
    this.inspector = subject.inspection?.inspector();
    const { replicas } = this;
    this.sight = { replicas, crashed: host.crashed, keys: host.keys, flights: () => host.flights() };
  }

  /** A replica to be used in the place of the protocol's own: `self` is its slot, where that is not its number here. */
  replica(number: ReplicaId, self = number): Replica<unknown> {
    const replica = this.subject.protocol.replica(self);
    this.replicas[number] = replica;
    return new Witnessed(replica, number, this);
  }

  /** A situation was met. */
  met(situation: string | undefined): void {
    if (situation === undefined) return;
    this.sometimes.set(situation, (this.sometimes.get(situation) ?? 0) + 1);
  }

  beforeOperation(replica: Replica<unknown>, name: OperationName, key: Key): void {
    this.met(this.subject.inspection?.beforeOperation?.(replica, name, key));
  }

  beforeMessage(replica: Replica<unknown>, from: ReplicaId, message: unknown): void {
    this.met(this.subject.inspection?.beforeMessage?.(replica, from, message));
  }

  ended(at: ReplicaId, operation: OperationId, { name, key }: Begun, result: Result): void {
    this.inspector?.ended({ at, operation, name, key, result });
  }

  /** Whether a member must do what it is asked with a key. */
  serves(self: ReplicaId, key: Key): boolean {
    return this.replicas[self]?.subscribes?.(key) ?? true;
  }

  /** After a handler: throws a `Violation` if an invariant does not hold. */
  look(): void {
    this.handled += 1;
    if (this.inspector === undefined) return;
    this.sight.crashed = this.host.crashed;
    const fault = this.inspector.fault(this.sight);
    if (fault !== undefined) throw new Violation(fault.property, fault.detail);
  }

  /** Whether those who live must agree in the end. */
  get unites(): boolean {
    return this.subject.inspection?.settled !== undefined;
  }

  /** The members of some that wait for something, or keep something of what has ended. */
  restless(members: readonly ReplicaId[], complete = true): ReplicaId[] {
    const { inspection } = this.subject;
    if (inspection === undefined) return [];
    return members.filter((slot) => !inspection.idle(this.replicas[slot] as Replica<unknown>, complete));
  }

  /** At the end of a run: throws a `Violation` if those who live do not agree as they must. */
  settle(members: readonly ReplicaId[]): void {
    const replicas = members.map((slot) => this.replicas[slot] as Replica<unknown>);
    const fault = this.subject.inspection?.settled?.(replicas);
    if (fault !== undefined) throw new Violation(fault.property, fault.detail);
  }
}

/** A replica under the eyes of a witness. It offers what the replica offers, and nothing else. */
class Witnessed implements Replica<unknown> {
  readonly swap?: NonNullable<Replica<unknown>['swap']>;
  readonly timeout?: NonNullable<Replica<unknown>['timeout']>;
  readonly repeat?: NonNullable<Replica<unknown>['repeat']>;
  readonly silent?: NonNullable<Replica<unknown>['silent']>;
  readonly roster?: NonNullable<Replica<unknown>['roster']>;
  readonly leave?: NonNullable<Replica<unknown>['leave']>;
  private readonly replica: Replica<unknown>;
  private readonly witness: Witness;
  private readonly begun = new Map<OperationId, Begun>();
  private readonly host: WitnessedHost;

  constructor(replica: Replica<unknown>, self: ReplicaId, witness: Witness) {
    this.replica = replica;
    this.witness = witness;
    this.host = new WitnessedHost(self, this.begun, witness);
    if (replica.swap !== undefined) {
      this.swap = (
        operation: OperationId,
        key: Key,
        expected: Expectation,
        value: Value,
        host: Host<unknown>,
      ) => {
        this.begin({ operation, name: 'swap', key }, host, (own) =>
          this.replica.swap?.(operation, key, expected, value, own),
        );
      };
    }
    if (replica.timeout !== undefined) {
      this.timeout = (timer, host) => this.run(host, (own) => this.replica.timeout?.(timer, own));
    }
    if (replica.repeat !== undefined) {
      this.repeat = (to, host) => {
        this.witness.met('a member was asked again after a loss');
        this.run(host, (own) => this.replica.repeat?.(to, own));
      };
    }
    if (replica.silent !== undefined) {
      this.silent = (member, host) => {
        this.witness.met('a member was told of a silence');
        this.run(host, (own) => this.replica.silent?.(member, own));
      };
    }
    if (replica.roster !== undefined) {
      this.roster = (members, formed, host, departed) =>
        this.run(host, (own) => this.replica.roster?.(members, formed, own, departed));
    }
    if (replica.leave !== undefined) {
      this.leave = (host, inReach) => {
        let may = false;
        this.run(host, (own) => {
          may = this.replica.leave?.(own, inReach) ?? true;
        });
        return may;
      };
    }
  }

  get ready(): boolean | undefined {
    return this.replica.ready;
  }

  read(operation: OperationId, key: Key, host: Host<unknown>): void {
    this.begin({ operation, name: 'read', key }, host, (own) => this.replica.read(operation, key, own));
  }

  write(operation: OperationId, key: Key, value: Value, host: Host<unknown>): void {
    this.begin({ operation, name: 'write', key }, host, (own) =>
      this.replica.write(operation, key, value, own),
    );
  }

  receive(from: ReplicaId, message: unknown, host: Host<unknown>): void {
    this.witness.beforeMessage(this.replica, from, message);
    this.run(host, (own) => this.replica.receive(from, message, own));
  }

  keys(): Iterable<Key> {
    return this.replica.keys();
  }

  seal(): unknown {
    return this.replica.seal();
  }

  enter(view: View, sealed: readonly unknown[], host: Host<unknown>): void {
    this.run(host, (own) => this.replica.enter(view, sealed, own));
  }

  /** As the memory face does, which asks no replica for a key that it does not subscribe to. */
  private begin(
    { operation, name, key }: Begun & { operation: OperationId },
    host: Host<unknown>,
    act: (host: Host<unknown>) => void,
  ): void {
    this.witness.beforeOperation(this.replica, name, key);
    this.begun.set(operation, { name, key });
    if (this.replica.subscribes?.(key) !== false) return this.run(host, act);
    const refused = {
      kind: 'refused',
      code: 'DSM_NOT_SUBSCRIBED',
      text: `'${key}' is not subscribed to`,
    } as const;
    this.run(host, (own) => own.complete(operation, refused));
  }

  private run(host: Host<unknown>, act: (host: Host<unknown>) => void): void {
    this.host.inner = host;
    try {
      act(this.host);
      this.host.inner = undefined;
    } catch (error) {
      if (error instanceof Violation) throw error;
      throw new Violation(
        properties.throws,
        error instanceof Error ? (error.stack ?? error.message) : String(error),
      );
    }
    this.witness.look();
  }
}

/** Passes on what a replica does, once it has been looked at. */
class WitnessedHost implements Host<unknown> {
  /** While a handler runs. */
  inner: Host<unknown> | undefined;
  private readonly self: ReplicaId;
  private readonly begun: Map<OperationId, Begun>;
  private readonly witness: Witness;

  constructor(self: ReplicaId, begun: Map<OperationId, Begun>, witness: Witness) {
    this.self = self;
    this.begun = begun;
    this.witness = witness;
  }

  private get world(): Host<unknown> {
    if (this.inner !== undefined) return this.inner;
    throw new Violation(properties.throws, `a host was used at ${this.self} when no handler ran`);
  }

  send(to: ReplicaId, message: unknown): void {
    this.world.send(to, message);
  }

  broadcast(message: unknown, to?: Members): void {
    if (to === undefined) this.world.broadcast(message);
    else this.world.broadcast(message, to);
  }

  complete(operation: OperationId, result: Result | Answer): void {
    const begun = this.begun.get(operation);
    if (begun === undefined) {
      throw new Violation(
        properties.once,
        `operation ${operation} at ${this.self} ended where none was under way`,
      );
    }
    this.begun.delete(operation);
    if (isResultOf(begun.name, result)) this.witness.ended(this.self, operation, begun, result);
    else if (result.kind !== 'refused' || this.witness.serves(this.self, begun.key)) {
      throw new Violation(properties.kind, `a ${begun.name} at ${this.self} ended as ${result.kind}`);
    }
    this.world.complete(operation, result);
  }

  changed(key: Key, entry?: RawEntry): void {
    this.world.changed(key, entry);
  }

  setTimer(timer: string, delayMs: number): void {
    this.world.setTimer(timer, delayMs);
  }
}

function isResultOf(name: OperationName, result: Result | Answer): result is Result {
  return result.kind === endings[name];
}
