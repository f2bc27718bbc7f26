import {
  ABSENT,
  type Expectation,
  type Host,
  IdMap,
  includes,
  type Key,
  type OperationId,
  only,
  type RawEntry,
  type Replica,
  type ReplicaId,
  type Value,
  type View,
  without,
} from '@dsm/core';
import { finishChange, finishRead, refuseAsked, refuseClosed, refuseReleased } from './answers.js';
import { AppliedChanges } from './applied.js';
import { type Conversation, Conversations, type Waiting } from './conversations.js';
import { absent, type Holding, Holdings } from './holdings.js';
import { Home } from './home.js';
import type {
  Changed,
  Deed,
  Fetched,
  Granted,
  GrantNumber,
  Halt,
  Message,
  Store,
  Update,
  Withdrawn,
} from './messages.js';
import { Places } from './places.js';
import type { AcquireRequest, OwnRequest } from './request.js';
import { type Sealed, sealed } from './sealed.js';
import type { Settings } from './settings.js';

/**
 * Read replication with a fixed distributed manager and write-invalidate: Li and Hudak, "Memory coherence in shared
 * virtual memory systems", ACM TOCS 7(4), 1989, for objects instead of pages. Invariant: while anybody can read one
 * value of a key from a copy, nobody can read another one.
 */
export class ReadReplicationReplica implements Replica<Message, Sealed> {
  readonly self: ReplicaId;
  readonly settings: Settings;
  readonly holdings = new Holdings();
  readonly conversations = new Conversations();
  readonly applied = new AppliedChanges();
  /** As a backup: who shared what. */
  readonly owners = new Map<Key, ReplicaId>();
  /** Write access that this member has, by key. */
  readonly grants = new Map<Key, GrantNumber>();
  /** Write access that it has asked for. */
  readonly acquiring = new IdMap<AcquireRequest>();
  private places: Places | undefined;
  private asHome: Home | undefined;

  constructor(self: ReplicaId, settings: Settings) {
    this.self = self;
    this.settings = settings;
  }

  read(operation: OperationId, key: Key, host: Host<Message>): void {
    this.look(key, { operation, own: false }, host);
  }

  write(operation: OperationId, key: Key, value: Value, host: Host<Message>): void {
    this.change(key, { operation, deed: { kind: 'write', value }, own: false }, 0, host);
  }

  swap(operation: OperationId, key: Key, expected: Expectation, value: Value, host: Host<Message>): void {
    this.change(key, { operation, deed: { kind: 'swap', value, expected }, own: false }, 0, host);
  }

  perform(operation: OperationId, request: OwnRequest, host: Host<Message>): void {
    const { kind, key } = request;
    switch (kind) {
      case 'acquire':
        return this.acquire(operation, request, host);
      case 'forgo':
        return this.forgo(request.acquire, host);
      case 'check':
        return host.complete(operation, { kind: 'answered', value: this.grants.has(key) });
      case 'share':
        return this.change(key, { operation, deed: { kind, value: request.value }, own: true }, 0, host);
      case 'revoke':
        return this.change(key, { operation, deed: { kind, value: ABSENT }, own: true }, 0, host);
      case 'release':
        this.release(key, request.grant, host);
        return host.complete(operation, { kind: 'answered', value: undefined });
      case 'look':
        if (this.grants.get(key) !== request.grant) return refuseReleased(operation, key, host);
        return this.look(key, { operation, own: true }, host);
      case 'put': {
        if (this.grants.get(key) !== request.grant) return refuseReleased(operation, key, host);
        const deed: Deed = { kind: 'write', value: request.value };
        return this.change(key, { operation, deed, own: true }, request.grant, host);
      }
    }
  }

  receive(from: ReplicaId, message: Message, host: Host<Message>): void {
    if (message.type === 'parted') return this.onParted(from, host);
    const { key } = message;
    switch (message.type) {
      case 'fetch':
      case 'change':
      case 'acquire':
      case 'release':
        return this.home.onRequest(from, message, host);
      case 'withdraw':
        return this.home.onWithdraw(from, message, host);
      case 'halted':
        return this.home.onHalted(from, key, host);
      case 'forget':
        return this.home.onForget(from, key);
      case 'fetched':
        return this.onFetched(from, message, host);
      case 'changed':
        return this.onChanged(from, message, host);
      case 'granted':
        return this.onGranted(from, message, host);
      case 'withdrawn':
        return this.onWithdrawn(message, host);
      case 'halt':
        return this.onHalt(from, message, host);
      case 'update':
        return this.onUpdate(from, message, host);
      case 'store':
        return this.onStore(from, message, host);
      case 'resume':
        return this.resume(key);
      case 'announce':
        if (message.resumes) this.resume(key);
        return this.tell(key, message.present, host);
    }
  }

  keys(): Iterable<Key> {
    return this.holdings.names;
  }

  /** What a read that begins now is answered at once; undefined where it has to ask. */
  peek(key: Key): RawEntry | undefined {
    const holding = this.holdings.get(key);
    return holding?.valid ? holding.entry : undefined;
  }

