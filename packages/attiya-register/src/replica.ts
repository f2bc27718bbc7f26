import {
  count,
  type Host,
  IdMap,
  includes,
  type Key,
  majority,
  nobody,
  noTag,
  type OperationId,
  only,
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
import { type Cell, Cells, type Pair, type SealedCell } from './cells.js';
import { Frontier, type Serial } from './frontier.js';
import { Mender } from './mender.js';
import type {
  Confirmation,
  Mended,
  Message,
  Probe,
  Probed,
  Queried,
  Query,
  Round,
  Store,
  Stored,
  Surveyed,
} from './messages.js';
import { absorb, type InPhase, none, type Phase, querying, request, type Write } from './phase.js';
import { Publisher } from './publisher.js';
import type { Register } from './register.js';
import { Surveyor } from './surveyor.js';

/** What a read or write ends with. */
type Ending = SealedCell & Pick<InPhase, 'cell'> & { readonly operations: readonly OperationId[] };

const noConfirmations: readonly Confirmation[] = [];
/** No message carries more of them, and no more are kept. */
const confirmationsMax = 64;

/**
 * The multi-writer atomic register of Attiya, Bar-Noy and Dolev (JACM 42(1), 1995) with the tags of Lynch and
 * Shvartsman (FTCS 1997). Invariant: when an operation returns a tag, a majority stores that tag or a larger one; where
 * reads ask everybody, some member does.
 */
export class AttiyaReplica implements Replica<Message, readonly SealedCell[]>, Register {
  readonly self: ReplicaId;
  /** Reads ask everybody, in one round, and never write back. */
  readonly readsAll: boolean;
  /** How many must store a pair. */
  private quorum = 0;
  /** How many must say what they hold before a first phase ends. */
  voices = 0;

  readonly cells: Cells = new Cells();
  /** Rounds under way. A finished phase is replaced or deleted, so that late answers find nothing. */
  readonly rounds = new IdMap<Phase>();
  private lastRound: Round = 0;
  /** Tags of mine that reached a majority, not yet told. */
  private confirmations: Confirmation[] = [];
  private readonly asking: Asking;
  readonly frontier: Frontier = new Frontier();
  readonly surveyor: Surveyor = new Surveyor();
  readonly mender: Mender = new Mender();
  readonly publisher: Publisher = new Publisher();
  private lastSerial: Serial = 0;

  constructor(self: ReplicaId, readsAll: boolean, busyRounds?: number) {
    this.self = self;
    this.readsAll = readsAll;
    this.asking = new Asking(self, busyRounds);
  }

  /** A read joins the next round of its key: one that is under way may have asked before this read was invoked. */
  read(operation: OperationId, key: Key, host: Host<Message>): void {
    const cell = this.cellOf(key);
    if (cell.reading === undefined) this.beginRead(key, cell, [operation], host);
    else if (cell.reading === none) cell.reading = [operation];
    else cell.reading.push(operation);
  }

  /** Writes of one member to one key never overlap, so no two of them are given the same tag. */
  write(operation: OperationId, key: Key, value: Value, host: Host<Message>): void {
    const cell = this.cellOf(key);
    if (cell.writing === undefined) this.beginWrite(key, cell, [{ operation, value }], host);
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
      case 'publish':
        this.publisher.onPublish(from, message, this, host);
        return this.surveyor.catchUp(this, host);
      case 'survey':
        this.mender.surveyed(this, host);
        return this.surveyor.onSurvey(from, message, this, host);
      case 'surveyed':
        return this.onSurveyed(from, message, host);
      case 'mend':
        return this.mender.onMend(from, message, this, host);
      case 'mended':
        return this.onMended(from, message, host);
    }
  }

  /** Asks a member once more for the answers that its messages may have been lost with. */
  repeat(to: ReplicaId, host: Host<Message>): void {
    this.publisher.repeat();
    for (const [round, phase] of this.rounds) {
      const waits = includes(phase.asked, to) && !includes(phase.votes, to);
      if (waits) host.send(to, request(round, phase, noConfirmations));
    }
  }

  /** Rounds that have waited for long ask everybody else, too. */
  timeout(timer: string, host: Host<Message>): void {
    const { asking } = this;
    if (timer === 'survey') return this.surveyor.begin(asking, this, host);
    const late = asking.lapse(this.lastRound);
    if (this.surveyor.lapse(late, this, host)) asking.wait(host);
    if (this.frontier.isAstray) this.mender.begin(this.frontier.gap, this, host);
    for (const [round, phase] of this.rounds) {
      const { asked, votes } = phase;
      if (asked === asking.everyone) continue;
      if (round > late) {
        asking.wait(host);
        continue;
      }
      if (phase.phase === 'mend') {
        this.mender.lapse(round, phase, this, host);
        continue;
      }
      asking.doubt(without(asked, votes));
      phase.asked = asking.everyone;
      host.broadcast(request(round, phase, noConfirmations), without(asking.everyone, asked));
    }
  }

  keys(): Iterable<Key> {
    return this.cells.present();
  }

  seal(): readonly SealedCell[] {
    return this.cells.seal();
  }

  enter(view: View, sealed: readonly (readonly SealedCell[])[]): void {
    if (this.quorum !== 0 || sealed.length > 0) throw new Error('views cannot change yet');
    const size = view.members.length;
    this.quorum = majority(size);
    // What a read returned without a write-back may be stored at one member: whoever comes later must hear that one.
    this.voices = this.readsAll ? size : this.quorum;
    this.asking.form(view, this.voices);
    this.mender.form(this.asking.others);
    this.frontier.form(Math.max(...view.members.map(({ slot }) => slot)) + 1);
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
    const { round, key, writeBack } = message;
    this.learn(message.confirmed);
    this.take(from, this.cellAsked(from, round, key) ?? this.cellOf(key), message, host);
    this.surveyor.catchUp(this, host);
    host.send(from, { type: 'stored', round, writeBack });
  }

  /** Stores a pair if it is newer than what is here. */
  take(from: ReplicaId, cell: Cell, pair: Pair, host: Host<Message>): void {
    if (this.cells.store(cell, from, pair)) host.changed(cell.key);
    if (this.frontier.take(from, pair.serial)) this.mender.skipped(from, this, host);
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

  private onSurveyed(from: ReplicaId, answer: Surveyed, host: Host<Message>): void {
    const surveying = this.rounds.get(answer.round);
    if (surveying?.phase !== 'survey') return; // A quorum has spoken already.

    this.surveyor.onSurveyed(from, answer, surveying, this, host);
  }

  private onMended(from: ReplicaId, answer: Mended, host: Host<Message>): void {
    const mending = this.rounds.get(answer.round);
    if (mending?.phase !== 'mend' || mending.asked !== only(from)) return; // It was not waited for any more.

    this.mender.onMended(answer, mending, this, host);
    this.surveyor.catchUp(this, host);
  }

  /** Whether so much is under way that operations share surveys. */
  private get busy(): boolean {
    const { pending, lately } = this.surveyor;
    return this.asking.isBusy(Math.max(this.rounds.size + pending, lately));
  }

  private beginRead(key: Key, cell: Cell, operations: OperationId[], host: Host<Message>): void {
    if (this.busy && !this.frontier.isAstray) {
      cell.reading = operations;
      this.surveyor.read(key, cell, host);
    } else {
      cell.reading = none;
      this.query(key, cell, operations, host);
    }
  }

  private beginWrite(key: Key, cell: Cell, writes: Write[], host: Host<Message>): void {
    if (this.busy) {
      cell.writing = writes;
      this.surveyor.write(key, cell, host);
    } else {
      cell.writing = none;
      this.probe(key, cell, writes, host);
    }
  }

  takeSerial(): Serial {
    this.lastSerial += 1;
    return this.lastSerial;
  }

  tellOthers(message: Message, host: Host<Message>): void {
    host.broadcast(message, without(this.asking.everyone, only(this.self)));
  }

  query(key: Key, cell: Cell, operations: readonly OperationId[], host: Host<Message>): void {
    this.begin(querying(key, cell, operations, this.asking.everyone), host);
  }

  private probe(key: Key, cell: Cell, writes: readonly Write[], host: Host<Message>): void {
    const asked = this.asking.everyone;
    this.begin({ phase: 'probe', key, cell, writes, asked, votes: nobody, tag: noTag }, host);
  }

  store(
    { key, cell, tag, value }: SealedCell & Pick<InPhase, 'cell'>,
    operations: readonly OperationId[],
    writeBack: boolean,
    host: Host<Message>,
  ): void {
    const serial = this.takeSerial();
    const asked = this.asking.everyone;
    this.begin(
      { phase: 'store', serial, key, cell, tag, value, operations, writeBack, asked, votes: nobody },
      host,
    );
  }

  /** Every phase has a number of its own, so an answer to the first cannot be taken for one to the second. */
  begin(phase: Phase, host: Host<Message>): void {
    const round = ++this.lastRound;
    this.rounds.set(round, phase);
    if (phase.phase === 'survey' || phase.phase === 'mend') {
      host.broadcast(request(round, phase, noConfirmations), phase.asked);
      if (phase.asked !== this.asking.everyone) this.asking.wait(host);
      return;
    }
    const confirmed = this.confirmations.length === 0 ? noConfirmations : this.confirmations;
    if (confirmed !== noConfirmations) this.confirmations = [];
    host.broadcast(request(round, phase, confirmed));
  }

  end(round: Round): void {
    this.rounds.delete(round);
  }

  wait(host: Host<Message>): void {
    this.asking.wait(host);
  }

  /** `held`: a majority is known to store the pair. */
  finishRead({ key, cell, tag, value, operations }: Ending, held: boolean, host: Host<Message>): void {
    if (held && cell.tag === tag) cell.confirmed = true;
    const entry = { value, version: tag };
    for (const operation of operations) host.complete(operation, { kind: 'read', entry });

    const next = cell.reading as OperationId[];
    cell.reading = undefined;
    if (next.length > 0) this.beginRead(key, cell, next, host);
    else this.cells.forgetIfEmpty(key, cell);
  }

  /** All writes of a round end with it: the last was stored, the others are ordered immediately before. */
  finishWrite({ key, cell, tag, operations }: Ending, host: Host<Message>): void {
    if (cell.tag === tag) cell.confirmed = true;
    // Under load, telling costs more than the few write-backs that it spares.
    const tells = !this.busy && this.confirmations.length < confirmationsMax;
    if (tells) this.confirmations.push({ key, tag });
    operations.forEach((operation, index) => {
      const version: RawVersion = index === operations.length - 1 ? tag : `${tag}.${index}`;
      host.complete(operation, { kind: 'written', version });
    });

    const next = cell.writing as Write[];
    cell.writing = undefined;
    if (next.length > 0) this.beginWrite(key, cell, next, host);
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
    return phase !== undefined && 'cell' in phase ? phase.cell : this.cells.get(key);
  }

  private cellOf(key: Key): Cell {
    return this.cells.of(key);
  }

  private tagAt(key: Key): Tag {
    return this.cells.get(key)?.tag ?? noTag;
  }
}
