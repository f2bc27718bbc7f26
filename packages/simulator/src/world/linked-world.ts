import {
  type Answer,
  count,
  type DsmError,
  type Flight,
  includes,
  type Members,
  membersMax,
  nobody,
  type OperationId,
  type ReplicaId,
  type Result,
  vote,
} from '@dsm/core';
import { Chance } from '../chance.js';
import { type Coming, moves, namesIn, placesIn } from '../comings.js';
import { noFaults } from '../fault-kinds.js';
import { memberNames } from '../first-view.js';
import { begin, Ledger, ScriptedClient } from '../ledger.js';
import type { ClientPlan, Disturbance, Plan } from '../plan.js';
import type { World, WorldOptions } from '../run.js';
import type { Subject } from '../subject.js';
import { properties, Violation } from '../violation.js';
import { Witness, type WitnessHost } from '../witness.js';
import { Clock } from './clock.js';
import { TraceHash } from './hash.js';
import { Messages } from './messages.js';
import { Network } from './network.js';
import { type Being, comer, founder, Process } from './process.js';
import { areComplete, isAtRest, unrestOf } from './unrest.js';

/** How long faults last at most, and how long it may take afterwards until every operation has ended. */
const safetyUs = 8_000_000;
const livenessUs = 60_000_000;
/** How long it may take until links and replicas come to rest when all operations have ended. */
const restUs = 20_000_000;
/** What a process is told that comes back without its memory. The second, while frames of the dead one still come. */
const refusals: readonly string[] = ['DSM_REMOVED', 'DSM_DUPLICATE_MEMBER'];

/** After how long a process that was taken for another one that lives tries again. */
const againUs = 500_000;

/** Nodes with links and groups, the very same that run over real transports, on a network that does its worst. */
export class LinkedWorld implements World, WitnessHost {
  readonly ledger = new Ledger();
  readonly faults = noFaults();
  readonly keys: Plan['keys'];
  crashed: Members = nobody;
  private readonly subject: Subject;
  private readonly plan: Plan;
  private readonly chance: Chance;
  private readonly clock = new Clock();
  private readonly hash = new TraceHash();
  private readonly witness: Witness;
  private readonly network: Network;
  private readonly messages: Messages;
  /** By number. */
  private readonly processes: Process[] = [];
  /** Whether members come and go. */
  private readonly moves: boolean;
  /** The first view is there: from then on members crash, come and go. */
  private begun = false;
  /** Those who crashed and will not come back. */
  private lost: Members = nobody;
  private nextNumber: number;
  private readonly clients: readonly ScriptedClient[];
  private readonly waking: (() => void)[] = [];
  /** Clients that have tasks to do or to finish, at members that live. */
  private unfinished: number;
  /** Processes that come back with a known name, or will, and have not been refused. */
  private unrefused = 0;
  private violation: Violation | undefined;

  constructor(subject: Subject, plan: Plan, { tells, follows }: WorldOptions) {
    this.subject = subject;
    this.plan = plan;
    this.keys = plan.keys;
    this.chance = new Chance(plan.chance);
    this.witness = new Witness(subject, this);
    this.moves = moves(subject.protocol);
    this.messages = new Messages(namesIn(plan), { tells, follows });
    this.nextNumber = plan.members + plan.comings.length;
    const { clock, chance, faults: counts, hash } = this;
    this.network = new Network(plan.network, placesIn(plan), { clock, chance, counts, hash });
    this.clients = plan.clients.map(({ at, tasks }, number) => new ScriptedClient(number, at, tasks));
    this.unfinished = this.clients.length;
  }

  get events(): number {
    return this.clock.events + this.witness.handled;
  }

  get sometimes(): ReadonlyMap<string, number> {
    return this.witness.sometimes;
  }

  get digest(): string {
    return this.hash.digest;
  }

  get missed(): boolean {
    return this.messages.missed;
  }

  get story() {
    return this.messages.story;
  }

  flights(): Iterable<Flight> {
    return this.messages.inFlight();
  }