  closing(host: Host<Message>): void {
    if (this.places === undefined) return;
    host.broadcast({ type: 'parted' }, without(this.places.everyone, only(this.self)));
  }

  seal(): Sealed {
    return sealed(this);
  }

  enter(view: View, states: readonly Sealed[]): void {
    if (this.places !== undefined || states.length > 0) throw new Error('views cannot change yet');
    this.places = new Places(view, this.settings);
    const { places, holdings, applied } = this;
    this.asHome = new Home(this.self, this.settings, { places, holdings, applied });
  }

  /** This member's part as the home of keys. */
  get home(): Home {
    if (this.asHome === undefined) throw new Error('there is no view yet');
    return this.asHome;
  }

  /** Whether this member waits for an answer. */
  get waits(): boolean {
    return this.conversations.size > 0 || this.acquiring.size > 0;
  }

  get entered(): boolean {
    return this.places !== undefined;
  }

  homeOf(key: Key): ReplicaId {
    return (this.places as Places).homeOf(key);
  }

  /** Whether nobody serves a key any more. */
  isLost(key: Key): boolean {
    return includes((this.places as Places).gone, this.homeOf(key));
  }

  isBackup(key: Key): boolean {
    return this.places?.isBackup(key, this.self) === true;
  }

  private look(key: Key, read: Waiting, host: Host<Message>): void {
    const entry = this.peek(key) ?? this.impliedAt(key);
    if (entry !== undefined) return finishRead(read, entry, host);
    this.ask(key, [read], host);
  }

  /** A backup that holds nothing of a key knows that it is absent: no write is applied before the backup holds it. */
  private impliedAt(key: Key): RawEntry | undefined {
    const known = this.holdings.get(key) !== undefined || this.holdings.names.has(key);
    return !known && this.isBackup(key) ? absent : undefined;
  }

  /** Lets reads wait for the answer of the last request, or of one for the value. */
  private ask(key: Key, reads: readonly Waiting[], host: Host<Message>): void {
    if (this.isLost(key)) return refuseAsked({ change: undefined, reads }, key, host);
    const last = this.conversations.last(key);
    if (last !== undefined) {
      last.reads.push(...reads);
      return;
    }
    this.conversations.begin(key, { change: undefined, reads: [...reads], begun: reads.length });
    host.send(this.homeOf(key), { type: 'fetch', key });
  }

  /** Asks for a change. A copy is not read from now on until it is answered: the home sends no `halt` for it. */
  private change(
    key: Key,
    change: NonNullable<Conversation['change']>,
    grant: GrantNumber,
    host: Host<Message>,
  ): void {
    const { operation, deed } = change;
    if (this.isLost(key)) return refuseClosed(operation, key, host);
    const holding = this.holdings.get(key);
    if (holding?.as === 'copy') holding.valid = false;
    this.conversations.begin(key, { change, reads: [], begun: 0 });
    const { floor, open } = this.conversations.progress;
    host.send(this.homeOf(key), { type: 'change', key, operation, floor, open, grant, deed });
  }

  private acquire(operation: OperationId, request: AcquireRequest, host: Host<Message>): void {
    const { key } = request;
    if (this.isLost(key)) return refuseClosed(operation, key, host);
    request.operation = operation;
    this.acquiring.set(operation, request);
    host.send(this.homeOf(key), { type: 'acquire', key, operation });
  }

  /** Gives write access back, unless that was done. */
  private release(key: Key, grant: GrantNumber, host: Host<Message>): void {
    if (this.grants.get(key) !== grant) return;
    this.grants.delete(key);
    host.send(this.homeOf(key), { type: 'release', key, grant });
  }

  /** Nobody waits any more for write access that was asked for. */
  private forgo(acquire: AcquireRequest, host: Host<Message>): void {
    const { key, operation, grant } = acquire;
    // It came between the moment when it was given up and the moment when that was known here.
    if (grant !== undefined) return this.release(key, grant, host);
    acquire.forgone = true;
    if (operation !== undefined) host.send(this.homeOf(key), { type: 'withdraw', key, operation });
  }

  /** A member is being closed: nothing of what it was asked for as a home is answered any more. */
  private onParted(from: ReplicaId, host: Host<Message>): void {
    this.home.onParted(from, host);
    const isOf = (key: Key) => this.homeOf(key) === from;
    for (const [key, asked] of this.conversations.endAll(isOf)) refuseAsked(asked, key, host);
    for (const [operation, request] of this.acquiring) {
      if (!isOf(request.key)) continue;
      this.acquiring.delete(operation);
      request.operation = undefined;
      refuseClosed(operation, request.key, host);
    }
  }

  private onFetched(from: ReplicaId, { key, entry, keeps }: Fetched, host: Host<Message>): void {
    const { reads, begun } = this.conversations.end(key);
    if (keeps) {
      this.install(from, key, entry, host);
      for (const read of reads) finishRead(read, entry, host);
      return;
    }
    // What was read may be old by the time that it arrives: it answers the reads that had begun when it was asked for.
    const later = reads.splice(begun);
    for (const read of reads) finishRead(read, entry, host);
    if (later.length > 0) this.ask(key, later, host);
  }

