import {
  type Flight,
  type Host,
  includes,
  type Members,
  nobody,
  type OperationId,
  type Replica,
  type ReplicaId,
  type Result,
  type View,
  vote,
} from '@dsm/core';
import { Chance } from '../chance.js';
import { noFaults } from '../fault-kinds.js';
import { labelOf } from '../label.js';
import { type Deed, encoded, Ledger, ScriptedClient } from '../ledger.js';
import type { Plan } from '../plan.js';
import type { World } from '../run.js';
import { StoryTeller } from '../story-teller.js';
import type { Subject } from '../subject.js';
import { properties, Violation } from '../violation.js';
import { Witness, type WitnessHost } from '../witness.js';
import { TraceHash } from './hash.js';
import { memberNames } from './process.js';

/** A message in flight, with its number in the story. */
interface TinyFlight extends Flight {
  readonly number: number;
}

/** Beyond this many events in such a world something goes round in circles. */
const eventsMax = 20_000;
/** Rounds of asking again, after which what still waits will wait for ever. */
const healingsMax = 64;

/**
 * Replicas without nodes and links: each step is drawn uniformly among what is possible, so the oldest message and the
 * newest are equally likely to be next. Bugs that need a strange order show far more often than on a network.
 */
export class TinyWorld implements World, WitnessHost {
  readonly ledger = new Ledger();
  readonly faults = noFaults();
  readonly keys: Plan['keys'];
  crashed: Members = nobody;
  events = 0;
  private readonly subject: Subject;
  private readonly plan: Plan;
  private readonly chance: Chance;
  private readonly hash = new TraceHash();
  private readonly teller: StoryTeller | undefined;
  private readonly witness: Witness;
  private readonly replicas: readonly Replica<unknown>[];
  private readonly hosts: readonly TinyHost[];
  private readonly clients: readonly ScriptedClient[];
  /** In the order they were sent. */
  private inFlight: TinyFlight[] = [];
  /** Timers that are set, as `slot timer`. */
  readonly timers = new Set<string>();
  private lost = false;

  constructor(subject: Subject, plan: Plan, tellsStory: boolean) {
    this.subject = subject;
    this.plan = plan;
    this.keys = plan.keys;
    this.chance = new Chance(plan.chance);
    this.teller = tellsStory ? new StoryTeller(memberNames(plan.members)) : undefined;
    this.witness = new Witness(subject, this);
    const slots = Array.from({ length: plan.members }, (_, slot) => slot);
    this.replicas = slots.map((slot) => this.witness.replica(slot));
    this.hosts = slots.map((slot) => new TinyHost(slot, this));
    this.clients = plan.clients.map(({ at, tasks }, number) => new ScriptedClient(number, at, tasks));
  }

  get sometimes(): ReadonlyMap<string, number> {
    return this.witness.sometimes;
  }

  get digest(): string {
    return this.hash.digest;
  }

  get story() {
    return this.teller?.story;
  }

  get members(): number {
    return this.plan.members;
  }

  flights(): Iterable<Flight> {
    return this.inFlight;
  }

  perform(): void {
    const view = firstView(this.plan.members);
    for (const slot of this.replicas.keys()) this.act(slot, (replica, host) => replica.enter(view, [], host));
    while (this.step());
    this.heal();
  }

  // What hosts ask for.

  send(from: ReplicaId, to: ReplicaId, message: unknown): void {
    const number = this.teller?.send(from, to, message) ?? 0;
    this.inFlight.push({ from, to, message, number });
  }

  complete(operation: OperationId, result: Result): void {
    const deed = this.ledger.end(operation, result);
    this.teller?.return(deed.at, deed.id, deed.answer);
    this.hash.text(deed.answer);
    this.clients[deed.client]?.ended(deed);
  }

  /** One event. False when nothing is left to happen. */
  private step(): boolean {
    this.events += 1;
    if (this.events > eventsMax) throw new Violation(properties.rests, `not within ${eventsMax} events`);
    const [crash] = this.plan.disturbances;
    if (crash?.atUs === this.events) this.crash(crash.members[0] as ReplicaId);
    const ready = this.clients.filter((client) => !client.done && !client.running && this.lives(client.at));
    const movable = this.movable();
    const timers = [...this.timers];
    const choices = movable.length + ready.length + timers.length;
    if (choices === 0) return false;
    const choice = this.chance.below(choices);
    this.hash.number(choice);
    const flight = movable[choice];
    if (flight !== undefined) this.move(flight);
    else if (choice < movable.length + ready.length)
      this.invoke(ready[choice - movable.length] as ScriptedClient);
    else this.fire(timers[choice - movable.length - ready.length] as string);
    return true;
  }

  /** What may arrive next: anything, or the first of each link. */
  private movable(): TinyFlight[] {
    if (this.subject.protocol.channels === 'unordered') return this.inFlight;
    const links = new Set<number>();
    return this.inFlight.filter(({ from, to }) => {
      const before = links.size;
      return links.add(from * this.members + to).size > before;
    });
  }

