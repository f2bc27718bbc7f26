import {
  ABSENT,
  count,
  type Host,
  IdMap,
  includes,
  type Key,
  majority,
  nobody,
  noTag,
  type OperationId,
  type RawVersion,
  type Replica,
  type ReplicaId,
  type Tag,
  tagOf,
  timeOf,
  type Value,
  type View,
  vote,
  without,
} from '@dsm/core';
import { Asking } from './asking.js';
import type {
  Confirmation,
  Message,
  Probe,
  Probed,
  Queried,
  Query,
  Round,
  Store,
  Stored,
} from './messages.js';
import {
  absorb,
  type Cell,
  type InPhase,
  type Phase,
  type Querying,
  request,
  type Storing,
  type Write,
} from './phase.js';

/** What the next view must know of a key. */
export interface SealedCell {
  readonly key: Key;
  readonly tag: Tag;
  readonly value: Value;
}

/** A confirmation rides on what is sent anyway; no message carries more of them, and no more are kept. */
const confirmationsMax = 64;
const noConfirmations: readonly Confirmation[] = [];

/**
 * The multi-writer atomic register of Attiya, Bar-Noy and Dolev (JACM 42(1), 1995) with the tags of Lynch and
 * Shvartsman (FTCS 1997). Invariant: when an operation returns a tag, a majority stores that tag or a larger one; where
 * reads ask everybody, some member does.
 */
export class AttiyaReplica implements Replica<Message, readonly SealedCell[]> {
  readonly self: ReplicaId;
  /** Reads ask everybody, in one round, and never write back. */
  readonly readsAll: boolean;
  /** How many must store a pair. */
  private quorum = 0;
  /** How many must say what they hold before a first phase ends. */
  private voices = 0;

  readonly cells = new Map<Key, Cell>();
  /** Rounds under way. A finished phase is replaced or deleted, so that late answers find nothing. */
  readonly rounds = new IdMap<Phase>();
  private lastRound: Round = 0;
  /** Tags of mine that reached a majority, not yet told. */
  private confirmations: Confirmation[] = [];
  private readonly asking: Asking;

  constructor(self: ReplicaId, readsAll: boolean, busyRounds?: number) {
    this.self = self;
    this.readsAll = readsAll;
    this.asking = new Asking(self, busyRounds);
  }

  /** A read joins the next round of its key: one that is under way may have asked before this read was invoked. */
  read(operation: OperationId, key: Key, host: Host<Message>): void {
    const cell = this.cellOf(key);
    if (cell.reading === undefined) this.query(key, cell, [operation], host);
    else if (cell.reading === none) cell.reading = [operation];
    else cell.reading.push(operation);
  }

  /** Writes of one member to one key never overlap, so no two of them are given the same tag. */
  write(operation: OperationId, key: Key, value: Value, host: Host<Message>): void {
    const cell = this.cellOf(key);
    if (cell.writing === undefined) this.probe(key, cell, [{ operation, value }], host);
    else if (cell.writing === none) cell.writing = [{ operation, value }];
    else cell.writing.push({ operation, value });
  }

  receive(from: ReplicaId, message: Message, host: Host<Message>): void {
    this.asking.heard(from);
    switch (message.type) {
      case 'query':
        return this.onQuery(from, message, host);
      case 'queried':
        return this.onQueried(from, message, host);
      case 'probe':
        return this.onProbe(from, message, host);
      case 'probed':
        return this.onProbed(from, message, host);
      case 'store':
        return this.onStore(from, message, host);
      case 'stored':
        return this.onStored(from, message, host);
    }
  }

  /** Asks a member once more for the answers that its messages may have been lost with. */
  repeat(to: ReplicaId, host: Host<Message>): void {
    for (const [round, phase] of this.rounds) {
      const waits = includes(phase.asked, to) && !includes(phase.votes, to);
      if (waits) host.send(to, request(round, phase, noConfirmations));
    }
  }

  /** Rounds that have waited for long ask everybody else, too. */
  timeout(_timer: string, host: Host<Message>): void {
    const { asking } = this;
    const late = asking.lapse(this.lastRound);
    for (const [round, phase] of this.rounds) {
      const { asked, votes } = phase;
      if (asked === asking.everyone) continue;
      if (round > late) {
        asking.wait(host);
        continue;
      }
      asking.doubt(without(asked, votes));
      phase.asked = asking.everyone;
      host.broadcast(request(round, phase, noConfirmations), without(asking.everyone, asked));
    }
  }

