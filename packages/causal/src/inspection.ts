import {
  ABSENT,
  type Ended,
  type Fault,
  type Flight,
  type Inspection,
  type Inspector,
  type Key,
  type OperationName,
  type RawVersion,
  type ReplicaId,
  type Sight,
  slotOf,
  type Tag,
  type Value,
} from '@dsm/core';
import type { Message } from './messages.js';
import type { Policy } from './policy.js';
import type { CausalReplica } from './replica.js';
import { tagOfUpdate, type Update } from './update.js';
import { covers, include, type Vector } from './vector.js';

const early = 'what an update depends on is applied before it';
const gap = 'the updates of an origin are applied in their order, each once';
const fell = 'what was applied stays applied';
const reused = 'a sequence names one update';
const backwards = 'a write is newer than all that its member had applied';
const unseen = 'a write depends on what its session has seen';
const loser = 'of the writes that were applied the newest is shown';
const lost = 'what a log forgets everybody has';

/** Rare: it takes a member that lacks thousands of updates. */
export const transferred = 'the contents were sent instead of a log';

/** The invariants of causal memory, and what a good test of it has met. */
export const inspection: Inspection<Message, CausalReplica> = {
  properties: [early, gap, fell, reused, backwards, unseen, loser, lost],
  situations: [
    'a dependency waited',
    'an update came twice',
    'two writes were concurrent',
    'an older write lost',
    'a gap was repaired',
    'members were compared',
    'a member that wrote nothing said what it has',
    'a read found a deleted key',
    'a write came after logs had been pruned',
  ],
  inspector: () => new CausalInspector(true),
  beforeOperation,
  beforeMessage,
  idle: ({ waiting, holding, attaching, policy }) =>
    holding.length === 0 &&
    attaching.length === 0 &&
    (isMortal(policy) || waiting.every(({ size }) => size === 0)),
  matters,
};

/** Where crashes are survived, what only a dead member had is waited for until members can depart. */
function isMortal({ acknowledgements }: Policy): boolean {
  return acknowledgements > 0;
}

/** What an inspector has seen of a member. */
interface Watched {
  /** Of its updates, all that were written. */
  readonly written: Update[];
  readonly applied: Vector;
  /** What the member's own session has read and written. */
  readonly seen: Vector;
  /** By key, the newest of the updates that were applied here. */
  readonly newest: Map<Key, Update>;
}

/** Remembers every update as its origin wrote it, and compares what the members make of them. */
export class CausalInspector implements Inspector<Message, CausalReplica> {
  /** Whether a member's own session is the only one there: what others have seen cannot be told from outside. */
  private readonly alone: boolean;
  private readonly members: Watched[] = [];
  /** Reads that have ended since the last look. */
  private reads: Pick<Ended, 'at' | 'result'>[] = [];

  constructor(alone: boolean) {
    this.alone = alone;
  }

  ended({ at, name, result }: Ended): void {
    if (name === 'read') this.reads.push({ at, result });
  }

