import {
  type Answer,
  type Flight,
  type Host,
  includes,
  type Key,
  type Members,
  nobody,
  type OperationId,
  Reader,
  type Replica,
  type ReplicaId,
  type Result,
  vote,
  Writer,
} from '@dsm/core';
import { Chance } from '../chance.js';
import { noFaults } from '../fault-kinds.js';
import { firstView, memberNames } from '../first-view.js';
import { begin, Ledger, ScriptedClient } from '../ledger.js';
import type { Plan } from '../plan.js';
import type { World, WorldOptions } from '../run.js';
import { StoryTeller } from '../story-teller.js';
import type { Subject } from '../subject.js';
import { properties, Violation } from '../violation.js';
import { Witness, type WitnessHost } from '../witness.js';
import { TraceHash } from './hash.js';

/** A message in flight, as bytes too, with its number in the story. */
interface TinyFlight extends Flight {
  readonly bytes: Uint8Array;
  readonly number: number;
}

/** Beyond this many events in such a world something goes round in circles. */
const eventsMax = 5_000;
/** Rounds of asking again, after which what still waits will wait for ever. */
const healingsMax = 64;

/**
 * Replicas without nodes and links: each step is drawn uniformly among what is possible, so the oldest message and the
 * newest are equally likely to be next. Bugs that need a strange order show far more often than on a network.
 */
export class TinyWorld implements World, WitnessHost {
  readonly ledger = new Ledger();
  readonly faults = noFaults();
  readonly keys: readonly Key[];
  readonly missed = false;
  crashed: Members = nobody;
  private steps = 0;
  private readonly subject: Subject;
  private readonly plan: Plan;
  private readonly chance: Chance;
  private readonly hash = new TraceHash();
  private readonly teller: StoryTeller | undefined;
  private readonly witness: Witness;
  private readonly reader = new Reader();
  private readonly writer = new Writer();
  private readonly reorders: boolean;
  private readonly slots: readonly ReplicaId[];
  private readonly replicas: readonly Replica<unknown>[];
  private readonly hosts: readonly TinyHost[];
  private readonly clients: readonly ScriptedClient[];
  /** In the order they were sent. */
  private inFlight: TinyFlight[] = [];
  /** Timers that are set, as `slot timer`. */
  readonly timers = new Set<string>();
  private lost = false;

  constructor(subject: Subject, plan: Plan, { tells }: WorldOptions) {
    this.subject = subject;
    this.plan = plan;
    this.keys = plan.keys;
    this.chance = new Chance(plan.chance);
    this.teller = tells ? new StoryTeller(memberNames(plan.members)) : undefined;
    this.witness = new Witness(subject, this);
    this.reorders = subject.protocol.channels === 'unordered' && plan.network.reorders;
    this.slots = Array.from({ length: plan.members }, (_, slot) => slot);
    this.replicas = this.slots.map((slot) => this.witness.replica(slot));
    this.hosts = this.slots.map((slot) => new TinyHost(slot, this));
    this.clients = plan.clients.map(({ at, tasks }, number) => new ScriptedClient(number, at, tasks));
  }

  get events(): number {
    return this.steps + this.witness.handled;
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
    const view = firstView(memberNames(this.plan.members));
    for (const slot of this.slots) this.act(slot, (replica, host) => replica.enter(view, [], host));
    while (this.step()) this.mustEnd();
    this.heal();
  }

  // What hosts ask for.

  /** As bytes, so that nobody shares a message with its sender. */
  encoded(message: unknown): Uint8Array {
    this.writer.reset();
    this.subject.protocol.codec.encode(message, this.writer);
    return this.writer.take();
  }

  send(from: ReplicaId, to: ReplicaId, bytes: Uint8Array): void {
    this.reader.reset(bytes);
    const message = this.subject.protocol.codec.decode(this.reader);
    if (!this.reader.finished) throw new Error('a message is longer than what is decoded of it');
    const number = this.teller?.send(from, to, message) ?? 0;
    this.inFlight.push({ from, to, message, bytes, number });
  }

  complete(operation: OperationId, result: Result | Answer): void {
    const deed = this.ledger.end(operation, result);
    this.teller?.return(deed.at, deed.id, deed.answer);
    this.hash.text(deed.answer);
    this.clients[deed.client]?.ended(deed);
  }