  *keys(): Iterable<Key> {
    for (const [key, { value }] of this.cells) {
      if (value !== ABSENT) yield key;
    }
  }

  seal(): readonly SealedCell[] {
    return [...this.cells].flatMap(([key, { tag, value }]) => (tag === noTag ? [] : [{ key, tag, value }]));
  }

  enter(view: View, sealed: readonly (readonly SealedCell[])[]): void {
    if (this.quorum !== 0 || sealed.length > 0) throw new Error('views cannot change yet');
    const size = view.members.length;
    this.quorum = majority(size);
    // What a read returned without a write-back may be stored at one member: whoever comes later must hear that one.
    this.voices = this.readsAll ? size : this.quorum;
    this.asking.form(view, this.voices);
  }

  private onQuery(from: ReplicaId, { round, key, known, confirmed }: Query, host: Host<Message>): void {
    this.learn(confirmed);
    const cell = this.cellAsked(from, round, key);
    const tag = cell?.tag ?? noTag;
    const value = cell !== undefined && tag > known ? cell.value : undefined;
    host.send(from, { type: 'queried', round, tag, confirmed: cell?.confirmed ?? false, value });
  }

  private onProbe(from: ReplicaId, { round, key, confirmed }: Probe, host: Host<Message>): void {
    this.learn(confirmed);
    host.send(from, { type: 'probed', round, tag: this.cellAsked(from, round, key)?.tag ?? noTag });
  }

  private onQueried(from: ReplicaId, answer: Queried, host: Host<Message>): void {
    const querying = this.rounds.get(answer.round);
    if (querying?.phase !== 'query') return; // A quorum has spoken already.

    absorb(querying, from, answer);
    querying.votes = vote(querying.votes, from);
    if (count(querying.votes) < this.voices) return;

    this.rounds.delete(answer.round);
    // Without a majority known to hold what is returned, a later read could see less: it is stored there first.
    const held = querying.confirmed || count(querying.holding) >= this.quorum;
    if (held || this.readsAll) this.finishRead(querying, held, host);
    else this.store(querying, querying.operations, true, host);
  }

  private onProbed(from: ReplicaId, answer: Probed, host: Host<Message>): void {
    const probing = this.rounds.get(answer.round);
    if (probing?.phase !== 'probe') return; // A quorum has spoken already.

    probing.tag = Math.max(probing.tag, answer.tag);
    probing.votes = vote(probing.votes, from);
    if (count(probing.votes) < this.voices) return;

    this.rounds.delete(answer.round);
    const { key, cell, writes } = probing;
    const last = writes[writes.length - 1] as Write;
    // Larger than any tag of mine too: what I gave out last may have reached no other member of this quorum.
    const tag = tagOf(timeOf(Math.max(probing.tag, this.tagAt(key))) + 1, this.self);
    const operations = writes.map(({ operation }) => operation);
    this.store({ key, cell, tag, value: last.value }, operations, false, host);
  }

  /** Stores only what is newer, and acknowledges either way. */
  private onStore(from: ReplicaId, message: Store, host: Host<Message>): void {
    const { round, key, tag, value, writeBack } = message;
    this.learn(message.confirmed);
    const cell = this.cellAsked(from, round, key) ?? this.cellOf(key);
    if (tag > cell.tag) {
      cell.tag = tag;
      cell.value = value;
      cell.confirmed = false;
      host.changed(key);
    }
    host.send(from, { type: 'stored', round, writeBack });
  }

  private onStored(from: ReplicaId, answer: Stored, host: Host<Message>): void {
    const storing = this.rounds.get(answer.round);
    if (storing?.phase !== 'store') return; // A quorum stores it already.

    storing.votes = vote(storing.votes, from);
    if (count(storing.votes) < this.quorum) return;

    this.rounds.delete(answer.round);
    if (storing.writeBack) this.finishRead(storing, true, host);
    else this.finishWrite(storing, host);
  }

