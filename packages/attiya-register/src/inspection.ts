import {
  type Ended,
  type Fault,
  type Flight,
  type Inspection,
  type Inspector,
  type Key,
  majority,
  noTag,
  type OperationName,
  type RawVersion,
  type ReplicaId,
  type Sight,
  type Tag,
} from '@dsm/core';
import type { Message, Queried } from './messages.js';
import type { AttiyaReplica } from './replica.js';

const stored = 'a majority stores what was returned';
const fallen = 'a tag never falls';
const ambiguous = 'a tag names one value';
const taken = 'what was taken in is stored';
const named = 'a number stands for one key';

/** The register's invariants, and what a good test of it has met. */
export const inspection: Inspection<Message, AttiyaReplica> = {
  properties: [stored, fallen, ambiguous, taken, named],
  situations: [
    'a read saw mixed tags',
    'a read was excused by a confirmed tag',
    'a pair was written back',
    'reads shared a round',
    'writes shared a round',
    'an older store came late',
    'an answer came after its round',
    'two writers saw one tag',
    'a value was left out because the reader has it',
  ],
  inspector: () => new RegisterInspector(),
  beforeOperation,
  beforeMessage,
  idle: ({ rounds, cells, surveyor }) => {
    if (rounds.size > 0 || surveyor.pending > 0) return false;
    for (const { tag, reading, writing } of cells.values()) {
      if (tag === noTag || reading !== undefined || writing !== undefined) return false;
    }
    return true;
  },
  matters,
};

/** Remembers, by key, the largest tag that an operation returned, and by member and key the tag stored last. */
class RegisterInspector implements Inspector<Message, AttiyaReplica> {
  private readonly returned = new Map<Key, Tag>();
  private readonly tags: Map<Key, Tag>[] = [];

  ended({ key, result }: Ended): void {
    const version = result.kind === 'written' ? result.version : result.entry.version;
    this.returned.set(key, Math.max(tagOfVersion(version), this.returned.get(key) ?? noTag));
  }

