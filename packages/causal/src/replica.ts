import {
  ABSENT,
  each,
  everyone,
  type Host,
  IdMap,
  includes,
  type Key,
  type Member,
  type Members,
  nobody,
  type OperationId,
  only,
  type RawEntry,
  type RawVersion,
  type Replica,
  type ReplicaId,
  type Value,
  type View,
  vote,
  without,
} from '@dsm/core';
import { type Attaching, seenHere } from './attaching.js';
import { Contents, type Shelved } from './contents.js';
import { parseContext } from './context.js';
import { Departures } from './departures.js';
import { Graveyard } from './graveyard.js';
import { Journal } from './journal.js';
import { type Compare, type Message, type State, type Told, translated } from './messages.js';
import { type Origin, Origins } from './origins.js';
import type { Policy } from './policy.js';
import type { Past, Request } from './request.js';
import { Arrivals, partsOf } from './transfer.js';
import type { Update } from './update.js';
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

/** Whoever has said nothing for so many updates says what it has, so that the others can forget them. */
const silenceMax = 32;
const silentBytesMax = 1024 * 1024;
/** A log keeps this many updates of each origin: a member that was away for longer is given the contents instead. */
const logMaxUsual = 10_000;

/** One member of a causally consistent memory that is always available: COPS (SOSP 2011) with vectors of members. */
export class CausalReplica implements Replica<Message> {
  readonly self: ReplicaId;
  readonly policy: Policy;
  readonly origins: Origins;
  readonly contents: Contents;
  journal: Journal;
  /** By origin, the updates that came before something that they depend on. Never one that was applied. */
  waiting: IdMap<Update>[] = [];
  /** The largest time of any update applied here. */
  clock = 0;
  /** What the session of this memory itself has read and written: what its next write depends on. */
  readonly past: Past = { seen: [], birth: 0 };
  readonly graveyard = new Graveyard();
  /** In the order of their sequences. */
  holding: Held[] = [];
  attaching: Attaching[] = [];
  readonly departures = new Departures();
  /** By slot, as `asked`. */
  private others: Members = nobody;
  private birth = 0;
  /** Those who were asked for what is missing here and have not answered. */
  private asked: Members = nobody;
  /** Updates of others, and their bytes, that were applied since this member last said what it has. */
  private unsaid = 0;
  private unsaidBytes = 0;
  private transfers = 0;
  private readonly arrivals = new Arrivals();
  /** What the first member that was asked had, where this one came later: it is ready once it has that. */
  private given: Readonly<Vector> | undefined;
  /** What it had when it wanted to depart. */
  private leaving: Readonly<Vector> | undefined;
  private readonly logMax: number;

  constructor(self: ReplicaId, policy: Policy, logMax = logMaxUsual) {
    this.logMax = logMax;
    this.self = self;
    this.policy = policy;
    this.origins = new Origins(self);
    this.contents = new Contents(policy, this.origins);
    this.journal = new Journal(this.origins, logMax);
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
    const member = this.origins.at(from);
    const translation = this.origins.translation(message.later);
    const own = translation === undefined ? message : translated(message, translation);
    if (member === undefined || own === undefined) return;
    if (this.journal.size < this.origins.size) this.grow();
    this.learn(member, own.applied, host);
    switch (own.type) {
      case 'update':
        return this.onUpdate(from, own, host);
      case 'compare':
        return this.onCompare(from, own, host);
      case 'state':
        return this.onState(from, own, host);
      case 'applied':
    }
  }

  /** Messages to and from a member were lost: it is told what is here, and sends the rest. It repeats as well. */
  repeat(to: ReplicaId, host: Host<Message>): void {
    this.asked = without(this.asked, only(to));
    host.send(to, this.compare(false));
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
    if (this.birth !== 0 || sealed.length > 0) throw new Error('there is a first view only');
    this.form(view, view.members);
  }

  /** Who came later begins here. What they lack others send; those who departed are waited for no longer. */
  roster(members: readonly Member[], formed: View, host: Host<Message>): void {
    if (this.birth === 0) this.form(formed, members);
    const before = this.origins.others;
    this.origins.become(members, this.self);
    this.grow();
    const gone = before.filter((origin) => !this.origins.others.includes(origin));
    for (const origin of gone) {
      this.departures.add(origin);
      // Some of it may be lost: whoever has applied it sends it again.
      this.waiting[origin]?.clear();
    }
    this.others = without(everyone(members.map(({ slot }) => slot)), only(this.self));
    this.asked = nobody;
    this.journal.pruneAll();
    this.bury();
    this.complete(host);
    for (const other of each(this.others)) this.ask(other, host);
  }

  /** Whether this member, which may have come later, has been given what another one had. */
  get ready(): boolean {
    if (this.others === nobody) return true;
    return this.given !== undefined && covers(this.journal.applied, this.given);
  }

