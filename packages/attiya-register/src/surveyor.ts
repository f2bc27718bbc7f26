import {
  count,
  type Host,
  type Key,
  nobody,
  noTag,
  type OperationId,
  type ReplicaId,
  type Tag,
  tagOf,
  timeOf,
  type Value,
  vote,
} from '@dsm/core';
import type { Asking } from './asking.js';
import type { Cell } from './cells.js';
import { furthest, nearest, type Serial } from './frontier.js';
import type { Message, Round, Survey, Surveyed } from './messages.js';
import { none, type Surveying, type Write } from './phase.js';
import type { Register } from './register.js';

/** What the operations of a member on one key, which share a survey, find out or do. */
export interface Matter {
  readonly kind: 'read' | 'write';
  readonly key: Key;
  readonly cell: Cell;
  operations: readonly OperationId[];
  tag: Tag;
  value: Value;
  /** The store that brought this pair here. */
  from: ReplicaId;
  serial: Serial;
}

/**
 * The rounds of a busy member, for all its operations at once. Instead of asking about each key it asks how far others
 * have got: which stores of whom they have taken in, and the largest tag they know. Once this member has taken in as
 * much, what it holds of any key is as new as what they hold; and what all of them have taken in they hold, so that it
 * need be neither written back nor acknowledged by itself. To ask for a place in a log, and to wait until one has got
 * there, is how quorums are read by Charapko, Ailijiang and Demirbas (Linearizable quorum reads in Paxos, HotStorage
 * 2019).
 *
 * One survey is under way at a time, and what begins meanwhile shares the next. Whatever a survey does not show is done
 * key by key, as in the paper.
 */
export class Surveyor {
  /** Matters that have not ended. */
  pending = 0;
  /** How many there were when the last survey was sent. */
  lately = 0;
  /** What shares the next survey. */
  private reads: Matter[] = [];
  private writes: Matter[] = [];
  /** What the next survey has to show that a majority stores it. */
  private unshown: Matter[] = [];
  /** Surveys that have ended and whose reads wait until all is here that others had seen. */
  private readonly behind: (readonly [round: Round, surveying: Surveying])[] = [];
  private due = false;
  private underWay = false;

  /** A read that shares the next survey, with those that join it at its cell. */
  read(key: Key, cell: Cell, host: Host<Message>): void {
    this.reads.push(matterOf('read', key, cell));
    this.pending += 1;
    this.wish(host);
  }

  write(key: Key, cell: Cell, host: Host<Message>): void {
    this.writes.push(matterOf('write', key, cell));
    this.pending += 1;
    this.wish(host);
  }

  /** The turn has ended in which a survey was wished for. */
  begin({ near, everyone }: Asking, register: Register, host: Host<Message>): void {
    this.due = false;
    if (this.underWay || this.isContent) return;

    const { reads, writes, unshown } = this;
    this.reads = [];
    this.writes = [];
    this.unshown = [];
    for (const matter of reads) claimReads(matter);
    for (const matter of writes) claimWrites(matter);
    this.underWay = true;
    this.lately = this.pending;
    const about = writes.length > reads.length ? 'write' : 'read';
    const unasked = { reach: none, common: undefined, tag: noTag, votes: nobody };
    // What was published a moment ago goes to everybody: to ask them, too, costs no frame, and the quickest answer.
    const asked = unshown.some(({ kind }) => kind === 'write') ? everyone : near;
    register.begin({ phase: 'survey', about, asked, ...unasked, reads, writes, unshown }, host);
  }

  onSurvey(
    from: ReplicaId,
    { round, about }: Survey,
    { cells, frontier }: Register,
    host: Host<Message>,
  ): void {
    const [taken, seen] = [frontier.taken.slice(), frontier.seen.slice()];
    host.send(from, { type: 'surveyed', round, about, tag: cells.newest, taken, seen });
  }

  /** An answer to a survey that is under way. */
  onSurveyed(
    from: ReplicaId,
    { round, tag, taken, seen }: Surveyed,
    surveying: Surveying,
    register: Register,
    host: Host<Message>,
  ): void {
    const { reach, common } = surveying;
    surveying.tag = Math.max(surveying.tag, tag);
    surveying.reach = furthest(seen, reach);
    // What this member holds it knows, and better than when it asked.
    if (from !== register.self) surveying.common = common === undefined ? taken : nearest(common, taken);
    surveying.votes = vote(surveying.votes, from);
    if (count(surveying.votes) < register.voices) return;

    register.end(round);
    this.underWay = false;
    const unstored: Matter[] = [];
    for (const matter of surveying.unshown) {
      if (this.isShown(matter, surveying)) this.finish(matter, true, register, host);
      else unstored.push(matter);
    }
    if (surveying.reads.length > 0) this.settle(round, surveying, register, host);
    this.publish(surveying, register, host);
    // Not before: what is published is taken in here at once, what is stored only when its message arrives, and stores
    // that are taken in out of order count as missing.
    for (const matter of unstored) this.storeByKey(matter, register, host);
    if (!this.isContent) this.wish(host);
  }