  private onChanged(from: ReplicaId, answer: Changed, host: Host<Message>): void {
    const { key, operation, version, found, more, news } = answer;
    const { change, reads } = this.conversations.end(key);
    if (change?.operation !== operation)
      throw new Error(`${operation} is answered before what was asked first`);
    const { value } = change.deed;
    const own: RawEntry = value === ABSENT ? absent : { value, version };
    finishChange(change, answer, found ?? own, host);
    if (more) {
      this.ask(key, reads, host);
      return;
    }
    const entry = answer.entry ?? found ?? own;
    const held = this.install(from, key, entry, host);
    for (const read of reads) finishRead(read, entry, host);
    // As the home, this member was told when it was applied.
    if (!news || from === this.self) return;
    if (!held) this.holdings.name(key, entry.value !== ABSENT);
    host.changed(key);
  }

  /**
   * Holds what a home answered, unless another request is under way, whose answer will be newer. Whether this member
   * holds the variable.
   */
  private install(from: ReplicaId, key: Key, entry: RawEntry, host: Host<Message>): boolean {
    if (from === this.self) return true;
    const holding = this.holdings.get(key);
    if (holding?.as === 'backup') {
      this.show(key, holding);
      return true;
    }
    if (this.conversations.last(key) !== undefined) return false;
    // A backup holds everything but absence.
    if (holding === undefined && entry.value === ABSENT && this.isBackup(key)) return true;
    this.holdings.hold(key, entry, true, 'copy');
    this.forget(host);
    return true;
  }

  /** A backup may read what it holds; of what is absent it need not hold anything. */
  private show(key: Key, holding: Holding): void {
    if (holding.entry.value === ABSENT) this.holdings.drop(key);
    else holding.valid = true;
  }

  /** Drops copies that are too many, up to one that an answer on the way may put this member in the copy set of. */
  private forget(host: Host<Message>): void {
    for (let key = this.holdings.surplus; key !== undefined; key = this.holdings.surplus) {
      if (this.conversations.last(key) !== undefined) return;
      for (const [, acquiring] of this.acquiring) if (acquiring.key === key) return;
      this.holdings.drop(key);
      host.send(this.homeOf(key), { type: 'forget', key });
    }
  }

  private onGranted(from: ReplicaId, message: Granted, host: Host<Message>): void {
    const { key, operation, grant, entry } = message;
    const request = this.acquiring.get(operation);
    if (request === undefined) throw new Error(`write access ${operation} to '${key}' that nobody asked for`);
    if (!request.forgone) this.acquiring.delete(operation);
    this.install(from, key, entry, host);
    if (request.forgone) return; // The home takes it back.
    request.grant = grant;
    this.grants.set(key, grant);
    host.complete(operation, { kind: 'answered', value: grant });
  }

  /** The home has taken back what nobody waits for, or has not given it. */
  private onWithdrawn({ key, operation }: Withdrawn, host: Host<Message>): void {
    if (!this.acquiring.delete(operation))
      throw new Error(`write access ${operation} to '${key}' that nobody gave up`);
    host.complete(operation, { kind: 'answered', value: undefined });
  }

  private onHalt(home: ReplicaId, { key, present }: Halt, host: Host<Message>): void {
    if (present === undefined && this.isBackup(key)) {
      this.holdings.hold(key, this.holdings.get(key)?.entry ?? absent, false, 'backup');
    } else this.holdings.drop(key);
    host.send(home, { type: 'halted', key });
    // A watcher that reads now is answered behind the write.
    if (present !== undefined) this.tell(key, present, host);
  }

  private onUpdate(home: ReplicaId, { key, entry }: Update, host: Host<Message>): void {
    // A copy that was given up while this was on its way stays so.
    if (this.holdings.get(key) === undefined) this.holdings.name(key, entry.value !== ABSENT);
    else this.holdings.hold(key, entry, false, 'copy');
    // It may be this copy: its home takes the member out of the copy set before it applies the change.
    this.forget(host);
    host.send(home, { type: 'halted', key });
  }

  private onStore(home: ReplicaId, message: Store, host: Host<Message>): void {
    const { key, entry, owner, applied, progress } = message;
    this.holdings.hold(key, entry, false, 'backup');
    if (owner === undefined) this.owners.delete(key);
    else this.owners.set(key, owner);
    for (const one of progress) this.applied.raise(one);
    for (const one of applied) this.applied.record(one);
    host.send(home, { type: 'halted', key });
  }

  /** What was halted here may be read, unless a change of this member is under way. */
  private resume(key: Key): void {
    const holding = this.holdings.get(key);
    if (holding?.as === 'backup') this.show(key, holding);
    else if (holding !== undefined && !this.conversations.changing(key)) holding.valid = true;
  }

  /** A key changed: it has a value now, or has none. */
  private tell(key: Key, present: boolean, host: Host<Message>): void {
    this.holdings.name(key, present);
    host.changed(key);
  }
}
