import {
  ABSENT,
  each,
  everyone,
  type Host,
  IdMap,
  includes,
  type Key,
  type Members,
  nobody,
  type OperationId,
  only,
  type RawEntry,
  type RawVersion,
  type Replica,
  type ReplicaId,
  slotOf,
  type Value,
  type View,
  vote,
  without,
} from '@dsm/core';
import { Contents, type Shelved } from './contents.js';
import { parseContext } from './context.js';
import { Graveyard } from './graveyard.js';
import { Journal } from './journal.js';
import type { Message, State, Told } from './messages.js';
import type { Policy } from './policy.js';
import type { Past, Request } from './request.js';
import { Arrivals, partsOf } from './transfer.js';
import { tagOfUpdate, type Update } from './update.js';
import { covers, include, type Vector, zeros } from './vector.js';

/** A write of this member, until enough others hold it. */
interface Held {
  readonly operation: OperationId;
  readonly sequence: number;
  readonly result: Parameters<Host<Message>['complete']>[1];
}

/** A write of this member, done as far as this member is concerned. */
interface Written {
  readonly sequence: number;
  readonly version: RawVersion;
}

/** A session that comes from another member, until this one has all that it has seen. */
interface Attaching {
  readonly operation: OperationId;
  readonly past: Past;
  readonly seen: Readonly<Vector>;
}

/** Whoever has said nothing for so many updates says what it has, so that the others can forget them. */
const silenceMax = 32;
const silentBytesMax = 1024 * 1024;
/** A log keeps this many updates of each origin: a member that was away for longer is given the contents instead. */
const logMaxUsual = 10_000;

/** One member of a causally consistent memory that is always available: COPS (SOSP 2011) with vectors of members. */
export class CausalReplica implements Replica<Message> {
  readonly self: ReplicaId;
  readonly policy: Policy;
  readonly contents: Contents;
  journal: Journal;
  /** By origin, the updates that came before something that they depend on. Never one that was applied. */
  waiting: readonly IdMap<Update>[] = [];
  /** The largest time of any update applied here. */
  clock = 0;
  /** What the session of this memory itself has read and written: what its next write depends on. */
  readonly past: Past = { seen: [], birth: 0 };
  readonly graveyard = new Graveyard();
  /** In the order of their sequences. */
  holding: Held[] = [];
  attaching: Attaching[] = [];
  private others: Members = nobody;
  private birth = 0;
  /** Those who were asked for what is missing here and have not answered. */
  private asked: Members = nobody;
  /** Updates of others, and their bytes, that were applied since this member last said what it has. */
  private unsaid = 0;
  private unsaidBytes = 0;
  private transfers = 0;
  private readonly arrivals = new Arrivals();
  private readonly logMax: number;

  constructor(self: ReplicaId, policy: Policy, logMax = logMaxUsual) {
    this.logMax = logMax;
    this.self = self;
    this.policy = policy;
    this.contents = new Contents(policy);
    this.journal = new Journal(self, self + 1, logMax);
  }

  read(operation: OperationId, key: Key, host: Host<Message>): void {
    host.complete(operation, { kind: 'read', entry: this.look(key, this.past) });
  }

  write(operation: OperationId, key: Key, value: Value, host: Host<Message>): void {
    if (this.refuses(operation, key, value, host)) return;
    const { sequence, version } = this.put(key, value, this.past, host);
    this.finish({ operation, sequence, result: { kind: 'written', version } }, host);
  }

  perform(operation: OperationId, request: Request, host: Host<Message>): void {
    const answer = (value: unknown) => host.complete(operation, { kind: 'answered', value });
    switch (request.kind) {
      case 'look':
        return answer(this.look(request.key, request.past));
      case 'put': {
        const { key, value, past } = request;
        if (this.refuses(operation, key, value, host)) return;
        const { sequence, version } = this.put(key, value, past, host);
        return this.finish({ operation, sequence, result: { kind: 'answered', value: version } }, host);
      }
      case 'snapshot':
        return answer(request.keys.map((key) => this.look(key, this.past)));
      case 'attach':
        return this.attach(operation, request.context, request.past, host);
    }
  }

  receive(from: ReplicaId, message: Message, host: Host<Message>): void {
    this.learn(from, message.applied, host);
    switch (message.type) {
      case 'update':
        return this.onUpdate(from, message, host);
      case 'compare':
        return this.onCompare(from, message.answer, host);
      case 'state':
        return this.onState(from, message, host);
      case 'applied':
    }
  }

  /** Messages to and from a member were lost: it is told what is here, and sends the rest. It repeats as well. */
  repeat(to: ReplicaId, host: Host<Message>): void {
    this.asked = without(this.asked, only(to));
    host.send(to, { type: 'compare', applied: [...this.journal.applied], answer: false });
  }

  /** No part of any session: it says which keys there are, and nobody's writes depend on that. */
  keys(): Iterable<Key> {
    return this.contents.keys();
  }

