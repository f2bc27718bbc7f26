import {
  ABSENT,
  type Expectation,
  equalValues,
  type Key,
  type Members,
  nobody,
  type OperationId,
  only,
  type RawEntry,
  type ReplicaId,
  type Value,
  without,
} from '@dsm/core';
import { absent } from './holdings.js';
import type { Applied, Change, GrantNumber, Outcome, Request, WriteVersion } from './messages.js';

/** A request, and who asks. */
export interface Asked<One extends Request = Request> {
  readonly from: ReplicaId;
  readonly request: One;
}

/** A change that is being served, and what it will have come to. */
export interface Served extends Asked<Change> {
  readonly outcome: Outcome;
  /** 0 unless it is applied. */
  readonly version: WriteVersion;
  /** What a failed swap found. */
  readonly found: RawEntry | undefined;
}

/** What the home of a key waits for: members that have been asked to halt. One at a time for each key. */
export type Round =
  | {
      readonly kind: 'change';
      /** Those that were waiting when it began, one applied behind the other. */
      readonly served: readonly Served[];
      /** Those that will be applied, as home and backups remember them. */
      readonly applied: readonly Applied[];
      /** What will be under the key. */
      readonly next: RawEntry;
      readonly owner: ReplicaId | undefined;
      /** Members whose changes these are. */
      readonly askers: Members;
      /** Holders that were asked to halt, without backups. */
      readonly told: Members;
      awaited: Members;
    }
  | {
      readonly kind: 'acquire';
      readonly holder: ReplicaId;
      readonly operation: OperationId;
      awaited: Members;
    };

/** Write access that a member has. */
export interface Grant {
  readonly holder: ReplicaId;
  /** By which it was asked for. */
  readonly operation: OperationId;
  readonly number: GrantNumber;
}

/** What the home of a key knows of it. */
export class Record {
  /** What was applied last. */
  entry: RawEntry = absent;
  /** The member that shared it. */
  owner: ReplicaId | undefined;
  readonly backups: Members;
  /** The copy set: everybody else that may read a copy of its own. */
  copies: Members = nobody;
  grant: Grant | undefined;
  /** Requests in the order of their arrival. */
  readonly queue: Asked[] = [];
  round: Round | undefined;

  constructor(backups: Members) {
    this.backups = backups;
  }

  /** A member is gone: it reads nothing, and its write access ends, or is not given. What it wrote stands. */
  expel(key: Key, member: ReplicaId): void {
    this.copies = without(this.copies, only(member));
    const { queue, round, grant } = this;
    const own = queue.filter(({ from }) => from === member);
    for (const asked of own) {
      if (asked.request.type === 'acquire') queue.splice(queue.indexOf(asked), 1);
    }
    if (own.some(({ request: { type } }) => type === 'release' || type === 'withdraw')) return;
    if (round?.kind === 'acquire' && round.holder === member) {
      queue.push({ from: member, request: { type: 'withdraw', key, operation: round.operation } });
    } else if (grant?.holder === member) {
      queue.push({ from: member, request: { type: 'release', key, grant: grant.number } });
    }
  }

  /** Whether there is nothing to know. */
  get blank(): boolean {
    const { entry, owner, copies, grant, queue, round } = this;
    if (entry.value !== ABSENT || copies !== nobody || queue.length > 0) return false;
    return owner === undefined && grant === undefined && round === undefined;
  }
}

/** What changes come to, one behind the other. */
export interface Plan {
  readonly served: readonly Served[];
  readonly next: RawEntry;
  readonly owner: ReplicaId | undefined;
  /** Whether anything will be different. */
  readonly news: boolean;
}

/** What deciding takes besides the record. */
export interface Deciding {
  /** The version that a change got before, if it comes once more. */
  knownVersion(from: ReplicaId, operation: OperationId): WriteVersion | undefined;
  nextVersion(): WriteVersion;
}

/** Decides changes, each on what those before it leave. */
export function planned(
  { entry, owner, grant }: Pick<Record, 'entry' | 'owner' | 'grant'>,
  changes: readonly Asked<Change>[],
  deciding: Deciding,
): Plan {
  let [next, heir] = [entry, owner];
  const served: Served[] = [];
  for (const { from, request } of changes) {
    const { deed, operation } = request;
    const known = deciding.knownVersion(from, operation);
    if (known !== undefined) {
      served.push({ from, request, outcome: 'applied', version: known, found: undefined });
      continue;
    }
    const outcome = outcomeOf({ from, request }, { entry: next, owner: heir, grant });
    const found = outcome === 'unequal' ? next : undefined;
    if (outcome !== 'applied') {
      served.push({ from, request, outcome, version: 0, found });
      continue;
    }
    const number = deciding.nextVersion();
    next = deed.value === ABSENT ? absent : { value: deed.value, version: number };
    if (deed.kind === 'share') heir = from;
    if (deed.kind === 'revoke') heir = undefined;
    served.push({ from, request, outcome, version: number, found });
  }
  return { served, next, owner: heir, news: next !== entry || heir !== owner };
}

function outcomeOf(
  { from, request }: Asked<Change>,
  { entry, owner, grant }: Pick<Record, 'entry' | 'owner' | 'grant'>,
): Outcome {
  const { deed } = request;
  if (request.grant !== 0 && request.grant !== grant?.number) return 'released';
  if (deed.kind === 'swap') return matches(entry, deed.expected) ? 'applied' : 'unequal';
  if (deed.kind === 'write') return 'applied';
  return owner === undefined || owner === from ? 'applied' : 'owned';
}

/** No more changes are applied together: each is named in one message to the backups, which must fit into a frame. */
export const changesPerRound = 4_096;

/**
 * Takes the changes out of a queue from a place on, up to a request of another kind, that may be served; those that may
 * not stay where they are, and what is too much for one round waits for the next.
 */
export function takenFrom(queue: Asked[], first: number, admits: (asked: Asked) => boolean): Asked<Change>[] {
  const taken: Asked<Change>[] = [];
  let [at, kept] = [first, first];
  for (let asked = queue[at]; asked !== undefined && taken.length < changesPerRound; asked = queue[at]) {
    if (!admits(asked)) {
      queue[kept] = asked;
      kept += 1;
    } else if (isChange(asked)) taken.push(asked);
    else break;
    at += 1;
  }
  queue.splice(kept, at - kept);
  return taken;
}

function isChange(asked: Asked): asked is Asked<Change> {
  return asked.request.type === 'change';
}

/** Whether an entry is what a change of this version wrote. */
export function isOf({ value, version }: RawEntry, written: WriteVersion, by: Value): boolean {
  return by === ABSENT ? value === ABSENT : version === written;
}

function matches(current: RawEntry, expected: Expectation): boolean {
  if ('version' in expected) {
    return expected.version === (current.value === ABSENT ? '' : String(current.version));
  }
  return equalValues(current.value, expected.value);
}