  leave(host: Host<Message>): boolean {
    this.leaving ??= [...this.journal.applied];
    if (this.journal.isElsewhere(this.leaving)) return true;
    for (const other of each(this.others)) this.ask(other, host);
    return false;
  }

  private form(view: View, members: readonly Member[]): void {
    this.birth = view.birth;
    this.policy.enter(view);
    this.origins.form(view);
    this.origins.become(members, this.self);
    // Nobody holds all keys where there are subscriptions, so the contents of one member are no substitute for a log.
    this.journal = new Journal(this.origins, this.policy.full ? this.logMax : Number.POSITIVE_INFINITY);
    this.others = without(everyone(members.map(({ slot }) => slot)), only(this.self));
    this.grow();
  }

  /** Makes room for origins that were heard of. */
  private grow(): void {
    this.journal.grow();
    while (this.waiting.length < this.origins.size) this.waiting.push(new IdMap<Update>());
  }

  private onUpdate(from: ReplicaId, message: Told, host: Host<Message>): void {
    const { origin, sequence, dependencies, time, key, value } = message;
    if (this.isKnown(origin, sequence)) return;

    const update: Update = { origin, sequence, dependencies, time, key, value };
    const ready = this.isReady(update);
    if (ready && !this.waits) {
      this.take(update, host);
      return this.acknowledge(this.memberOf(origin), host);
    }
    this.waiting[origin]?.set(sequence, update);
    if (ready) this.drain(host);
    else if (this.policy.full) this.ask(from, host);
    else for (const other of each(this.others)) this.ask(other, host);
  }

  /** Sends what the other lacks, all that it depends on first. */
  private onCompare(from: ReplicaId, { answer, applied, departed }: Compare, host: Host<Message>): void {
    const member = this.origins.at(from) as Origin;
    if (!answer) {
      this.asked = without(this.asked, only(from));
      if (this.origins.self >= this.origins.first) this.given ??= applied;
    }
    this.departures.learn(member, departed);
    const behind = this.journal.isBehind(member);
    if (behind) this.transfer(from, host);
    for (const update of behind ? [] : this.journal.missingAt(member)) {
      const wants = this.policy.subscribes(from, update.key);
      if (!wants || update.value !== undefined) host.send(from, this.told(update, wants));
    }
    if (answer) host.send(from, this.compare(false));
    this.bury();
  }

  private compare(answer: boolean): Compare {
    const { journal, origins, departures } = this;
    const departed = [...departures.origins];
    return { type: 'compare', later: origins.later, applied: [...journal.applied], answer, departed };
  }

  /** Takes over all that another member holds. Both have what their own depends on, so both together have it, too. */
  private onState(from: ReplicaId, state: State, host: Host<Message>): void {
    const cells = this.arrivals.add(from, state);
    if (cells === undefined || covers(this.journal.applied, state.applied)) return;
    this.hear(state.clock);
    const kept = new Set(cells.map(({ key }) => key));
    for (const key of this.contents.drop(kept, state.applied)) host.changed(key);
    for (const cell of cells) if (this.isNews(cell) && this.contents.adopt(cell)) host.changed(cell.key);
    this.journal.adopt(state.applied);
    this.bury();
    for (const [origin, updates] of this.waiting.entries()) {
      for (const [sequence] of updates) if (this.journal.has(origin, sequence)) updates.delete(sequence);
    }
    this.drain(host);
    this.settle(host);
    if (this.policy.acknowledgements > 0) this.say(this.others, host);
  }

  /** Whether a cell may have something that was not applied here; a key that was deleted may be forgotten here. */
  private isNews({ origin, sequence, merged }: Shelved): boolean {
    return merged !== undefined || !this.journal.has(origin, sequence);
  }

  private transfer(to: ReplicaId, host: Host<Message>): void {
    this.transfers += 1;
    const { transfers: transfer, clock } = this;
    const { later } = this.origins;
    const parts = partsOf(this.contents);
    for (const [part, cells] of parts.entries()) {
      const applied = [...this.journal.applied];
      host.send(to, { type: 'state', later, applied, transfer, part, parts: parts.length, clock, cells });
    }
  }

  private isKnown(origin: Origin, sequence: number): boolean {
    return this.journal.has(origin, sequence) || (this.waiting[origin]?.has(sequence) ?? true);
  }

  private isReady(update: Update): boolean {
    return this.journal.admits(update);
  }

  /** Applies what waited for something that is here now, until nothing does. */
  private drain(host: Host<Message>): void {
    let members: Members = nobody;
    for (let next = this.nextReady(); next !== undefined; next = this.nextReady()) {
      this.waiting[next.origin]?.delete(next.sequence);
      this.take(next, host);
      members |= this.memberOf(next.origin);
    }
    this.acknowledge(members, host);
  }