  /** A store was taken in: reads may wait for it. */
  catchUp(register: Register, host: Host<Message>): void {
    if (this.behind.length === 0) return;
    for (const [round, surveying] of this.behind.splice(0)) this.settle(round, surveying, register, host);
    if (!this.isContent) this.wish(host);
  }

  /** What has waited since this round for what others have seen is asked for by key. True if more waits. */
  lapse(late: Round, register: Register, host: Host<Message>): boolean {
    for (const [round, { reads, reach }] of this.behind) {
      if (round > late) continue;
      register.frontier.miss(reach);
      this.readByKey(reads, register, host);
    }
    const left = this.behind.filter(([round]) => round > late);
    this.behind.splice(0, this.behind.length, ...left);
    return left.length > 0;
  }

  /** Once all is here that a quorum had, what this member holds is new enough. Until then reads wait for it. */
  private settle(round: Round, surveying: Surveying, register: Register, host: Host<Message>): void {
    const { frontier, mender } = register;
    if (!frontier.covers(surveying.reach)) {
      if (frontier.isForsaken(surveying.reach)) {
        this.readByKey(surveying.reads, register, host);
        return mender.want(register, host);
      }
      this.behind.push([round, surveying]);
      return register.wait(host);
    }
    for (const matter of surveying.reads) {
      const { cell } = matter;
      matter.tag = cell.tag;
      matter.value = cell.value;
      matter.from = cell.from;
      matter.serial = cell.serial;
      const held = cell.confirmed || cell.tag === noTag || this.isShown(matter, surveying);
      if (held || register.readsAll) this.finish(matter, held, register, host);
      else this.unshown.push(matter);
    }
  }

  private readByKey(reads: readonly Matter[], register: Register, host: Host<Message>): void {
    this.pending -= reads.length;
    for (const { key, cell, operations } of reads) register.query(key, cell, operations, host);
  }

  /** The new tag is larger than any that a majority had after these writes began. */
  private publish({ writes, tag }: Surveying, register: Register, host: Host<Message>): void {
    const next = tagOf(timeOf(Math.max(tag, register.cells.newest)) + 1, register.self);
    register.publisher.publish(writes, next, register, host);
    for (const matter of writes) this.unshown.push(matter);
  }

  private finish(matter: Matter, held: boolean, register: Register, host: Host<Message>): void {
    this.pending -= 1;
    if (matter.kind === 'read') register.finishRead(matter, held, host);
    else register.finishWrite(matter, host);
  }

  /** A survey should have shown that a majority stores it: each is asked to, and answers. */
  private storeByKey(matter: Matter, register: Register, host: Host<Message>): void {
    this.pending -= 1;
    register.store(matter, matter.operations, matter.kind === 'read', host);
  }

  /** Whether all others who answered a survey, a majority with this member, had taken in a pair that it holds. */
  private isShown({ from, serial }: Matter, { common }: Surveying): boolean {
    return common === undefined || (common[from] ?? 0) >= serial;
  }

  /** Whether nothing waits for another survey. */
  private get isContent(): boolean {
    return this.reads.length + this.writes.length + this.unshown.length === 0;
  }

  /** A survey is sent when this turn ends; while one is under way, when that has been answered. */
  private wish(host: Host<Message>): void {
    if (this.due || this.underWay) return;
    this.due = true;
    host.setTimer('survey', 0);
  }
}

function matterOf(kind: Matter['kind'], key: Key, cell: Cell): Matter {
  return { kind, key, cell, operations: none, tag: noTag, value: null, from: 0, serial: 0 };
}

/** Those who have joined so far share the survey that is about to be sent; those who come now, the next. */
function claimReads(matter: Matter): void {
  matter.operations = matter.cell.reading as OperationId[];
  matter.cell.reading = none;
}

function claimWrites(matter: Matter): void {
  const writes = matter.cell.writing as Write[];
  matter.operations = writes.map(({ operation }) => operation);
  matter.value = (writes[writes.length - 1] as Write).value;
  matter.cell.writing = none;
}