  private move(flight: TinyFlight): void {
    const { chance, plan, faults } = this;
    const { dropRate, duplicateRate } = plan.network;
    if (this.subject.protocol.channels === 'unordered') {
      if (dropRate > 0 && chance.happens(dropRate)) {
        faults.drop += 1;
        this.lost = true;
        this.remove(flight);
        this.teller?.lose(flight.number);
        return;
      }
      if (this.inFlight[0] !== flight) faults.reorder += 1;
      if (duplicateRate > 0 && chance.happens(duplicateRate)) {
        faults.duplicate += 1;
        this.inFlight.push(flight);
      }
    }
    this.arrive(flight);
  }

  private arrive(flight: TinyFlight): void {
    const { from, to, message, number } = flight;
    this.remove(flight);
    this.teller?.receive(to, from, number);
    this.hash.text(labelOf(message));
    this.act(to, (replica, host) => replica.receive(from, message, host));
  }

  private remove(flight: TinyFlight): void {
    this.inFlight.splice(this.inFlight.indexOf(flight), 1);
  }

  private invoke(client: ScriptedClient): void {
    const deed = client.begin(this.ledger);
    this.teller?.invoke(deed.at, deed.id, deed.label);
    this.act(deed.at, (replica, host) => begin(deed, replica, host));
  }

  private fire(name: string): void {
    const [slot = '', timer = ''] = name.split(/ (.*)/s);
    this.timers.delete(name);
    this.teller?.event(Number(slot), `timer ${timer}`);
    this.act(Number(slot), (replica, host) => replica.timeout?.(timer, host));
  }

  private crash(victim: ReplicaId): void {
    this.faults.crash += 1;
    this.crashed = vote(this.crashed, victim);
    this.inFlight = this.inFlight.filter(({ to }) => to !== victim);
    for (const name of this.timers) if (name.startsWith(`${victim} `)) this.timers.delete(name);
    this.teller?.event(victim, 'crashes', true);
  }

  private lives(slot: ReplicaId): boolean {
    return !includes(this.crashed, slot);
  }

  /** Lets a replica handle one event. What it sends to itself arrives after the handler, as at a node. */
  private act(slot: ReplicaId, handler: (replica: Replica<unknown>, host: Host<unknown>) => void): void {
    const host = this.hosts[slot] as TinyHost;
    const replica = this.replicas[slot] as Replica<unknown>;
    handler(replica, host);
    for (let next = host.own.shift(); next !== undefined; next = host.own.shift()) {
      replica.receive(slot, next.message, host);
    }
    if (this.crashed !== nobody) this.inFlight = this.inFlight.filter(({ to }) => this.lives(to));
  }

  /** Faults stop. What was lost is asked for again, until all operations that can end have ended. */
  private heal(): void {
    const alive = [...this.replicas.keys()].filter((slot) => this.lives(slot));
    for (let left = healingsMax; left > 0 && this.lost; left -= 1) {
      if (this.ledger.pending((slot) => this.lives(slot)).length === 0 && this.restless(alive).length === 0)
        break;
      for (const slot of alive) {
        for (const to of alive) {
          if (to !== slot) this.act(slot, (replica, host) => replica.repeat?.(to, host));
        }
      }
      this.settle();
    }
    if (alive.length < this.subject.protocol.answersNeeded(this.members)) return;
    const [waiting] = this.ledger.pending((slot) => this.lives(slot));
    if (waiting !== undefined)
      throw new Violation(properties.ends, `${waiting.label} at ${waiting.at} did not`);
    const [busy] = this.restless(alive);
    if (busy !== undefined) throw new Violation(properties.rests, `something is under way at ${busy}`);
  }

  private restless(alive: readonly ReplicaId[]): ReplicaId[] {
    return this.witness.restless(alive);
  }

  private settle(): void {
    for (;;) {
      const [next] = this.inFlight;
      const ready = this.clients.find((client) => !client.done && !client.running && this.lives(client.at));
      if (next !== undefined) this.arrive(next);
      else if (ready !== undefined) this.invoke(ready);
      else return;
      this.events += 1;
    }
  }
}

class TinyHost implements Host<unknown> {
  readonly own: { readonly message: unknown }[] = [];
  private readonly self: ReplicaId;
  private readonly world: TinyWorld;

  constructor(self: ReplicaId, world: TinyWorld) {
    this.self = self;
    this.world = world;
  }

  send(to: ReplicaId, message: unknown): void {
    if (to === this.self) this.own.push({ message });
    else this.world.send(this.self, to, message);
  }

  broadcast(message: unknown, to?: Members): void {
    for (let slot = 0; slot < this.world.members; slot += 1) {
      if (to === undefined || includes(to, slot)) this.send(slot, message);
    }
  }

  complete(operation: OperationId, result: Result): void {
    this.world.complete(operation, result);
  }

  changed(): void {
    // Nobody watches here.
  }

  setTimer(timer: string): void {
    this.world.timers.add(`${this.self} ${timer}`);
  }
}

/** Hands an operation to a replica. */
export function begin({ id, task, expected }: Deed, replica: Replica<unknown>, host: Host<unknown>): void {
  const { name, key, value } = task;
  if (name === 'read') replica.read(id, key, host);
  else if (name === 'write') replica.write(id, key, encoded(value), host);
  else replica.swap?.(id, key, { value: encoded(expected) }, encoded(value), host);
}

export function firstView(members: number): View {
  const named = memberNames(members).map((name, slot) => ({ name, slot, incarnation: slot + 1, since: 1 }));
  return { epoch: 1, birth: 1, members: named };
}
