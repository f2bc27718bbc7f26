import {
  ABSENT,
  type Ended,
  type Fault,
  type Inspection,
  type Inspector,
  includes,
  type Key,
  type OperationName,
  type RawEntry,
  type ReplicaId,
  type Sight,
  without,
} from '@dsm/core';
import { absent, type Holding } from './holdings.js';
import type { Message, WriteVersion } from './messages.js';
import type { Record } from './record.js';
import type { ReadReplicationReplica } from './replica.js';

const current = 'what can be read is what its home applied last';
const copySet = 'who can read a copy is in the copy set';
const held = 'a backup holds what its home applied';
const rising = 'the versions of a home rise';
const exclusive = 'one member has write access';
const halted = 'while one member has write access no other reads a copy';
const once = 'a change is applied once';
const ended = 'a write ends when it is applied';
const queued = 'nobody waits behind nothing';
const named = 'everybody knows in the end which keys have a value';

/** The invariants of read replication, and what a good test of it has met. */
export const inspection: Inspection<Message, ReadReplicationReplica> = {
  properties: [current, copySet, held, rising, exclusive, halted, once, ended, queued, named],
  situations: [
    'a read hit a copy',
    'a read found a copy halted',
    'a read waited for a change of its member',
    'a request came during a change',
    'two changes were applied together',
    'a member was asked to halt while it asked for a change',
    'a backup was halted',
    'a swap found something else',
    'a copy of absence was kept',
  ],
  inspector: () => new CopyInspector(),
  beforeOperation,
  beforeMessage,
  idle,
  settled: namesFault,
};

/** Looks at the copies and homes of all keys. Remembers what follows from the homes, and changes that have ended. */
class CopyInspector implements Inspector<Message, ReadReplicationReplica> {
  private readonly lasts: number[] = [];
  private readonly ends: { readonly key: Key; readonly version: WriteVersion }[] = [];

  ended({ key, result }: Ended): void {
    if (result.kind === 'written') this.ends.push({ key, version: Number(result.version) });
    else if (result.kind === 'swapped' && result.ok) {
      this.ends.push({ key, version: Number(result.entry.version) });
    }
  }

  fault({ replicas, keys }: Sight<Message, ReadReplicationReplica>): Fault | undefined {
    const ends = this.ends.splice(0);
    // Who is early is looked at when all are there.
    if (!replicas.every(({ entered }) => entered)) return undefined;
    for (const key of keys) {
      const home = homeAmong(replicas, key);
      const record = home.home.records.get(key);
      const fault =
        copiesFault(replicas, key, home, record) ??
        accessFault(replicas, key, home, record) ??
        endFault(ends, key, home, record);
      if (fault !== undefined) return fault;
    }
    return this.versionsFault(replicas) ?? repeatFault(replicas);
  }

  private versionsFault(replicas: readonly ReadReplicationReplica[]): Fault | undefined {
    for (const { self, home } of replicas) {
      const before = this.lasts[self] ?? 0;
      if (home.last < before) return { property: rising, detail: `${home.last} after ${before} at ${self}` };
      this.lasts[self] = home.last;
      for (const [key, { entry, round }] of home.records) {
        const next = round?.kind === 'change' ? Number(round.next.version) : 0;
        const falls = next !== 0 && next <= Number(entry.version);
        if (falls || Number(entry.version) > home.last) {
          return { property: rising, detail: `${key} at ${self}: ${entry.version}, ${next}, ${home.last}` };
        }
      }
    }
    return undefined;
  }
}

function homeAmong(replicas: readonly ReadReplicationReplica[], key: Key): ReadReplicationReplica {
  const [first] = replicas as [ReadReplicationReplica];
  return replicas[first.homeOf(key)] as ReadReplicationReplica;
}

/** What members hold of a key, beside what its home says. */
function copiesFault(
  replicas: readonly ReadReplicationReplica[],
  key: Key,
  home: ReadReplicationReplica,
  record: Record | undefined,
): Fault | undefined {
  const entry = record?.entry ?? absent;
  for (const { self, holdings, isBackup } of replicas.map((replica) => sightOf(replica, key))) {
    const holding = holdings;
    if (holding?.valid && !same(holding.entry, entry)) {
      return {
        property: current,
        detail: `${holding.entry.version} of ${key} at ${self}, not ${entry.version}`,
      };
    }
    if (self === home.self) continue;
    if (holding?.valid && !isBackup && !includes(record?.copies ?? 0, self)) {
      return { property: copySet, detail: `${self} has a copy of ${key}` };
    }
    if (isBackup && !holds(holding, record)) {
      return {
        property: held,
        detail: `${holding?.entry.version} of ${key} at ${self}, not ${entry.version}`,
      };
    }
  }
  return undefined;
}

interface Seen {
  readonly self: ReplicaId;
  readonly holdings: Holding | undefined;
  readonly isBackup: boolean;
}

function sightOf(replica: ReadReplicationReplica, key: Key): Seen {
  return { self: replica.self, holdings: replica.holdings.get(key), isBackup: replica.isBackup(key) };
}

/** A backup holds what was applied, or what is being applied. */
function holds(holding: Holding | undefined, record: Record | undefined): boolean {
  const entry = holding?.entry ?? absent;
  const round = record?.round;
  return same(entry, record?.entry ?? absent) || (round?.kind === 'change' && same(entry, round.next));
}

function same(one: RawEntry, other: RawEntry): boolean {
  if (one.version !== other.version) return false;
  if (one.value === ABSENT || other.value === ABSENT) return one.value === other.value;
  const { value } = other;
  return one.value.length === value.length && one.value.every((byte, index) => byte === value[index]);
}

