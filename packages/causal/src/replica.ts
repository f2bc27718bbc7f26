import {
  ABSENT,
  each,
  type Host,
  type Key,
  type Members,
  nobody,
  type OperationId,
  only,
  type RawEntry,
  type RawVersion,
  type Replica,
  type ReplicaId,
  type Value,
  without,
} from '@dsm/core';
import { Attaching } from './attaching.js';
import type { Shelved } from './contents.js';
import { parseContext } from './context.js';
import type { Held } from './holding.js';
import { bytesOf, CausalMember } from './member.js';
import { type Compare, type Message, type State, translated } from './messages.js';
import type { Origin } from './origins.js';
import { Past } from './past.js';
import type { Request } from './request.js';
import { Transfers } from './transfer.js';
import type { Update } from './update.js';
import { covers } from './vector.js';

/** Whoever has said nothing for so many updates says what it has, so that the others can forget them. */
const silenceMax = 32;
const silentBytesMax = 1024 * 1024;

/** One member of a causally consistent memory that is always available: COPS (SOSP 2011) with vectors of members. */
export class CausalReplica extends CausalMember implements Replica<Message> {
  /** The largest time of any update applied here. */
  clock = 0;
  /** What the session of this memory itself has read and written: what its next write depends on. */
  readonly past = new Past();
  readonly attaching = new Attaching();
  private readonly transfers = new Transfers();

  read(operation: OperationId, key: Key, host: Host<Message>): void {
    host.complete(operation, { kind: 'read', entry: this.look(key, this.past) });
  }

  write(operation: OperationId, key: Key, value: Value, host: Host<Message>): void {
    if (this.refuses(operation, key, value, host)) return;
    const update = this.put(key, value, this.past, host);
    this.finish(operation, update.sequence, { kind: 'written', version: this.versionOf(key, update) }, host);
  }

  perform(operation: OperationId, request: Request, host: Host<Message>): void {
    const answer = (value: unknown) => host.complete(operation, { kind: 'answered', value });
    switch (request.kind) {
      case 'look':
        return answer(this.look(request.key, request.past));
      case 'put': {
        const { key, value, past } = request;
        if (this.refuses(operation, key, value, host)) return;
        const update = this.put(key, value, past, host);
        const answer = { kind: 'answered', value: this.versionOf(key, update) } as const;
        return this.finish(operation, update.sequence, answer, host);
      }
      case 'snapshot':
        return answer(request.keys.map((key) => this.look(key, this.past)));
      case 'attach':
        return this.attach(operation, request.context, request.past, host);
    }
  }

  /** This turn has ended: what was written in it says what was applied, too; otherwise that is said alone. */
  timeout(_timer: string, host: Host<Message>): void {
    this.tell(host);
    if (this.owes) this.say(this.others, host);
  }

  receive(from: ReplicaId, message: Message, host: Host<Message>): void {
    const member = this.origins.at(from);
    const translation = this.origins.translation(message.later);
    const own = translation === undefined ? message : translated(message, translation);
    if (member === undefined || own === undefined) return;
    if (this.journal.size < this.origins.size) this.grow();
    this.learn(member, own, host);
    switch (own.type) {
      case 'update':
        this.onUpdates(from, [own], host);
        break;
      case 'updates':
        this.onUpdates(from, own.updates, host);
        break;
      case 'compare':
        this.onCompare(from, own, host);
        break;
      case 'state':
        this.onState(member, own, host);
        break;
      case 'applied':
    }
    if (!this.ready) this.begin(host);
  }

  /** No part of any session: it says which keys there are, and nobody's writes depend on that. */
  keys(): Iterable<Key> {
    return this.contents.keys();
  }

  peek(key: Key): RawEntry {
    this.name(this.past);
    this.see(key, this.past);
    return this.contents.glimpse(key);
  }

  subscribes(key: Key): boolean {
    return this.policy.subscribes(this.self, key);
  }

  seal(): unknown {
    return { applied: [...this.journal.applied], cells: [...this.contents.cells] };
  }