  peek(key: Key): RawEntry {
    return this.look(key, this.past);
  }

  subscribes(key: Key): boolean {
    return this.policy.subscribes(this.self, key);
  }

  seal(): unknown {
    return { applied: [...this.journal.applied], cells: [...this.contents.cells] };
  }

  enter(view: View, sealed: readonly unknown[]): void {
    if (this.others !== nobody || sealed.length > 0) throw new Error('there is a first view only');
    const size = view.members.length;
    this.birth = view.birth;
    this.policy.enter(view);
    // Nobody holds all keys where there are subscriptions, so the contents of one member are no substitute for a log.
    this.journal = new Journal(this.self, size, this.policy.full ? this.logMax : Number.POSITIVE_INFINITY);
    this.waiting = Array.from({ length: size }, () => new IdMap<Update>());
    this.others = without(everyone(view.members.map(({ slot }) => slot)), only(this.self));
  }

  private onUpdate(from: ReplicaId, message: Told, host: Host<Message>): void {
    const { origin, sequence, dependencies, time, key, value } = message;
    if (this.isKnown(origin, sequence)) return;

    const update: Update = { origin, sequence, dependencies, time, key, value };
    const ready = this.isReady(update);
    if (ready && !this.waits) {
      this.take(update, host);
      return this.acknowledge(only(origin), host);
    }
    this.waiting[origin]?.set(sequence, update);
    if (ready) this.drain(host);
    else if (this.policy.full) this.ask(from, host);
    else for (const other of each(this.others)) this.ask(other, host);
  }

  /** Sends what the other lacks, all that it depends on first. */
  private onCompare(from: ReplicaId, answer: boolean, host: Host<Message>): void {
    if (!answer) this.asked = without(this.asked, only(from));
    const behind = this.journal.isBehind(from);
    if (behind) this.transfer(from, host);
    for (const update of behind ? [] : this.journal.missingAt(from)) {
      const wants = this.policy.subscribes(from, update.key);
      if (!wants || update.value !== undefined) host.send(from, this.told(update, wants));
    }
    if (answer) host.send(from, { type: 'compare', applied: [...this.journal.applied], answer: false });
  }

  /** Takes over all that another member holds. Both have what their own depends on, so both together have it, too. */
  private onState(from: ReplicaId, state: State, host: Host<Message>): void {
    const cells = this.arrivals.add(from, state);
    if (cells === undefined || covers(this.journal.applied, state.applied)) return;
    this.hear(state.clock);
    for (const cell of cells) if (this.isNews(cell) && this.contents.adopt(cell)) host.changed(cell.key);
    this.journal.adopt(state.applied);
    this.graveyard.bury(this.journal, this.contents);
    for (const [origin, updates] of this.waiting.entries()) {
      for (const [sequence] of updates) if (this.journal.has(origin, sequence)) updates.delete(sequence);
    }
    this.drain(host);
    this.settle(host);
    if (this.policy.acknowledgements > 0) this.say(this.others, host);
  }

  /** Whether a cell may have something that was not applied here; a key that was deleted may be forgotten here. */
  private isNews({ tag, sequence, merged }: Shelved): boolean {
    return merged !== undefined || !this.journal.has(slotOf(tag), sequence);
  }

  private transfer(to: ReplicaId, host: Host<Message>): void {
    this.transfers += 1;
    const { transfers: transfer, clock } = this;
    const parts = partsOf(this.contents);
    for (const [part, cells] of parts.entries()) {
      const applied = [...this.journal.applied];
      host.send(to, { type: 'state', applied, transfer, part, parts: parts.length, clock, cells });
    }
  }

  private isKnown(origin: ReplicaId, sequence: number): boolean {
    return this.journal.has(origin, sequence) || (this.waiting[origin]?.has(sequence) ?? true);
  }

  private isReady(update: Update): boolean {
    return this.journal.admits(update);
  }

  /** Applies what waited for something that is here now, until nothing does. */
  private drain(host: Host<Message>): void {
    let origins: Members = nobody;
    for (let next = this.nextReady(); next !== undefined; next = this.nextReady()) {
      this.waiting[next.origin]?.delete(next.sequence);
      this.take(next, host);
      origins = vote(origins, next.origin);
    }
    if (origins !== nobody) this.acknowledge(origins, host);
  }

  /** Applies an update of another member. */
  private take(update: Update, host: Host<Message>): void {
    this.apply(update, host);
    this.unsaid += 1;
    this.unsaidBytes += update.value?.length ?? 0;
  }

  /** Says what was applied: now and then to all, and where writes wait for it at once to those whose it was. */
  private acknowledge(origins: Members, host: Host<Message>): void {
    if (this.unsaid >= silenceMax || this.unsaidBytes >= silentBytesMax) return this.say(this.others, host);
    if (this.policy.acknowledgements > 0) this.say(origins, host);
  }

  /** Whether updates wait for others. */
  private get waits(): boolean {
    return this.waiting.some(({ size }) => size > 0);
  }