  private query(key: Key, cell: Cell, operations: readonly OperationId[], host: Host<Message>): void {
    cell.reading = none;
    const { tag, value, confirmed } = cell;
    const querying: Querying = {
      phase: 'query',
      key,
      cell,
      known: tag,
      operations,
      asked: this.asking.whom(this.rounds.size),
      votes: nobody,
      holding: nobody,
      tag,
      value,
      confirmed,
    };
    this.begin(querying, host);
  }

  private probe(key: Key, cell: Cell, writes: readonly Write[], host: Host<Message>): void {
    cell.writing = none;
    const asked = this.asking.whom(this.rounds.size);
    this.begin({ phase: 'probe', key, cell, writes, asked, votes: nobody, tag: noTag }, host);
  }

  private store(
    { key, cell, tag, value }: SealedCell & Pick<InPhase, 'cell'>,
    operations: readonly OperationId[],
    writeBack: boolean,
    host: Host<Message>,
  ): void {
    const asked = this.asking.everyone;
    this.begin({ phase: 'store', key, cell, tag, value, operations, writeBack, asked, votes: nobody }, host);
  }

  /** Every phase has a number of its own, so an answer to the first cannot be taken for one to the second. */
  private begin(phase: Phase, host: Host<Message>): void {
    const round = ++this.lastRound;
    this.rounds.set(round, phase);
    if (phase.asked !== this.asking.everyone) {
      host.broadcast(request(round, phase, noConfirmations), phase.asked);
      return this.asking.wait(host);
    }
    const confirmed = this.confirmations.length === 0 ? noConfirmations : this.confirmations;
    if (confirmed !== noConfirmations) this.confirmations = [];
    host.broadcast(request(round, phase, confirmed));
  }

  /** `held`: a majority is known to store the pair. */
  private finishRead(
    { key, cell, tag, value, operations }: Querying | Storing,
    held: boolean,
    host: Host<Message>,
  ): void {
    if (held && cell.tag === tag) cell.confirmed = true;
    const entry = { value, version: tag };
    for (const operation of operations) host.complete(operation, { kind: 'read', entry });

    const next = cell.reading as OperationId[];
    cell.reading = undefined;
    if (next.length > 0) this.query(key, cell, next, host);
    else this.forgetIfEmpty(key, cell);
  }

  /** All writes of a round end with it: the last was stored, the others are ordered immediately before. */
  private finishWrite({ key, cell, tag, operations }: Storing, host: Host<Message>): void {
    if (cell.tag === tag) cell.confirmed = true;
    // Under load, telling costs more than the few write-backs that it spares.
    const tells = !this.asking.isBusy(this.rounds.size) && this.confirmations.length < confirmationsMax;
    if (tells) this.confirmations.push({ key, tag });
    operations.forEach((operation, index) => {
      const version: RawVersion = index === operations.length - 1 ? tag : `${tag}.${index}`;
      host.complete(operation, { kind: 'written', version });
    });

    const next = cell.writing as Write[];
    cell.writing = undefined;
    if (next.length > 0) this.probe(key, cell, next, host);
  }

  private learn(confirmations: readonly Confirmation[]): void {
    for (const { key, tag } of confirmations) this.confirm(key, tag);
  }

  /** A majority stores this tag. It says nothing of a smaller or larger one that this replica may hold. */
  private confirm(key: Key, tag: Tag): void {
    const cell = this.cells.get(key);
    if (cell?.tag === tag) cell.confirmed = true;
  }

  /** Where a key is that is asked about, if there is anything. Of its own rounds this member has it at hand. */
  private cellAsked(from: ReplicaId, round: Round, key: Key): Cell | undefined {
    const phase = from === this.self ? this.rounds.get(round) : undefined;
    return phase?.cell ?? this.cells.get(key);
  }

  private cellOf(key: Key): Cell {
    let cell = this.cells.get(key);
    if (cell === undefined) {
      cell = { tag: noTag, value: ABSENT, confirmed: false, reading: undefined, writing: undefined };
      this.cells.set(key, cell);
    }
    return cell;
  }

  /** A key that was only ever read here leaves nothing behind. */
  private forgetIfEmpty(key: Key, { tag, writing }: Cell): void {
    if (tag === noTag && writing === undefined) this.cells.delete(key);
  }

  private tagAt(key: Key): Tag {
    return this.cells.get(key)?.tag ?? noTag;
  }
}

/** Nobody has joined yet: most rounds end like this, without an array of their own. */
const none: never[] = [];