  private onUpdates(from: ReplicaId, updates: readonly Update[], host: Host<Message>): void {
    let members: Members = nobody;
    let [waits, early] = [this.waits, false];
    for (const update of updates) {
      const { origin, sequence, dependencies, time, key, number, value } = update;
      if (this.isKnown(origin, sequence)) continue;
      if (!this.isReady(update)) {
        this.waiting[origin]?.set(sequence, { origin, sequence, dependencies, time, key, number, value });
        waits = early = true;
        continue;
      }
      this.take(update, host);
      members |= this.memberOf(origin);
      if (waits) members |= this.drain(host);
    }
    if (early) this.askFor(from, host);
    this.acknowledge(members, host);
  }

  /** Asks for what an update waits for: whoever sent it has that, unless nobody holds all keys. */
  private askFor(from: ReplicaId, host: Host<Message>): void {
    if (this.policy.full) this.ask(from, host);
    else for (const other of each(this.others)) this.ask(other, host);
  }

  /** Sends what the other lacks, all that it depends on first. */
  private onCompare(from: ReplicaId, { answer, applied, departed }: Compare, host: Host<Message>): void {
    const member = this.origins.at(from) as Origin;
    this.tell(host);
    if (!answer) {
      this.asked = without(this.asked, only(from));
      if (!this.ready && !this.given.has(member)) this.given.set(member, applied);
    }
    this.departures.learn(member, departed);
    const behind = this.journal.isBehind(member);
    if (behind) for (const part of this.transfers.parts(this)) host.send(from, part);
    for (const update of behind ? [] : this.journal.missingAt(member)) {
      const parts = this.policy.partsFor(from, [update]);
      const lacks = update.value === undefined && this.policy.subscribes(from, update.key);
      if (!lacks) host.send(from, this.told(parts, this.journal.applied));
    }
    if (answer && this.ready) host.send(from, this.compare(false));
    this.bury();
  }

  /** Takes over all that another member holds. Both have what their own depends on, so both together have it, too. */
  private onState(from: Origin, state: State, host: Host<Message>): void {
    const held = this.arrivals.add(from, state);
    if (held === undefined || covers(this.journal.applied, state.applied)) return;
    const { cells, names } = held;
    this.hear(state.clock);
    const kept = new Set(cells.map(({ key }) => key));
    for (const key of this.contents.drop(kept, state.applied)) host.changed(key);
    for (const cell of cells) if (this.isNews(cell) && this.contents.adopt(cell)) host.changed(cell.key);
    this.contents.adoptNames(this.journal.adopt(state.applied), names);
    this.unsaid += 1;
    this.bury();
    for (const [origin, updates] of this.waiting.entries()) {
      for (const [sequence] of updates) if (this.journal.has(origin, sequence)) updates.delete(sequence);
    }
    this.acknowledge(this.drain(host), host);
    this.settle(host);
    if (this.policy.acknowledgements > 0) this.say(this.others, host);
  }

  /** Whether a cell may have something that was not applied here; a key that was deleted may be forgotten here. */
  private isNews({ origin, sequence, merged }: Shelved): boolean {
    return merged !== undefined || !this.journal.has(origin, sequence);
  }

  private isKnown(origin: Origin, sequence: number): boolean {
    return this.journal.has(origin, sequence) || (this.waiting[origin]?.has(sequence) ?? true);
  }

  private isReady(update: Update): boolean {
    return this.journal.admits(update);
  }

  /** Applies what waited for something that is here now, until nothing does. Says whose that was. */
  private drain(host: Host<Message>): Members {
    let members: Members = nobody;
    for (let next = this.nextReady(); next !== undefined; next = this.nextReady()) {
      this.waiting[next.origin]?.delete(next.sequence);
      this.take(next, host);
      members |= this.memberOf(next.origin);
    }
    return members;
  }

  /** Applies an update of another member. */
  private take(update: Update, host: Host<Message>): void {
    this.apply(update, host);
    this.unsaid += 1;
    this.unsaidBytes += update.value?.length ?? 0;
  }