  /** One event. False when nothing is left to happen. */
  private step(): boolean {
    const [crash] = this.plan.disturbances;
    if (crash?.atUs === this.steps && this.lives(crash.members[0] as ReplicaId))
      this.crash(crash.members[0] as ReplicaId);
    const ready = this.clients.filter((client) => client.ready && this.lives(client.at));
    const movable = this.movable();
    const timers = [...this.timers];
    const choices = movable.length + ready.length + timers.length;
    if (this.steps >= eventsMax && this.hopeless) return false;
    // Timers may go on for ever, but not with work left undone.
    if (choices === timers.length && (choices === 0 || this.resting)) return false;
    this.steps += 1;
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
  private movable(): readonly TinyFlight[] {
    return this.reorders
      ? this.inFlight
      : this.inFlight.filter((flight) => this.overtaken(flight) === flight);
  }

  /** The one that was sent first on the same way. */
  private overtaken({ from, to }: TinyFlight): TinyFlight | undefined {
    return this.inFlight.find((other) => other.from === from && other.to === to);
  }

  private move(flight: TinyFlight): void {
    const { chance, plan, faults } = this;
    const { dropRate, duplicateRate } = plan.network;
    let again = false;
    if (this.subject.protocol.channels === 'unordered') {
      if (dropRate > 0 && chance.happens(dropRate)) {
        faults.drop += 1;
        this.lost = true;
        this.remove(flight);
        this.teller?.lose(flight.number);
        return;
      }
      if (this.reorders && this.overtaken(flight) !== flight) faults.reorder += 1;
      again = duplicateRate > 0 && chance.happens(duplicateRate);
    }
    if (again) faults.duplicate += 1;
    else this.remove(flight);
    this.arrive(flight);
  }

  private arrive(flight: TinyFlight): void {
    const { from, to, message, bytes, number } = flight;
    this.teller?.receive(to, from, number);
    this.hash.bytes(bytes);
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

  /**
   * Faults stop. What was lost is asked for again, as everybody is told of a loss, waiting or not; until all operations
   * that can end have ended.
   */
  private heal(): void {
    const { alive } = this;
    this.tellOfSilence();
    for (let left = healingsMax; left > 0 && this.lost; left -= 1) {
      if (left < healingsMax && this.resting) break;
      for (const slot of alive) {
        for (const to of alive) {
          if (to !== slot) this.act(slot, (replica, host) => replica.repeat?.(to, host));
        }
      }
      this.settle();
    }
    if (this.hopeless) return;
    this.mustHaveEnded();
    const [busy] = this.witness.restless(alive);
    if (busy !== undefined) throw new Violation(properties.rests, `something is under way at ${busy}`);
    this.witness.settle(alive);
  }

  /** Who has crashed is missed in the end. */
  private tellOfSilence(): void {
    const dead = this.slots.filter((slot) => !this.lives(slot));
    const heedful = this.alive.filter((slot) => this.replicas[slot]?.silent !== undefined);
    if (dead.length === 0 || heedful.length === 0) return;
    for (const slot of heedful) {
      for (const other of dead) this.act(slot, (replica, host) => replica.silent?.(other, host));
    }
    this.settle();
  }

  /** Everything in flight arrives, and every timer that is set fires once. */
  private settle(): void {
    const timers = [...this.timers];
    for (;;) {
      const [next] = this.inFlight;
      const ready = this.clients.find((client) => client.ready && this.lives(client.at));
      if (next !== undefined) {
        this.remove(next);
        this.arrive(next);
      } else if (ready !== undefined) this.invoke(ready);
      else {
        const timer = timers.pop();
        if (timer === undefined) return;
        if (this.timers.has(timer)) this.fire(timer);
      }
      this.steps += 1;
      this.mustEnd();
    }
  }

  /** So many have crashed that operations need not end. */
  private get hopeless(): boolean {
    return this.alive.length < this.subject.protocol.answersNeeded(this.members);
  }

  private get alive(): ReplicaId[] {
    return this.slots.filter((slot) => this.lives(slot));
  }

  /** Every operation has ended, and no replica keeps anything of one; both at members that live. */
  private get resting(): boolean {
    const lives = (slot: ReplicaId) => this.lives(slot);
    return this.ledger.pending(lives).length === 0 && this.witness.restless(this.alive).length === 0;
  }

  /** What goes on for so long goes on for ever. */
  private mustEnd(): void {
    if (this.steps < eventsMax || this.hopeless) return;
    this.mustHaveEnded();
    throw new Violation(properties.rests, `not within ${eventsMax} events`);
  }

  private mustHaveEnded(): void {
    const [waiting] = this.ledger.pending((slot) => this.lives(slot));
    if (waiting !== undefined)
      throw new Violation(properties.ends, `${waiting.label} at ${waiting.at} did not`);
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
    else this.world.send(this.self, to, this.world.encoded(message));
  }

  broadcast(message: unknown, to?: Members): void {
    const bytes = this.world.encoded(message);
    for (let slot = 0; slot < this.world.members; slot += 1) {
      if (to !== undefined && !includes(to, slot)) continue;
      if (slot === this.self) this.own.push({ message });
      else this.world.send(this.self, slot, bytes);
    }
  }

  complete(operation: OperationId, result: Result | Answer): void {
    this.world.complete(operation, result);
  }

  changed(): void {
    // Nobody watches here.
  }

  setTimer(timer: string): void {
    this.world.timers.add(`${this.self} ${timer}`);
  }
}