  perform(): void {
    for (let slot = 0; slot < this.plan.members; slot += 1) this.start(founder(slot, this.plan.members));
    for (const disturbance of this.plan.disturbances) {
      if (disturbance.kind !== 'crash')
        this.clock.after(undefined, disturbance.atUs, () => this.disturb(disturbance));
    }
    this.runUntil(this.clock.nowUs + safetyUs, () => this.unfinished === 0 && this.settled());
    this.heal();
    const { hopeless } = this;
    this.runUntil(this.clock.nowUs + livenessUs, () => (this.unfinished === 0 || hopeless) && this.settled());
    this.mustHaveEnded();
    // What is under way may be older than what was waited for, and unexpected.
    const { lastUs } = this.network;
    this.runUntil(
      Math.max(lastUs, this.clock.nowUs) + restUs,
      () => this.clock.nowUs >= lastUs && (hopeless || isAtRest(this.alive, this.witness)),
    );
    this.count();
    const unrest = hopeless ? undefined : unrestOf(this.alive, this.witness);
    if (unrest !== undefined) throw new Violation(properties.rests, unrest);
    if (!hopeless || areComplete(this.alive)) this.witness.settle(this.alive.map(({ slot }) => slot));
  }

  private runUntil(endUs: number, done: () => boolean): void {
    this.clock.runUntil(endUs, () => this.violation !== undefined || done());
    if (this.violation !== undefined) throw this.violation;
  }

  /** The last process of a name. */
  private numberOf(name: string): ReplicaId {
    const place = memberNames(membersMax).indexOf(name);
    return this.processes.reduce((last, { slot, being }) => (being.named === place ? slot : last), place);
  }

  private start(being: Being): Process {
    const { number, self } = being;
    const made = { protocol: this.subject.protocol, replica: this.witness.replica(number, self) };
    const { clock, chance } = this;
    const events = {
      entered: (process: Process) => this.entered(process),
      failed: (process: Process, error: DsmError) => this.failed(process, error),
      complete: (_: Process, operation: OperationId, result: Result | Answer) =>
        this.complete(operation, result),
      trace: this.messages.traceOf(number, (name) => this.numberOf(name)),
    };
    const process = new Process(being, this.plan, made, { clock, chance, events });
    this.processes[number] = process;
    process.node.start(this.network.attach(process));
    return process;
  }

  /** Its clients begin. Once all have entered the view, members may crash. */
  private entered({ slot }: Process): void {
    if (includes(this.crashed, slot)) {
      this.violation ??= new Violation(properties.forgotten, `${slot} entered the view again`);
    }
    for (const [number, client] of this.clients.entries()) {
      if (client.at === slot) this.next(client, this.plan.clients[number] as ClientPlan);
    }
    if (slot >= this.plan.members) this.witness.met('a process came to a group that was there');
    if (this.begun || this.processes.length < this.plan.members) return;
    if (!this.processes.every(({ entered: there }) => there)) return;
    this.begun = this.moves;
    for (const coming of this.plan.comings) {
      this.clock.after(undefined, coming.atUs, () => this.change(coming));
    }
    if (this.clock.nowUs > this.plan.suspectAfterMs * 1000) this.witness.met('the group was long in forming');
    for (const disturbance of this.plan.disturbances) {
      if (disturbance.kind === 'crash')
        this.clock.after(undefined, disturbance.atUs, () => this.disturb(disturbance));
    }
  }

  private failed(process: Process, error: DsmError): void {
    if (error.cause instanceof Violation) {
      this.violation ??= error.cause;
    } else if (process.slot >= this.plan.members && error.code === 'DSM_DUPLICATE_MEMBER') {
      this.tryAgain(process);
    } else if (this.mayBeReplaced(process) && error.code === 'DSM_REMOVED') {
      this.witness.met('a process that lives was taken for a dead one');
      if (process.slot >= this.plan.members) this.lost = vote(this.lost, process.slot);
      this.die(process);
    } else if (includes(this.crashed, process.slot) && refusals.includes(error.code)) {
      this.witness.met(`a member that came back was told ${error.code}`);
      this.unrefused -= 1;
      this.stop(process);
    } else {
      this.violation ??= new Violation(properties.throws, `${process.slot}: ${error.code} ${error.message}`);
    }
  }

