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
import { disagreement, disagreementOf } from './agreement.js';
import type { Message } from './messages.js';
import type { Numbering, Origin, Origins } from './origins.js';
import type { Policy } from './policy.js';
import type { CausalReplica } from './replica.js';
import type { Update } from './update.js';
import { covers, include, type Vector } from './vector.js';

const early = 'what an update depends on is applied before it';
const gap = 'the updates of an origin are applied in their order, each once';
const fell = 'what was applied stays applied';
const reused = 'a sequence names one update';
const backwards = 'a write is newer than all that its member had applied';
const unseen = 'a write depends on what its session has seen';
const loser = 'of the writes that were applied the newest is shown';
const lost = 'what a log forgets everybody has';

/** The first number of those who came later: behind all slots. */
const laterFrom = 31;

/** Rare: it takes a member that lacks thousands of updates. */
export const transferred = 'the contents were sent instead of a log';

/** The invariants of causal memory, and what a good test of it has met. */
export const inspection: Inspection<Message, CausalReplica> = {
  properties: [early, gap, fell, reused, backwards, unseen, loser, lost, disagreement],
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
    'several updates came together',
    'a number stood for a key',
  ],
  inspector: () => new CausalInspector(true),
  beforeOperation,
  beforeMessage,
  idle: ({ waiting, holding, attaching, policy, untold }, complete = true) =>
    untold.length === 0 &&
    holding.size === 0 &&
    attaching.size === 0 &&
    (!complete || isMortal(policy) || waiting.every(({ size }) => size === 0)),
  settled: disagreementOf,
  matters,
};

/** Where crashes are survived, what only a dead member had is waited for until members can depart. */
function isMortal({ acknowledgements }: Policy): boolean {
  return acknowledgements > 0;
}

/** A write as its origin made it, in the numbers of the inspector. */
interface Written extends Update {
  readonly tag: Tag;
  /** Decides between writes of one tag. */
  readonly incarnation: number;
}

/** What an inspector has seen of a member. */
interface Watched {
  /** Of its updates, all that were written. */
  readonly written: (Written | undefined)[];
  readonly applied: Vector;
  /** What the member's own session has read and written, in the numbers of the inspector. */
  readonly seen: Vector;
  readonly floors: Vector;
  /** By key, the newest of the updates that were applied here; undefined once one was that nobody has seen written. */
  newest: Map<Key, Written> | undefined;
}

/**
 * Remembers every update as its origin wrote it, and compares what the members make of them. It numbers those who came
 * later in an order of its own.
 */
export class CausalInspector implements Inspector<Message, CausalReplica> {
  /** Whether a member's own session is the only one there: what others have seen cannot be told from outside. */
  private readonly alone: boolean;
  private readonly members: (Watched | undefined)[] = [];
  private readonly later: number[] = [];
  /** Reads that have ended since the last look. */
  private reads: Pick<Ended, 'at' | 'result'>[] = [];

  constructor(alone: boolean) {
    this.alone = alone;
  }

  ended({ at, name, result }: Ended): void {
    if (name === 'read') this.reads.push({ at, result });
  }