function accessFault(
  replicas: readonly ReadReplicationReplica[],
  key: Key,
  home: ReadReplicationReplica,
  record: Record | undefined,
): Fault | undefined {
  const holders = replicas.filter(({ grants }) => grants.has(key));
  const names = holders.map(({ self }) => self).join(' and ');
  if (holders.length > 1) return { property: exclusive, detail: `${names} for ${key}` };
  const [holder] = holders;
  if (holder !== undefined && record?.grant?.holder !== holder.self) {
    return { property: exclusive, detail: `${names} for ${key}, of which its home does not know` };
  }
  const { grant } = record ?? {};
  if (grant === undefined) return undefined;
  const serves = home.settings.whileHeld === 'serve';
  const reader = replicas.find(
    (replica) =>
      replica.self !== grant.holder &&
      !(serves && replica === home) &&
      replica.holdings.get(key)?.valid === true,
  );
  if (reader === undefined) return undefined;
  return { property: halted, detail: `${reader.self} reads ${key}, which ${grant.holder} has` };
}

/** What has ended was applied: the home shows it, or something newer. */
function endFault(
  ends: readonly { readonly key: Key; readonly version: WriteVersion }[],
  key: Key,
  home: ReadReplicationReplica,
  record: Record | undefined,
): Fault | undefined {
  for (const { key: of, version } of ends) {
    if (of !== key) continue;
    const { entry } = record ?? {};
    const shown = entry === undefined || entry.value === ABSENT || Number(entry.version) >= version;
    if (!shown || version > home.home.last) {
      return { property: ended, detail: `version ${version} of ${key}, where ${entry?.version} is` };
    }
  }
  const idle = record !== undefined && record.round === undefined && record.grant === undefined;
  if (!idle || record.queue.length === 0) return undefined;
  return { property: queued, detail: `${record.queue.length} requests for ${key} at ${home.self}` };
}

/** All who remember a change say that it has one version. */
function repeatFault(replicas: readonly ReadReplicationReplica[]): Fault | undefined {
  const versions = new Map<string, WriteVersion>();
  for (const { applied } of replicas) {
    for (const { origin, operation, version } of applied) {
      const name = `${origin} ${operation}`;
      const other = versions.get(name);
      if (other !== undefined && other !== version) {
        return { property: once, detail: `change ${operation} of ${origin} as ${other} and as ${version}` };
      }
      versions.set(name, version);
    }
  }
  return undefined;
}

/** What a member takes for the keys that have a value, beside what their homes say. */
function namesFault(replicas: readonly ReadReplicationReplica[]): Fault | undefined {
  const [first] = replicas;
  if (first === undefined || !replicas.every(({ entered }) => entered)) return undefined;
  const present = new Set<Key>();
  for (const { home } of replicas) {
    for (const [key, { entry }] of home.records) if (entry.value !== ABSENT) present.add(key);
  }
  const living = new Set(replicas.map(({ self }) => self));
  for (const { self, holdings } of replicas) {
    // What only the dead know of is anybody's guess.
    const names = [...holdings.names].filter((key) => living.has(first.homeOf(key)));
    const surplus = names.find((key) => !present.has(key));
    if (surplus !== undefined) return { property: named, detail: `${surplus} has none, but at ${self}` };
    const missing = [...present].find((key) => !holdings.names.has(key));
    if (missing !== undefined) return { property: named, detail: `${missing} has one, but not at ${self}` };
  }
  return undefined;
}

/** Waits for nobody, and serves nobody. */
function idle(replica: ReadReplicationReplica): boolean {
  if (replica.waits) return false;
  if (!replica.entered) return true;
  for (const { queue, round, blank } of replica.home.records.values()) {
    if (queue.length > 0 || round !== undefined || blank) return false;
  }
  return true;
}

function beforeOperation(replica: ReadReplicationReplica, name: OperationName, key: Key): string | undefined {
  if (name !== 'read') return undefined;
  const holding = replica.holdings.get(key);
  if (holding?.valid && holding.as === 'copy') return 'a read hit a copy';
  if (replica.conversations.changing(key)) return 'a read waited for a change of its member';
  return holding !== undefined && !holding.valid ? 'a read found a copy halted' : undefined;
}

function beforeMessage(
  replica: ReadReplicationReplica,
  from: ReplicaId,
  message: Message,
): string | undefined {
  if (message.type === 'parted') return undefined;
  const { key, type } = message;
  const changing = replica.conversations.changing(key);
  switch (type) {
    case 'fetch':
      return round(replica, key) === undefined ? undefined : 'a request came during a change';
    case 'halted':
      return joint(replica, key, from) ? 'two changes were applied together' : undefined;
    case 'halt':
    case 'update':
      return changing ? 'a member was asked to halt while it asked for a change' : undefined;
    case 'store':
      return replica.holdings.get(key)?.valid ? 'a backup was halted' : undefined;
    case 'changed':
      return message.outcome === 'unequal' ? 'a swap found something else' : undefined;
    case 'fetched':
      return message.entry.value === ABSENT && message.keeps ? 'a copy of absence was kept' : undefined;
    default:
      return undefined;
  }
}

function round(replica: ReadReplicationReplica, key: Key): Record['round'] {
  return replica.home.records.get(key)?.round;
}

/** Whether the last answer is here for which changes of several requests wait. */
function joint(replica: ReadReplicationReplica, key: Key, from: ReplicaId): boolean {
  const open = round(replica, key);
  return open?.kind === 'change' && open.served.length > 1 && without(open.awaited, 1 << from) === 0;
}