  /** Frames of the dead one still come, or those of one that lives: then it gives up in the end. */
  private tryAgain(process: Process): void {
    if (this.network.healed && this.processes[process.being.named]?.alive) {
      this.witness.met('a process was refused the name of a member that lives');
      return this.die(process);
    }
    this.stop(process);
    this.clock.after(undefined, againUs, () => this.start(process.being));
  }

  /** It has a rival; or it has tried before, and that was heard of again, late, while it was cut off. */
  private mayBeReplaced({ slot }: Process): boolean {
    const { members, comings } = this.plan;
    return slot >= members || comings.some(({ kind, named }) => kind === 'rival' && named === slot);
  }

  private stop(process: Process): void {
    process.dead = true;
    this.network.detach(process);
  }

  /** Somebody comes, or goes. */
  private change(coming: Coming): void {
    const { kind, named, awayUs, beyond } = coming;
    const process = this.processes[named];
    if (kind === 'leave' && process?.alive) this.leave(process);
    if (kind === 'return' && process?.alive) this.die(process);
    if (kind === 'leave') return;
    if (beyond !== undefined && !this.network.healed) this.cut(beyond);
    const being = comer(coming, this.plan.members);
    this.clock.after(undefined, kind === 'join' ? 0 : awayUs, () => this.start(being));
  }

  private leave(process: Process): void {
    process.leaving = true;
    this.unfinished -= this.unfinishedAt((at) => at === process.slot);
    this.messages.teller?.event(process.slot, 'leaves');
    process.node.leave(() => {
      this.witness.met('a member left');
      this.clock.afterTurn(process, () => this.clock.after(undefined, 1, () => this.stop(process)));
    });
  }

  private next(client: ScriptedClient, plan: ClientPlan): void {
    if (this.processes[client.at]?.leaving) return;
    if (client.done) {
      this.unfinished -= 1;
      return;
    }
    const owner = this.processes[client.at] as Process;
    const pauseUs = plan.pauseUsMax === 0 ? 0 : this.chance.below(plan.pauseUsMax);
    this.clock.after(owner, pauseUs, () => {
      if (owner.leaving) return;
      const deed = client.begin(this.ledger);
      this.messages.teller?.invoke(deed.at, deed.id, deed.label);
      owner.node.invoke((replica, host) => begin(deed, replica, host));
    });
  }

  private complete(operation: OperationId, result: Result | Answer): void {
    const deed = this.ledger.end(operation, result);
    this.messages.teller?.return(deed.at, deed.id, deed.answer);
    this.hash.text(deed.answer);
    const client = this.clients[deed.client] as ScriptedClient;
    client.ended(deed);
    this.next(client, this.plan.clients[deed.client] as ClientPlan);
  }

  private disturb(disturbance: Disturbance): void {
    if (this.network.healed) return;
    const { kind, members, forUs } = disturbance;
    if (kind === 'cut') return this.cut(disturbance);
    const process = this.processes[members[0] as ReplicaId] as Process;
    if (process.dead || (process.paused && kind === 'pause')) return;
    this.faults[kind] += 1;
    if (kind === 'crash') return this.crash(process, disturbance);
    this.messages.teller?.event(process.slot, 'is paused');
    process.paused = true;
    this.later(forUs, () => {
      if (process.dead) return;
      this.messages.teller?.event(process.slot, 'goes on');
      this.clock.wake(process);
    });
  }