  fault({ replicas }: Sight<Message, CausalReplica>): Fault | undefined {
    // Who has not entered is nobody yet.
    const present = replicas.filter(({ origins }) => origins.size > 0);
    for (const { origins } of present) {
      const blank = { written: [], applied: [], seen: [], floors: [], newest: new Map() };
      this.members[this.numberOf(origins.self, origins)] ??= blank;
    }
    for (const replica of present) {
      const fault = this.writes(replica);
      if (fault !== undefined) return fault;
    }
    this.noteReads(replicas);
    for (const replica of present) {
      const fault = this.applications(replica) ?? this.forgotten(replica, present) ?? this.contents(replica);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  /** What a member has written since the last look. */
  private writes({ origins, journal }: CausalReplica): Fault | undefined {
    const { self } = journal;
    const { written, seen } = this.of(origins);
    const log = journal.logs[self];
    const last = log?.get(journal.applied[self] ?? 0);
    const before = written[(last?.sequence ?? 0) - 1];
    if (last !== undefined && before !== undefined && last.time !== before.time) {
      return { property: reused, detail: `${nameOf(last)} is the second one` };
    }
    for (let sequence = written.length + 1; sequence <= (journal.applied[self] ?? 0); sequence += 1) {
      const update = log?.get(sequence);
      if (update === undefined) {
        // A member that is alone keeps no log.
        written.push(undefined);
        continue;
      }
      const known = this.written(update, origins);
      if (this.alone && !covers(known.dependencies, seen)) {
        const detail = `${nameOf(update)} depends on ${known.dependencies}, not ${seen}`;
        return { property: unseen, detail };
      }
      const past = this.pastOf(this.globally(journal.applied, origins), known);
      if (past !== undefined && !isNewer(known, past)) {
        const detail = `${nameOf(update)} has time ${update.time}, tag ${past.tag} was known`;
        return { property: backwards, detail };
      }
      written.push(known);
      include(seen, known.origin, sequence);
    }
    return undefined;
  }

  /** The newest of the updates that the origin of a write had applied before it. */
  private pastOf(applied: Readonly<Vector>, { origin, sequence }: Update): Written | undefined {
    let past: Written | undefined;
    for (const [other, count] of applied.entries()) {
      const last = this.members[other]?.written[(other === origin ? sequence - 1 : count) - 1];
      if (last !== undefined && (past === undefined || isNewer(last, past))) past = last;
    }
    return past;
  }

  private noteReads(replicas: readonly CausalReplica[]): void {
    for (const { at, result } of this.reads) {
      const reader = replicas[at];
      if (result.kind !== 'read' || reader === undefined) continue;
      const update = this.updateOf(result.entry.version);
      if (update !== undefined) include(this.of(reader.origins).seen, update.origin, update.sequence);
    }
    this.reads = [];
  }

  private updateOf(version: RawVersion): Written | undefined {
    if (version === 0) return undefined;
    const [tag = '', incarnation] = String(version).split('.');
    const index = incarnation === undefined ? -1 : this.later.indexOf(Number.parseInt(incarnation, 36));
    const origin = incarnation === undefined ? slotOf(Number(tag)) : laterFrom + index;
    return this.members[origin]?.written.find((update) => update?.tag === Number(tag));
  }

  /** What a member has applied since the last look. */
  private applications(replica: CausalReplica): Fault | undefined {
    const { origins, journal } = replica;
    const watched = this.of(origins);
    for (const [origin, last] of journal.applied.entries()) {
      const before = watched.applied[origin] ?? 0;
      if (last < before)
        return { property: fell, detail: `at ${journal.self}: ${origin}'s from ${before} to ${last}` };
      for (let sequence = before + 1; sequence <= last; sequence += 1) {
        const fault = this.application(replica, origin, sequence);
        if (fault !== undefined) return fault;
      }
      include(watched.applied, origin, last);
    }
    return undefined;
  }

  private application(
    { origins, journal }: CausalReplica,
    origin: Origin,
    sequence: number,
  ): Fault | undefined {
    const watched = this.of(origins);
    const update = this.members[this.numberOf(origin, origins)]?.written[sequence - 1];
    if (update === undefined) {
      watched.newest = undefined;
      return undefined;
    }
    const kept = journal.logs[origin]?.get(sequence);
    const gone = Math.max(journal.floors[origin] as number, journal.cuts[origin] as number);
    if (kept === undefined && sequence > gone) {
      return { property: gap, detail: `${nameOf(update)} was left out at ${journal.self}` };
    }
    if (kept !== undefined && (kept.time !== update.time || kept.key !== update.key)) {
      return { property: reused, detail: `${nameOf(update)} is another one at ${journal.self}` };
    }
    const applied = this.globally(journal.applied, origins);
    if (!covers(applied, update.dependencies)) {
      const detail = `${nameOf(update)} at ${journal.self}: ${applied} lacks some of ${update.dependencies}`;
      return { property: early, detail };
    }
    const other = watched.newest?.get(update.key);
    if (other === undefined || isNewer(update, other)) watched.newest?.set(update.key, update);
    return undefined;
  }

  /** By what was applied, the content of every key is known. */
  private contents({ self, origins, contents, policy }: CausalReplica): Fault | undefined {
    for (const [key, { tag, value }] of this.of(origins).newest ?? []) {
      if (policy.mergeOf(key) !== undefined || !policy.subscribes(self, key)) continue;
      const cell = contents.cells.get(key);
      const deleted = cell === undefined && value === ABSENT;
      if (deleted || (cell?.tag === tag && sameBytes(cell.value, value ?? ABSENT))) continue;
      const detail = `${key} at ${origins.self} shows tag ${cell?.tag}, and tag ${tag} was applied`;
      return { property: loser, detail };
    }
    return undefined;
  }

  /** Whoever is a member, as a member knows, has what it forgets. Those who come later need not. */
  private forgotten(
    { origins, journal }: CausalReplica,
    present: readonly CausalReplica[],
  ): Fault | undefined {
    const { floors } = this.of(origins);
    for (const [origin, floor] of journal.floors.entries()) {
      if (!include(floors, origin, floor)) continue;
      const poor = present.find(
        (other) => isMember(other, origins) && appliedOf(other, origin, origins) < floor,
      );
      if (poor === undefined) continue;
      const detail = `${origins.self} forgot ${origin}'s up to ${floor}, and ${poor.self} lacks some`;
      return { property: lost, detail };
    }
    return undefined;
  }

  private of(origins: Origins): Watched {
    return this.members[this.numberOf(origins.self, origins)] as Watched;
  }

  /** The inspector's number of an origin. */
  private numberOf(origin: Origin, { first, later }: Numbering): number {
    if (origin < first) return origin;
    const incarnation = later[origin - first] as number;
    if (!this.later.includes(incarnation)) this.later.push(incarnation);
    return laterFrom + this.later.indexOf(incarnation);
  }

  private globally(vector: Readonly<Vector>, origins: Numbering): Readonly<Vector> {
    if (origins.later.length === 0) return vector;
    const all: Vector = [];
    for (const [origin, sequence] of vector.entries()) include(all, this.numberOf(origin, origins), sequence);
    return all;
  }

  private written(update: Update, origins: Origins): Written {
    const origin = this.numberOf(update.origin, origins);
    const dependencies = [...this.globally(update.dependencies, origins)];
    include(dependencies, origin, update.sequence - 1);
    const incarnation = origins.incarnationOf(update.origin);
    return { ...update, origin, dependencies, incarnation, tag: origins.tagOf(update) };
  }
}

function isNewer(one: Written, other: Written): boolean {
  return one.tag > other.tag || (one.tag === other.tag && one.incarnation > other.incarnation);
}

/** Whether a replica is a member, as another one knows. */
function isMember({ origins }: CausalReplica, { first, others, later }: Origins): boolean {
  if (origins.self < first) return others.includes(origins.self);
  const index = later.indexOf(origins.incarnationOf(origins.self));
  return index >= 0 && others.includes(first + index);
}

/** How many updates a replica has applied of an origin that another one has numbered. */
function appliedOf({ origins, journal }: CausalReplica, origin: Origin, numbering: Origins): number {
  const own = origin < numbering.first ? origin : origins.find(numbering.incarnationOf(origin));
  return own === undefined ? 0 : (journal.applied[own] ?? 0);
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
    return contents.cells.get(key)?.absent === true ? 'a read found a deleted key' : undefined;
  return journal.floors.some((floor) => floor > 0) ? 'a write came after logs had been pruned' : undefined;
}

function beforeMessage(replica: CausalReplica, from: ReplicaId, message: Message): string | undefined {
  if (message.type === 'compare') return 'members were compared';
  if (message.type === 'state') return transferred;
  if (message.type === 'applied') return 'a member that wrote nothing said what it has';
  // Of whom the sender numbers otherwise nothing is said.
  if (replica.origins.translation(message.later) !== undefined) return undefined;
  if (message.type === 'updates') {
    const isNumbered = message.updates.some(({ key }) => key === '');
    return isNumbered ? 'a number stood for a key' : 'several updates came together';
  }
  return beforeUpdate(replica, from, message);
}

function beforeUpdate(replica: CausalReplica, from: ReplicaId, update: Update): string | undefined {
  const { journal, waiting, contents } = replica;
  const { origin, sequence, dependencies } = update;
  if (journal.has(origin, sequence) || waiting[origin]?.has(sequence)) return 'an update came twice';
  if (!journal.admits(update)) return 'a dependency waited';
  if (replica.origins.at(from) !== origin) return 'a gap was repaired';
  const cell = contents.cells.get(update.key);
  if (cell === undefined) return undefined;
  if (cell.tag > replica.origins.tagOf(update)) return 'an older write lost';
  const unknown = cell.origin !== origin && (dependencies[cell.origin] ?? 0) < cell.sequence;
  return unknown ? 'two writes were concurrent' : undefined;
}

/** An update that was applied says only what its sender has; and that may be known. */
function matters({ from, to, message }: Flight<Message>, replicas: readonly CausalReplica[]): boolean {
  const journal = replicas[to]?.journal;
  if (journal === undefined || message.type === 'compare' || message.type === 'state') return true;
  if (!covers(journal.known[from] as Vector, message.applied)) return true;
  if (message.type === 'applied') return false;
  const updates = message.type === 'update' ? [message] : message.updates;
  return updates.some(({ origin, sequence }) => !journal.has(origin, sequence));
}