  fault({ replicas }: Sight<Message, CausalReplica>): Fault | undefined {
    for (const { self } of replicas)
      this.members[self] ??= { written: [], applied: [], seen: [], newest: new Map() };
    for (const replica of replicas) {
      const fault = this.writes(replica);
      if (fault !== undefined) return fault;
    }
    this.noteReads();
    for (const replica of replicas) {
      const fault = this.applications(replica) ?? forgotten(replica, replicas) ?? this.contents(replica);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  /** What a member has written since the last look. */
  private writes({ self, journal }: CausalReplica): Fault | undefined {
    const { written, seen } = this.at(self);
    const log = journal.logs[self];
    const last = log?.get(journal.applied[self] ?? 0);
    const before = written[(last?.sequence ?? 0) - 1];
    if (last !== undefined && before !== undefined && last.time !== before.time) {
      return { property: reused, detail: `${nameOf(last)} is the second one` };
    }
    for (let sequence = written.length + 1; sequence <= (journal.applied[self] ?? 0); sequence += 1) {
      const update = log?.get(sequence);
      // A member that is alone keeps no log, and nobody to compare it with.
      if (update === undefined) return undefined;
      if (this.alone && !covers(update.dependencies, seen)) {
        return {
          property: unseen,
          detail: `${nameOf(update)} depends on ${update.dependencies}, not ${seen}`,
        };
      }
      const past = this.pastOf(journal.applied, update);
      if (past >= tagOfUpdate(update)) {
        return {
          property: backwards,
          detail: `${nameOf(update)} has time ${update.time}, tag ${past} was known`,
        };
      }
      written.push(update);
      include(seen, self, sequence);
    }
    return undefined;
  }

  /** The largest tag of the updates that the origin of a write had applied before it. */
  private pastOf(applied: Readonly<Vector>, { origin, sequence }: Update): Tag {
    let past = 0;
    for (const [other, count] of applied.entries()) {
      const last = this.at(other).written[(other === origin ? sequence - 1 : count) - 1];
      if (last !== undefined) past = Math.max(past, tagOfUpdate(last));
    }
    return past;
  }

  private noteReads(): void {
    for (const { at, result } of this.reads) {
      if (result.kind !== 'read') continue;
      const update = this.updateOf(result.entry.version);
      if (update !== undefined) include(this.at(at).seen, update.origin, update.sequence);
    }
    this.reads = [];
  }

  private updateOf(version: RawVersion): Update | undefined {
    if (typeof version !== 'number' || version === 0) return undefined;
    return this.at(slotOf(version)).written.find((update) => tagOfUpdate(update) === version);
  }

  /** What a member has applied since the last look. */
  private applications(replica: CausalReplica): Fault | undefined {
    const { self, journal } = replica;
    const watched = this.at(self);
    for (const [origin, last] of journal.applied.entries()) {
      const before = watched.applied[origin] ?? 0;
      if (last < before)
        return { property: fell, detail: `at ${self}: ${origin}'s from ${before} to ${last}` };
      for (let sequence = before + 1; sequence <= last; sequence += 1) {
        const fault = this.application(replica, origin, sequence);
        if (fault !== undefined) return fault;
      }
      include(watched.applied, origin, last);
    }
    return undefined;
  }

  private application(
    { self, journal }: CausalReplica,
    origin: ReplicaId,
    sequence: number,
  ): Fault | undefined {
    const update = this.at(origin).written[sequence - 1];
    if (update === undefined) return undefined;
    const kept = journal.logs[origin]?.get(sequence);
    const forgotten = Math.max(journal.floors[origin] as number, journal.cuts[origin] as number);
    if (kept === undefined && sequence > forgotten) {
      return { property: gap, detail: `${nameOf(update)} was left out at ${self}` };
    }
    if (kept !== undefined && (kept.time !== update.time || kept.key !== update.key)) {
      return { property: reused, detail: `${nameOf(update)} is another one at ${self}` };
    }
    if (!covers(journal.applied, update.dependencies)) {
      const detail = `${nameOf(update)} at ${self}: ${journal.applied} lacks some of ${update.dependencies}`;
      return { property: early, detail };
    }
    const { newest } = this.at(self);
    const other = newest.get(update.key);
    if (other === undefined || tagOfUpdate(update) > tagOfUpdate(other)) newest.set(update.key, update);
    return undefined;
  }

  /** By what was applied, the content of every key is known. */
  private contents({ self, contents, policy }: CausalReplica): Fault | undefined {
    for (const [key, update] of this.at(self).newest) {
      if (policy.mergeOf(key) !== undefined || !policy.subscribes(self, key)) continue;
      const tag = tagOfUpdate(update);
      const { value = ABSENT } = update;
      const cell = contents.cells.get(key);
      const deleted = cell === undefined && value === ABSENT;
      if (deleted || (cell?.tag === tag && sameBytes(cell.value, value))) continue;
      return {
        property: loser,
        detail: `${key} at ${self} shows tag ${cell?.tag}, and tag ${tag} was applied`,
      };
    }
    return undefined;
  }

  private at(member: ReplicaId): Watched {
    return this.members[member] as Watched;
  }
}

function forgotten({ self, journal }: CausalReplica, replicas: readonly CausalReplica[]): Fault | undefined {
  for (const [origin, floor] of journal.floors.entries()) {
    const poor = replicas.find((other) => (other.journal.applied[origin] ?? 0) < floor);
    if (poor === undefined) continue;
    return {
      property: lost,
      detail: `${self} forgot ${origin}'s up to ${floor}, and ${poor.self} lacks some`,
    };
  }
  return undefined;
}

function nameOf({ origin, sequence, key }: Update): string {
  return `update ${sequence} of ${origin}, of '${key}',`;
}

function sameBytes(one: Value, other: Value): boolean {
  if (one === other || one === ABSENT || other === ABSENT) return one === other;
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function beforeOperation(
  { contents, journal }: CausalReplica,
  name: OperationName,
  key: Key,
): string | undefined {
  if (name === 'read')
    return contents.cells.get(key)?.value === ABSENT ? 'a read found a deleted key' : undefined;
  return journal.floors.some((floor) => floor > 0) ? 'a write came after logs had been pruned' : undefined;
}

function beforeMessage(replica: CausalReplica, from: ReplicaId, message: Message): string | undefined {
  if (message.type === 'compare') return 'members were compared';
  if (message.type === 'state') return transferred;
  if (message.type === 'applied') return 'a member that wrote nothing said what it has';
  const { journal, waiting, contents } = replica;
  const { origin, sequence, key, dependencies } = message;
  if (journal.has(origin, sequence) || waiting[origin]?.has(sequence)) return 'an update came twice';
  if (!journal.admits(message)) return 'a dependency waited';
  if (from !== origin) return 'a gap was repaired';
  const cell = contents.cells.get(key);
  if (cell === undefined) return undefined;
  if (cell.tag > tagOfUpdate(message)) return 'an older write lost';
  return (dependencies[slotOf(cell.tag)] as number) < cell.sequence
    ? 'two writes were concurrent'
    : undefined;
}

/** An update that was applied says only what its sender has; and that may be known. */
function matters({ from, to, message }: Flight<Message>, replicas: readonly CausalReplica[]): boolean {
  const journal = replicas[to]?.journal;
  if (journal === undefined || message.type === 'compare' || message.type === 'state') return true;
  const news = !covers(journal.known[from] as Vector, message.applied);
  return news || (message.type === 'update' && !journal.has(message.origin, message.sequence));
}