  private cut({ members, oneWay, reconnects, forUs }: Disturbance): void {
    const places = new Set(this.processes.flatMap(({ place }) => place));
    const others = [...places].filter((place) => !members.includes(place));
    this.network.cut(members, others, 1);
    if (!oneWay) this.network.cut(others, members, 1);
    this.later(forUs, () => {
      this.network.cut(members, others, -1);
      if (!oneWay) this.network.cut(others, members, -1);
      if (reconnects) this.network.reconnect(members, others);
    });
  }

  private die(process: Process): void {
    const { slot } = process;
    if (!process.leaving) this.unfinished -= this.unfinishedAt((at) => at === slot);
    this.stop(process);
    this.crashed = vote(this.crashed, slot);
    this.messages.teller?.event(slot, 'crashes', true);
  }

  /** A member dies. What comes back under its name has forgotten everything, and is another one, or must be refused. */
  private crash(process: Process, { forUs, returns }: Disturbance): void {
    const { slot } = process;
    this.die(process);
    if (!returns) {
      this.lost = vote(this.lost, slot);
    } else if (this.moves) {
      const being = { number: this.nextNumber++, place: process.place, named: process.place, contacts: [] };
      this.clock.after(undefined, forUs, () => this.start(comer(being, this.plan.members)));
    } else {
      this.unrefused += 1;
      this.clock.after(undefined, forUs, () => this.comeBack(slot));
    }
  }

  private comeBack(slot: ReplicaId): void {
    const before = this.witness.replicas[slot] as (typeof this.witness.replicas)[number];
    this.start(founder(slot, this.plan.members));
    // It counts as it was when it died.
    this.witness.replicas[slot] = before;
  }

  /** After a time, or when faults end. */
  private later(delayUs: number, act: () => void): void {
    let done = false;
    const once = () => {
      if (!done) act();
      done = true;
    };
    this.waking.push(once);
    this.clock.after(undefined, delayUs, once);
  }

  private heal(): void {
    this.network.healed = true;
    for (const act of this.waking) act();
  }

  /** Everybody alive is in the view, and who came back has been told that it is not. */
  private settled(): boolean {
    const leaving = this.processes.some((process) => process.leaving && process.alive);
    return this.unrefused === 0 && !leaving && this.formed();
  }

  /** So many have crashed that operations need not end. */
  private get hopeless(): boolean {
    const { alive, lost, plan } = this;
    const size = this.moves ? alive.length + count(lost) : plan.members;
    return alive.length < this.subject.protocol.answersNeeded(size);
  }

  private mustHaveEnded(): void {
    if (this.unrefused > 0)
      throw new Violation(properties.forgotten, 'what came back under a known name was told nothing');
    if (this.hopeless) return;
    if (!this.formed()) throw new Violation(properties.ends, 'the group was not formed');
    const [waiting] = this.ledger.pending((slot) => this.isAlive(slot));
    if (waiting !== undefined)
      throw new Violation(properties.ends, `${waiting.label} at ${waiting.at} did not`);
    if (this.unfinishedAt((slot) => this.isAlive(slot)) > 0)
      throw new Violation(properties.ends, 'a client could not go on');
  }

  private unfinishedAt(chosen: (slot: ReplicaId) => boolean): number {
    return this.clients.filter((client) => chosen(client.at) && (client.running || !client.done)).length;
  }

  private formed(): boolean {
    return this.processes.every(({ entered, slot }) => entered || !this.isAlive(slot));
  }

  private count(): void {
    for (const { node } of this.alive) {
      const { dropped } = node.counters;
      if (dropped.has('duplicate')) this.witness.met('a retransmission was dropped as a duplicate');
      if (dropped.has('link-full')) this.witness.met('a link was full');
      if (dropped.has('suspected')) this.witness.met('a suspected member was sent nothing');
      if (dropped.has('epoch-not-entered')) this.witness.met('a message came before the view');
    }
  }

  private get alive(): Process[] {
    return this.processes.filter(({ slot }) => this.isAlive(slot));
  }

  private isAlive(slot: ReplicaId): boolean {
    return !includes(this.crashed, slot) && (this.processes[slot]?.alive ?? false);
  }
}
