import {
  ABSENT,
  count,
  type Expectation,
  type Host,
  IdMap,
  includes,
  type Key,
  type Members,
  majority,
  nobody,
  type OperationId,
  only,
  type RawEntry,
  type Replica,
  type ReplicaId,
  type Value,
  type View,
  vote,
  without,
} from '@dsm/core';
import { type Batch, type Draft, find, insert, type Place, type Stage, versionOf } from './batch.js';
import { Entries } from './entries.js';
import {
  type BatchNumber,
  type Command,
  type Commit,
  type Committed,
  isReading,
  type Message,
  type Propose,
  type Proposed,
  type Stable,
} from './messages.js';
import { type Sealed, sealed } from './sealed.js';
import { type SubscriptionOptions, Subscriptions } from './subscriptions.js';

/** The options of the protocol, complete. */
export interface Settings {
  readonly reads: 'local' | 'ordered';
  readonly delivery: 'uniform' | 'fast';
  readonly subscriptions: SubscriptionOptions;
}

/** No more commands or bytes join a batch; a single value may be larger. */
const batchCommandsMax = 128;
const batchBytesMax = 256 * 1024;

const nothing: readonly boolean[] = [];

/**
 * Total order by agreed timestamps: Skeen's algorithm, as Birman and Joseph tell it (TOCS 5(1), 1987, section 4), among
 * the subscribers of each variable, which may overlap in any way. One clock and one queue for all variables. Invariant:
 * a batch is delivered under its final time, after everything that is or will be placed before it.
 */
export class TotalOrderReplica implements Replica<Message, Sealed> {
  readonly self: ReplicaId;
  readonly settings: Settings;
  /** How many members the smallest quorum of the view can do without. */
  private spare = 0;
  private subscriptions: Subscriptions | undefined;

  readonly entries = new Entries();
  /** At least every time that was proposed here or is known to be final. */
  clock = 0;
  /** Batches that are not delivered, the first to be delivered first. */
  readonly queue: Batch[] = [];
  /** Batches of this member without a final time, in the order in which they were asked for. */
  readonly drafts: Draft[] = [];
  /** Delivered batches, in order, until all their subscribers are known to have them. */
  readonly kept: Batch[] = [];
  /** The place of what was delivered last. */
  last: Place = { time: 0, initiator: 0, number: 0 };
  /** By initiator: its last batch that was delivered here. */
  readonly delivered: BatchNumber[] = [];
  /** By member: the last batch of mine that is known to have been delivered there. */
  readonly reached: BatchNumber[] = [];
  /** Operations of this member, by the number of their batch. */
  private readonly operations = new IdMap<readonly OperationId[]>();
  private lastNumber: BatchNumber = 0;
  private lastOwnFinal = 0;

  constructor(self: ReplicaId, settings: Settings) {
    this.self = self;
    this.settings = settings;
  }

  /** A local read sees what was delivered here; an ordered one takes its place among the writes. */
  read(operation: OperationId, key: Key, host: Host<Message>): void {
    if (this.settings.reads === 'ordered') return this.order(operation, { kind: 'read', key }, host);
    if (!this.subscribes(key)) return refuse(operation, key, host);
    host.complete(operation, { kind: 'read', entry: this.peek(key) });
  }

  write(operation: OperationId, key: Key, value: Value, host: Host<Message>): void {
    this.order(operation, { kind: 'write', key, value }, host);
  }

  swap(operation: OperationId, key: Key, expected: Expectation, value: Value, host: Host<Message>): void {
    this.order(operation, { kind: 'swap', key, value, expected }, host);
  }

  receive(from: ReplicaId, message: Message, host: Host<Message>): void {
    switch (message.type) {
      case 'propose':
        return this.onPropose(from, message, host);
      case 'proposed':
        return this.onProposed(from, message, host);
      case 'commit':
        return this.onCommit(from, message, host);
      case 'committed':
        return this.onCommitted(from, message, host);
      case 'stable':
        return this.onStable(from, message, host);
    }
  }

  keys(): Iterable<Key> {
    return this.entries.present.keys();
  }

  peek(key: Key): RawEntry {
    return this.entries.at(key);
  }

  subscribes(key: Key): boolean {
    return includes(this.subscribersOf(key), this.self);
  }

  seal(): Sealed {
    return {
      clock: this.clock,
      entries: [...this.entries.present],
      batches: [...this.kept, ...this.queue].map(sealed),
    };
  }

  enter(view: View, states: readonly Sealed[]): void {
    if (this.subscriptions !== undefined || states.length > 0) throw new Error('views cannot change yet');
    const size = view.members.length;
    // In a view of two one member alone is a quorum, too.
    this.spare = size === 2 ? 1 : size - majority(size);
    this.subscriptions = new Subscriptions(this.settings.subscriptions, view);
    for (const { slot } of view.members) {
      this.delivered[slot] = 0;
      this.reached[slot] = 0;
    }
  }