  fault({ replicas, keys }: Sight<Message, AttiyaReplica>): Fault | undefined {
    for (const key of keys) {
      const fault =
        this.fell(key, replicas) ??
        ambiguity(key, replicas) ??
        this.starved(key, replicas) ??
        untaken(key, replicas) ??
        misnamed(key, replicas);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  private fell(key: Key, replicas: readonly AttiyaReplica[]): Fault | undefined {
    for (const { self, cells } of replicas) {
      const tag = cells.get(key)?.tag ?? noTag;
      this.tags[self] ??= new Map();
      const tags = this.tags[self];
      const before = tags.get(key) ?? noTag;
      if (tag < before) return { property: fallen, detail: `${key} at ${self}: ${before}, then ${tag}` };
      if (tag > before) tags.set(key, tag);
    }
    return undefined;
  }

  /** Where reads ask everybody, what one returns may be stored at a minority. */
  private starved(key: Key, replicas: readonly AttiyaReplica[]): Fault | undefined {
    const returned = this.returned.get(key) ?? noTag;
    if (returned === noTag || replicas[0]?.readsAll) return undefined;
    let held = 0;
    for (const { cells } of replicas) if ((cells.get(key)?.tag ?? noTag) >= returned) held += 1;
    if (held >= majority(replicas.length)) return undefined;
    return { property: stored, detail: `tag ${returned} of ${key} was returned and is stored at ${held}` };
  }
}

/** A store that brought a pair which somebody holds, and that a member says it has taken in, was stored there. */
function untaken(key: Key, replicas: readonly AttiyaReplica[]): Fault | undefined {
  for (const { self, cells } of replicas) {
    const cell = cells.get(key);
    if (cell === undefined || cell.tag === noTag) continue;
    const { tag, from, serial } = cell;
    for (const { self: other, cells: others, frontier } of replicas) {
      if (serial > (frontier.taken[from] ?? 0) || (others.get(key)?.tag ?? noTag) >= tag) continue;
      return { property: taken, detail: `store ${serial} of ${from} at ${self}, not at ${other}` };
    }
    if (serial > (replicas[self]?.frontier.seen[from] ?? 0)) {
      return { property: taken, detail: `store ${serial} of ${from} is at ${self}, which has not seen it` };
    }
  }
  return undefined;
}

/** Who knows what the number of a key stands for knows that key. */
function misnamed(key: Key, replicas: readonly AttiyaReplica[]): Fault | undefined {
  for (const { self, cells } of replicas) {
    const number = cells.get(key)?.number ?? 0;
    if (number === 0) continue;
    for (const { self: other, publisher } of replicas) {
      const known = publisher.keyOf(self, number) ?? key;
      if (known === key) continue;
      return { property: named, detail: `number ${number} of ${self} is ${key}, and ${known} at ${other}` };
    }
  }
  return undefined;
}

function ambiguity(key: Key, replicas: readonly AttiyaReplica[]): Fault | undefined {
  for (const one of replicas) {
    const cell = one.cells.get(key);
    if (cell === undefined || cell.tag === noTag) continue;
    for (const { self, cells } of replicas) {
      const other = cells.get(key);
      if (self <= one.self || other?.tag !== cell.tag || cell.equals(other)) continue;
      return { property: ambiguous, detail: `tag ${cell.tag} of ${key} at ${one.self} and ${self}` };
    }
  }
  return undefined;
}

function beforeOperation({ cells }: AttiyaReplica, name: OperationName, key: Key): string | undefined {
  const cell = cells.get(key);
  if (name === 'read') return cell?.reading === undefined ? undefined : 'reads shared a round';
  return cell?.writing === undefined ? undefined : 'writes shared a round';
}

function beforeMessage(replica: AttiyaReplica, from: ReplicaId, message: Message): string | undefined {
  switch (message.type) {
    case 'store':
      if (message.writeBack) return 'a pair was written back';
      return (replica.cells.get(message.key)?.tag ?? noTag) > message.tag
        ? 'an older store came late'
        : undefined;
    case 'query': {
      const held = replica.cells.get(message.key)?.tag ?? noTag;
      const known = from !== replica.self && held !== noTag && held <= message.known;
      return known ? 'a value was left out because the reader has it' : undefined;
    }
    case 'probe':
      return twoWriters(replica, from, message.key) ? 'two writers saw one tag' : undefined;
    case 'queried':
      return beforeQueried(replica, message);
    case 'publish':
    case 'survey':
    case 'mend':
      return undefined;
    case 'probed':
    case 'stored':
    case 'surveyed':
    case 'mended':
      return replica.rounds.has(message.round) ? undefined : 'an answer came after its round';
  }
}

/** Another writer asks while this one has asked, and neither has stored. */
function twoWriters({ rounds, self }: AttiyaReplica, from: ReplicaId, key: Key): boolean {
  if (from === self) return false;
  for (const [, phase] of rounds) if (phase.phase === 'probe' && phase.key === key) return true;
  return false;
}

function beforeQueried(
  { rounds, readsAll }: AttiyaReplica,
  { round, tag, confirmed }: Queried,
): string | undefined {
  const phase = rounds.get(round);
  if (phase?.phase !== 'query') return 'an answer came after its round';
  if (phase.votes === 0 || tag === phase.tag) return undefined;
  const excused = tag > phase.tag ? confirmed : phase.confirmed;
  return excused && !readsAll ? 'a read was excused by a confirmed tag' : 'a read saw mixed tags';
}

/** Answers to a finished round are ignored; what such a round asked for is only acknowledged, unless it stores. */
function matters({ from, to, message }: Flight<Message>, replicas: readonly AttiyaReplica[]): boolean {
  const runs = (at: ReplicaId) =>
    message.type !== 'publish' && (replicas[at]?.rounds.has(message.round) ?? false);
  switch (message.type) {
    case 'query':
    case 'probe':
      return message.confirmed.length > 0 || runs(from);
    case 'store':
    case 'publish':
      return true;
    case 'survey':
    case 'mend':
      return runs(from);
    default:
      return runs(to);
  }
}

/** The tag of a version: of an absorbed write, that of its round. */
function tagOfVersion(version: RawVersion): Tag {
  return typeof version === 'number' ? version : Number(version.split('.')[0]);
}