  /** Says what was applied: now and then to all, and where writes wait for it at once to those whose it was. */
  private acknowledge(members: Members, host: Host<Message>): void {
    if (this.owes) host.setTimer('tell', 0);
    if (this.policy.acknowledgements > 0 && members !== nobody) this.say(members, host);
  }

  /** Whether it is time to say what was applied. */
  private get owes(): boolean {
    return this.unsaid >= silenceMax || this.unsaidBytes >= silentBytesMax;
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
    const holds = this.policy.full || this.subscribes(update.key);
    const cell = holds ? this.contents.cellOf(update) : undefined;
    const key = cell?.key ?? update.key;
    const differs = cell !== undefined && this.contents.apply(update, cell);
    this.journal.append(update, key);
    this.bury();
    if (differs) host.changed(key);
    if (this.attaching.size > 0) this.settle(host);
  }

  /** Whatever is written here from now on is later than this. */
  private hear(time: number): void {
    this.clock = Math.max(this.clock, time);
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
    past.self = this.origins.self;
    if (past.numbering?.later !== later || past.numbering.first !== first) past.numbering = { first, later };
  }

  private see(key: Key, past: Past): void {
    this.contents.see(key, past);
  }

  private refuses(operation: OperationId, key: Key, value: Value, host: Host<Message>): boolean {
    if (value !== ABSENT || this.policy.mergeOf(key) === undefined) return false;
    const text = `'${key}' is merged, and a merge with nothing would bring it back`;
    host.complete(operation, { kind: 'refused', code: 'DSM_UNSUPPORTED', text });
    return true;
  }

  /** Applies a write here; the others are told when this turn ends. */
  private put(key: Key, value: Value, past: Past, host: Host<Message>): Update {
    this.name(past);
    const update = this.issue(key, value, past);
    this.apply(update, host);
    past.see(this.origins.self, update.sequence);
    if (this.others === nobody) return update;
    if (this.untold.push(update) === 1) host.setTimer('tell', 0);
    this.untoldBytes += bytesOf(update);
    return update;
  }

  /** The version of its key's entry after a write of this member. */
  private versionOf(key: Key, update: Update): RawVersion {
    if (this.policy.mergeOf(key) !== undefined) return this.contents.glimpse(key).version;
    return this.origins.versionOf(this.origins.tagOf(update), update.origin);
  }

  private issue(key: Key, value: Value, { dependencies }: Past): Update {
    const { self } = this.origins;
    const sequence = (this.journal.applied[self] as number) + 1;
    const time = this.clock + 1;
    // Who does not hold a key has no numbers either.
    if (!this.policy.full) return { origin: self, sequence, dependencies, time, key, number: 0, value };
    const known = this.contents.numberOf(key);
    const number = known === 0 ? this.contents.nextNumber : known;
    return { origin: self, sequence, dependencies, time, key: known === 0 ? key : '', number, value };
  }

  private finish(
    operation: OperationId,
    sequence: number,
    result: Held['result'],
    host: Host<Message>,
  ): void {
    if (this.isHeld(sequence)) host.complete(operation, result);
    else this.holding.add({ operation, sequence, result });
  }

  private attach(operation: OperationId, context: string, past: Past, host: Host<Message>): void {
    const seen = parseContext(context, this.birth, this.origins.first);
    if (seen === undefined) {
      const text = 'this is no context of a session of this group';
      return host.complete(operation, { kind: 'refused', code: 'DSM_INVALID_OPTION', text });
    }
    this.name(past);
    this.attaching.add(operation, past, seen);
    this.settle(host);
  }

  /** Sessions go on here once this member has applied all that they have seen: never before, and never by time. */
  private settle(host: Host<Message>): void {
    for (const { operation, past } of this.attaching.settle(this.journal.applied, this.origins)) {
      this.name(past);
      host.complete(operation, { kind: 'answered', value: undefined });
    }
  }
}