  /** Whether an operation of this member is in a batch that has not been delivered. */
  get waits(): boolean {
    return this.operations.size > 0;
  }

  subscribersOf(key: Key): Members {
    return this.subscriptions?.of(key) ?? nobody;
  }

  /**
   * How many of a group must store a final time before anybody may act on it. Where a minority is one member, every
   * other proposal survives it, and the final can be computed again. Otherwise the members that die together could take
   * with them a final that one of them has acted on.
   */
  storersNeeded(group: Members): number {
    const size = count(group);
    if (this.settings.delivery === 'fast' || this.spare <= 1 || size <= 2) return 1;
    return Math.min(this.spare + 1, size);
  }

  /**
   * The first batch to a group leaves at once; until its time is final, what follows is gathered. A command joins the
   * newest batch only, so that batches are in the order in which their commands were asked for.
   */
  private order(operation: OperationId, command: Command, host: Host<Message>): void {
    const group = this.subscribersOf(command.key);
    if (!includes(group, this.self)) return refuse(operation, command.key, host);
    const last = this.drafts.at(-1);
    const draft = last !== undefined && admits(last, group) ? last : this.draft(group);
    draft.commands.push(command);
    draft.operations.push(operation);
    draft.bytes += bytesOf(command);
    if (this.drafts.find((other) => other.group === group) !== draft) return;
    this.propose(draft, host);
    this.finalise(host);
  }

  private draft(group: Members): Draft {
    this.lastNumber += 1;
    const draft = {
      number: this.lastNumber,
      group,
      commands: [],
      operations: [],
      bytes: 0,
      batch: undefined,
    };
    this.drafts.push(draft);
    return draft;
  }

  private propose(draft: Draft, host: Host<Message>): void {
    const { number, group, commands, operations } = draft;
    this.clock += 1;
    const time = this.clock;
    draft.batch = this.enqueue({ initiator: this.self, number, time }, group, commands);
    draft.batch.votes = only(this.self);
    this.operations.set(number, operations);
    this.tell(draft.batch, { type: 'propose', number, time, commands }, host);
  }

  private onPropose(from: ReplicaId, { number, time, commands }: Propose, host: Host<Message>): void {
    this.clock = Math.max(this.clock, time) + 1;
    const group = this.subscribersOf((commands[0] as Command).key);
    const batch = this.enqueue({ initiator: from, number, time: this.clock }, group, commands);
    batch.proposals.unshift({ member: from, time });
    const reading = isReading(commands);
    host.send(from, {
      type: 'proposed',
      number,
      time: this.clock,
      delivered: this.delivered[from] ?? 0,
      reading,
    });
  }

  private onProposed(from: ReplicaId, answer: Proposed, host: Host<Message>): void {
    this.hear(from, answer.delivered);
    const batch = find(this.queue, this.self, answer.number);
    if (batch?.stage !== 'proposed') throw new Error(`nobody asked for a time of batch ${answer.number}`);

    batch.proposals.push({ member: from, time: answer.time });
    batch.votes = vote(batch.votes, from);
    this.finalise(host);
  }

  /** Finals are given out in program order: a later batch gets its own only after the earlier ones have theirs. */
  private finalise(host: Host<Message>): void {
    for (let next = this.drafts[0]?.batch; next !== undefined; next = this.drafts[0]?.batch) {
      if (next.votes !== next.group) break;
      this.drafts.shift();
      const { number, group, proposals } = next;
      this.lastOwnFinal = Math.max(this.lastOwnFinal + 1, ...proposals.map(({ time }) => time));
      this.conclude(next, this.lastOwnFinal);
      next.votes = only(this.self);
      const { time } = next;
      const reading = isReading(next.commands);
      this.tell(next, { type: 'commit', number, time, floor: this.floorOf(group), reading }, host);
      const gathered = this.drafts.find((draft) => draft.group === group);
      if (gathered !== undefined) this.propose(gathered, host);
    }
    this.deliver(host);
  }

  private onCommit(from: ReplicaId, { number, time, floor, reading }: Commit, host: Host<Message>): void {
    const batch = find(this.queue, from, number);
    if (batch?.stage !== 'proposed') throw new Error(`batch ${number} of ${from} was not proposed`);

    const { group } = batch;
    this.forget((other) => other.initiator === from && other.group === group && other.number < floor);
    if (this.conclude(batch, time) === 'final') {
      host.send(from, { type: 'committed', number, delivered: this.delivered[from] ?? 0, reading });
    }
    this.deliver(host);
  }