  /** Applies an update of another member. */
  private take(update: Update, host: Host<Message>): void {
    this.apply(update, host);
    this.unsaid += 1;
    this.unsaidBytes += update.value?.length ?? 0;
  }

  /** An origin as a set of members: of itself, if it is one. */
  private memberOf(origin: Origin): Members {
    const slot = this.origins.slotOf(origin);
    return slot === undefined ? nobody : only(slot);
  }

  /** Says what was applied: now and then to all, and where writes wait for it at once to those whose it was. */
  private acknowledge(members: Members, host: Host<Message>): void {
    if (this.unsaid >= silenceMax || this.unsaidBytes >= silentBytesMax) return this.say(this.others, host);
    if (this.policy.acknowledgements > 0 && members !== nobody) this.say(members, host);
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
    this.bury();
    if (differs) host.changed(update.key);
    if (this.attaching.length > 0) this.settle(host);
  }

  /** Whatever is written here from now on is later than this. */
  private hear(time: number): void {
    this.clock = Math.max(this.clock, time);
  }

  private say(to: Members, host: Host<Message>): void {
    if (to === this.others) this.unsaid = this.unsaidBytes = 0;
    host.broadcast({ type: 'applied', later: this.origins.later, applied: [...this.journal.applied] }, to);
  }

  private ask(to: ReplicaId, host: Host<Message>): void {
    if (includes(this.asked, to)) return;
    this.asked = vote(this.asked, to);
    host.send(to, this.compare(true));
  }

  private learn(member: Origin, vector: Readonly<Vector>, host: Host<Message>): void {
    this.journal.learn(member, vector);
    this.bury();
    this.complete(host);
  }

  /** Forgets deleted keys; none while somebody may still take in what one who departed had sent. */
  private bury(): void {
    if (!this.departures.areKnownTo(this.origins.others)) return;
    this.graveyard.bury(this.journal, this.contents);
  }

  /** Ends the writes that enough others hold. */
  private complete(host: Host<Message>): void {
    while (this.holding[0] !== undefined && this.isHeld(this.holding[0].sequence)) {
      const { operation, result } = this.holding.shift() as Held;
      host.complete(operation, result);
    }
  }

  private look(key: Key, past: Past): RawEntry {
    this.name(past);
    this.see(key, past);
    return this.contents.entry(key);
  }

  /** Says in which numbers a past is. */
  private name(past: Past): void {
    const { first, later } = this.origins;
    past.birth = this.birth;
    if (past.numbering?.later !== later || past.numbering.first !== first) past.numbering = { first, later };
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
    this.name(past);
    include(past.seen, this.origins.self, sequence);
    this.unsaid = this.unsaidBytes = 0;
    const strangers = this.policy.strangers(key, this.others);
    const subscribers = without(this.others, strangers);
    if (subscribers !== nobody) host.broadcast(this.told(update, true), subscribers);
    if (strangers !== nobody) host.broadcast(this.told(update, false), strangers);
    return { sequence, version: merged ? this.contents.entry(key).version : this.versionOf(update) };
  }

  private versionOf(update: Update): RawVersion {
    return this.origins.versionOf(this.origins.tagOf(update), update.origin);
  }

  private issue(key: Key, value: Value, { seen }: Past): Update {
    const sequence = (this.journal.applied[this.origins.self] as number) + 1;
    const dependencies = zeros(this.journal.size);
    for (let origin = 0; origin < dependencies.length; origin += 1) dependencies[origin] = seen[origin] ?? 0;
    return { origin: this.origins.self, sequence, dependencies, time: this.clock + 1, key, value };
  }

  private told(update: Update, withValue: boolean): Told {
    const { origin, sequence, dependencies, time, key } = update;
    const value = withValue ? update.value : undefined;
    const applied = this.journal.applied.slice();
    const { later } = this.origins;
    return { type: 'update', later, origin, sequence, dependencies, time, key, value, applied };
  }

  private finish(held: Held, host: Host<Message>): void {
    if (this.isHeld(held.sequence)) host.complete(held.operation, held.result);
    else this.holding.push(held);
  }

  /** Whether enough others have applied an update of this member: all of them where there are no more. */
  private isHeld(sequence: number): boolean {
    const enough = Math.min(this.policy.acknowledgements, this.origins.others.length);
    return enough === 0 || this.journal.holders(sequence) >= enough;
  }

  private attach(operation: OperationId, context: string, past: Past, host: Host<Message>): void {
    const seen = parseContext(context, this.birth, this.origins.first);
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
      const here = seenHere(seen, this.journal.applied, this.origins);
      if (here === undefined) return true;
      this.name(past);
      past.seen = here;
      host.complete(operation, { kind: 'answered', value: undefined });
      return false;
    });
  }
}