  private nextReady(): Update | undefined {
    for (const [origin, updates] of this.waiting.entries()) {
      const next = updates.get((this.journal.applied[origin] as number) + 1);
      if (next !== undefined && this.isReady(next)) return next;
    }
    return undefined;
  }

  private apply(update: Update, host: Host<Message>): void {
    this.hear(update.time);
    const differs = this.subscribes(update.key) && this.contents.apply(update);
    this.journal.append(update);
    this.graveyard.bury(this.journal, this.contents);
    if (differs) host.changed(update.key);
    if (this.attaching.length > 0) this.settle(host);
  }

  /** Whatever is written here from now on is later than this. */
  private hear(time: number): void {
    this.clock = Math.max(this.clock, time);
  }

  private say(to: Members, host: Host<Message>): void {
    if (to === this.others) this.unsaid = this.unsaidBytes = 0;
    host.broadcast({ type: 'applied', applied: [...this.journal.applied] }, to);
  }

  private ask(to: ReplicaId, host: Host<Message>): void {
    if (includes(this.asked, to)) return;
    this.asked = vote(this.asked, to);
    host.send(to, { type: 'compare', applied: [...this.journal.applied], answer: true });
  }

  private learn(from: ReplicaId, vector: Readonly<Vector>, host: Host<Message>): void {
    this.journal.learn(from, vector);
    this.graveyard.bury(this.journal, this.contents);
    while (this.holding[0] !== undefined && this.isHeld(this.holding[0].sequence)) {
      const { operation, result } = this.holding.shift() as Held;
      host.complete(operation, result);
    }
  }

  private look(key: Key, past: Past): RawEntry {
    past.birth = this.birth;
    this.see(key, past);
    return this.contents.entry(key);
  }

  private see(key: Key, { seen }: Past): void {
    this.contents.see(key, seen);
  }

  private refuses(operation: OperationId, key: Key, value: Value, host: Host<Message>): boolean {
    if (value !== ABSENT || this.policy.mergeOf(key) === undefined) return false;
    const text = `'${key}' is merged, and a merge with nothing would bring it back`;
    host.complete(operation, { kind: 'refused', code: 'DSM_UNSUPPORTED', text });
    return true;
  }

  /** Applies a write here, and sends it to the others. */
  private put(key: Key, value: Value, past: Past, host: Host<Message>): Written {
    const update = this.issue(key, value, past);
    const { sequence } = update;
    this.apply(update, host);
    const merged = this.policy.mergeOf(key) !== undefined;
    past.birth = this.birth;
    include(past.seen, this.self, sequence);
    this.unsaid = this.unsaidBytes = 0;
    const strangers = this.policy.strangers(key, this.others);
    const subscribers = without(this.others, strangers);
    if (subscribers !== nobody) host.broadcast(this.told(update, true), subscribers);
    if (strangers !== nobody) host.broadcast(this.told(update, false), strangers);
    return { sequence, version: merged ? this.contents.entry(key).version : tagOfUpdate(update) };
  }

  private issue(key: Key, value: Value, { seen }: Past): Update {
    const sequence = (this.journal.applied[this.self] as number) + 1;
    const dependencies = zeros(this.journal.size);
    for (let origin = 0; origin < dependencies.length; origin += 1) dependencies[origin] = seen[origin] ?? 0;
    return { origin: this.self, sequence, dependencies, time: this.clock + 1, key, value };
  }

  private told(update: Update, withValue: boolean): Told {
    const { origin, sequence, dependencies, time, key } = update;
    const value = withValue ? update.value : undefined;
    const applied = this.journal.applied.slice();
    return { type: 'update', origin, sequence, dependencies, time, key, value, applied };
  }

  private finish(held: Held, host: Host<Message>): void {
    if (this.isHeld(held.sequence)) host.complete(held.operation, held.result);
    else this.holding.push(held);
  }

  /** Whether enough others have applied an update of this member: all of them where there are no more. */
  private isHeld(sequence: number): boolean {
    const enough = Math.min(this.policy.acknowledgements, this.journal.size - 1);
    return enough === 0 || this.journal.holders(sequence) >= enough;
  }

  private attach(operation: OperationId, context: string, past: Past, host: Host<Message>): void {
    const seen = parseContext(context, this.birth, this.journal.size);
    if (seen === undefined) {
      const text = 'this is no context of a session of this group';
      return host.complete(operation, { kind: 'refused', code: 'DSM_INVALID_OPTION', text });
    }
    this.attaching.push({ operation, past, seen });
    this.settle(host);
  }

  /** Sessions go on here once this member has applied all that they have seen: never before, and never by time. */
  private settle(host: Host<Message>): void {
    this.attaching = this.attaching.filter(({ operation, past, seen }) => {
      if (!covers(this.journal.applied, seen)) return true;
      past.birth = this.birth;
      past.seen = [...seen];
      host.complete(operation, { kind: 'answered', value: undefined });
      return false;
    });
  }
}