  private onCommitted(from: ReplicaId, answer: Committed, host: Host<Message>): void {
    this.hear(from, answer.delivered);
    const batch = find(this.queue, this.self, answer.number);
    if (batch?.stage !== 'final') return; // Enough have said so already.

    batch.votes = vote(batch.votes, from);
    if (count(batch.votes) < this.storersNeeded(batch.group)) return;

    batch.stage = 'stable';
    this.tell(batch, { type: 'stable', number: answer.number, reading: answer.reading }, host);
    this.deliver(host);
  }

  private onStable(from: ReplicaId, { number }: Stable, host: Host<Message>): void {
    const batch = find(this.queue, from, number);
    if (batch?.stage !== 'final') throw new Error(`batch ${number} of ${from} is not final`);

    batch.stage = 'stable';
    this.deliver(host);
  }

  /** Queues a batch under the proposal of this member. */
  private enqueue(place: Place, group: Members, commands: readonly Command[]): Batch {
    const { time, initiator, number } = place;
    const batch: Batch = {
      initiator,
      number,
      group,
      commands,
      proposals: [{ member: this.self, time }],
      time,
      stage: 'proposed',
      votes: nobody,
      verdicts: nothing,
    };
    insert(this.queue, batch);
    return batch;
  }

  /** Whoever learns a final time first raises the clock to it. */
  private conclude(batch: Batch, time: number): Stage {
    this.clock = Math.max(this.clock, time);
    this.queue.splice(this.queue.indexOf(batch), 1);
    batch.time = time;
    batch.stage = this.storersNeeded(batch.group) === 1 ? 'stable' : 'final';
    insert(this.queue, batch);
    return batch.stage;
  }

  /** Delivers from the head of the queue, as long as it is final and smallest: what is behind it waits. */
  private deliver(host: Host<Message>): void {
    for (let batch = this.queue[0]; batch?.stage === 'stable'; batch = this.queue[0]) {
      this.queue.shift();
      batch.stage = 'delivered';
      const { time, initiator, number, group } = batch;
      this.last = { time, initiator, number };
      this.delivered[initiator] = number;
      const own = initiator === this.self ? this.operations.get(number) : undefined;
      const verdicts: boolean[] = [];
      for (const index of batch.commands.keys()) verdicts.push(this.apply(batch, index, own?.[index], host));
      batch.verdicts = verdicts;
      if (own !== undefined) {
        this.operations.delete(number);
        this.reached[this.self] = number;
      }
      if (group !== only(this.self)) this.kept.push(batch);
    }
  }

  /** Performs a command, then wakes the watchers, then ends the operation, if it is one of this member's. */
  private apply(
    batch: Batch,
    index: number,
    operation: OperationId | undefined,
    host: Host<Message>,
  ): boolean {
    const command = batch.commands[index] as Command;
    const { applied, change, result } = this.entries.perform(command, versionOf(batch, index));
    if (change !== undefined) host.changed(command.key, change);
    if (operation !== undefined) host.complete(operation, result);
    return applied;
  }

  private tell({ group }: Batch, message: Message, host: Host<Message>): void {
    const others = without(group, only(this.self));
    if (others !== nobody) host.broadcast(message, others);
  }

  /** A member says how many of my batches it has delivered: those that all have need not be kept any longer. */
  private hear(from: ReplicaId, delivered: BatchNumber): void {
    if (delivered <= (this.reached[from] ?? 0)) return;
    this.reached[from] = delivered;
    this.forget((batch) => batch.initiator === this.self && this.allReached(batch));
  }

  private allReached({ group, number }: Batch): boolean {
    return this.reached.every((reached, member) => reached >= number || !includes(group, member));
  }

  private forget(isOver: (batch: Batch) => boolean): void {
    const left = this.kept.filter((batch) => !isOver(batch));
    if (left.length < this.kept.length) this.kept.splice(0, this.kept.length, ...left);
  }

  /** My first batch to a group that some of it are not known to have delivered. */
  private floorOf(group: Members): BatchNumber {
    let floor = Number.POSITIVE_INFINITY;
    for (const batches of [this.kept, this.queue]) {
      for (const batch of batches) {
        if (batch.initiator === this.self && batch.group === group) floor = Math.min(floor, batch.number);
      }
    }
    return floor;
  }
}

/** How many bytes of values a command carries. */
function bytesOf(command: Command): number {
  if (command.kind === 'read') return 0;
  const expected = command.kind === 'swap' && 'value' in command.expected ? command.expected.value : ABSENT;
  return (command.value?.length ?? 0) + (expected?.length ?? 0);
}

function admits({ batch, group, commands, bytes }: Draft, wanted: Members): boolean {
  return (
    batch === undefined && group === wanted && commands.length < batchCommandsMax && bytes < batchBytesMax
  );
}

function refuse(operation: OperationId, key: Key, host: Host<Message>): void {
  const text = `this member does not subscribe to '${key}'`;
  host.complete(operation, { kind: 'refused', code: 'DSM_NOT_SUBSCRIBED', text });
}
